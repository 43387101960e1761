"""Every service is restarted, one process after the other, while products arrive: none lost, none doubled, no long gap.

    python -m benchmarks.load.rolling [--products 600] [--seconds 120]

So many products at least, by Kafka and by HTTP, at that rate; more as long as processes are replaced. Trainings are
asked for all the while.
"""

import argparse
import contextlib
import itertools
import signal
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.load.flow import ANSWERS, TOPICS_OF_ANSWERS, Complete, answers_of
from benchmarks.load.platform import HeardOnTopic, hear, photos, play, products
from benchmarks.load.servers import Field, servers
from benchmarks.load.visitor import Visitor
from deploy.capacity.arrivals import steady
from shared.contracts.events import TrainingRequested
from shared.contracts.topics import MODEL_TRAINED, PRODUCT_SUBMITTED
from tests.fakes.dataset import put_dataset

RESULTS = Path(__file__).parents[1] / "results" / "load_rolling.md"
TWO_OF = ("segmenter", "captioner", "inpainter", "curator", "trainer")
LATENCY_S = 0.05
START_S, PATIENCE_S = 300.0, 1800.0
LONGEST_S, MOST = 3 * 3600, 10**9  # nothing is ended by these
VISIT_S, TRAINING_S = 1.0, 2.0  # one of each so often
STEPS = 5
T = TypeVar("T")


@dataclass(frozen=True)
class Rolled:
    """What a rolling restart did to one service's answers.

    `usual_s`, `gap_s`: the middle and the longest time without one, work waiting.
    """

    given: int
    lost: int
    doubled: int
    repeated: int
    usual_s: float
    gap_s: float


class Rolling:
    """Two processes of every service, and how each is replaced by a new one."""

    def __init__(self, field: Field, standing: contextlib.ExitStack) -> None:
        self.gateways: list[str] = []
        self._field, self._standing = field, standing
        self._old = [(stage, self._one(stage)) for stage in TWO_OF for _ in range(2)]
        self._doors = [self._door() for _ in range(2)]

    def replace_all(self) -> None:
        """In the flow's order, the successor first, as a rolling update does."""
        for stage, replica in self._old:
            self._one(stage)
            replica.close()
        for door in self._doors:
            self._door()
            door.close()

    def _one(self, stage: str) -> contextlib.ExitStack:
        """One replica that can be ended before the others."""
        replica = self._standing.enter_context(contextlib.ExitStack())
        replica.enter_context(self._field.replicas(stage, 1, latency=LATENCY_S))
        return replica

    def _door(self) -> contextlib.ExitStack:
        door = self._standing.enter_context(contextlib.ExitStack())
        address = door.enter_context(self._field.gateway())
        self.gateways.append(address)
        door.callback(self.gateways.remove, address)  # before its process ends, as a cluster takes it out of its list
        return door


def run(field: Field, count: int, seconds: int) -> dict[str, Rolled]:
    """Products and trainings arrive until the last process is replaced, and `count` products at least."""
    name, keys, rolled = uuid.uuid4().hex[:8], photos(field.blobs), threading.Event()
    put_dataset(field.blobs)
    with contextlib.ExitStack() as standing, ThreadPoolExecutor(3) as crowd:
        rolling = Rolling(field, standing)
        _warm(field, name, keys)
        began, visitor = time.time(), Visitor(rolling.gateways, field.blobs.get(keys[0]))
        try:
            submitted = until(rolled, products(name, MOST, keys), count)
            said = crowd.submit(play, field.kafka, submitted, steady(count / seconds, seconds=LONGEST_S))
            requested = until(rolled, trainings(name), 1)
            asked = crowd.submit(play, field.kafka, requested, steady(1 / TRAINING_S, seconds=LONGEST_S))
            visits = crowd.submit(visitor.hand_in, until(rolled, doors(name), 1), every_s=VISIT_S)
            rolling.replace_all()
        finally:
            rolled.set()
        visits.result()
        return {
            **_stages(field, name, said.result(), began),
            "trainer": _trainer(field, name, asked.result(), began),
            "gateway": _gateway(field, visitor, began),
        }


def until(done: threading.Event, events: Iterator[T], least: int) -> Iterator[T]:
    """As they come, until it is done, and so many at least."""
    for number, event in enumerate(events):
        if done.is_set() and number >= least:
            return
        yield event


def trainings(run: str) -> Iterator[TrainingRequested]:
    """Short ones on one dataset, each of a model of its own."""
    for number in itertools.count():
        job = f"{run}-{number:06d}"
        yield TrainingRequested(
            job_id=job, stage="product", model=job, dataset="product", dataset_version="0001-abc", steps=STEPS
        )


def doors(run: str) -> Iterator[str]:
    """Names of products that come by HTTP."""
    return (f"door-{run}-{number:06d}" for number in itertools.count())


def _warm(field: Field, name: str, keys: list[str]) -> None:
    """Until a few products have passed, so that all groups have their partitions."""
    play(field.kafka, products(f"warm-{name}", 24, keys), steady(24.0, seconds=1))
    hear(field.kafka, TOPICS_OF_ANSWERS, f"warm-{name}", until=Complete(24), patience_s=START_S)


def _stages(field: Field, name: str, said: int, began: float) -> dict[str, Rolled]:
    heard = hear(field.kafka, TOPICS_OF_ANSWERS, name, until=Complete(said), patience_s=PATIENCE_S)
    return {stage: _rolled(answers_of(stage, heard), said, began) for stage in ANSWERS}


def _trainer(field: Field, name: str, asked: int, began: float) -> Rolled:
    topic = MODEL_TRAINED.name
    heard = hear(field.kafka, [topic], name, until=lambda heard: len(heard[topic].ids) >= asked, patience_s=PATIENCE_S)
    return _rolled(heard[topic], asked, began)


def _gateway(field: Field, visitor: Visitor, began: float) -> Rolled:
    """Lost: accepted and never painted; doubled: submitted with two ids; the gap is one of who asks by HTTP."""
    wanted, prefix = set(visitor.accepted), next(iter(visitor.accepted)).rpartition("-")[0]
    heard = hear(
        field.kafka,
        [PRODUCT_SUBMITTED.name, *TOPICS_OF_ANSWERS],
        prefix,
        until=lambda heard: wanted <= set(answers_of("inpainter", heard).ids),
        patience_s=PATIENCE_S,
    )
    lost, submitted = wanted - set(answers_of("inpainter", heard).ids), heard[PRODUCT_SUBMITTED.name]
    gaps = _gaps([began, *visitor.accepted.values()])
    return Rolled(len(wanted), len(lost), len(submitted.doubled), submitted.repeated, median(gaps), max(gaps))


def _rolled(heard: HeardOnTopic, given: int, began: float) -> Rolled:
    gaps = _gaps([began, *heard.moments])
    return Rolled(given, given - len(heard.ids), len(heard.doubled), heard.repeated, median(gaps), max(gaps))


def _gaps(moments: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(sorted(moments))]


def report(rolled: dict[str, Rolled], count: int, seconds: int) -> str:
    """A row for each service."""
    rows = [
        f"| {name} | {one.given} | {one.lost} | {one.doubled} | {one.repeated} | {one.usual_s:.1f} s "
        f"| {one.gap_s:.1f} s |"
        for name, one in rolled.items()
    ]
    return "\n".join([
        "# A rolling restart of every service under load, stand-in models",
        "",
        "Two processes of each service, each replaced by a new one while work arrives: by Kafka",
        f"{count / seconds:g} products a second, by HTTP one after the other ({VISIT_S:g} s after an answer), and",
        f"a training of {STEPS} steps every {TRAINING_S:g} s.",
        f"`python -m benchmarks.load.rolling --products {count} --seconds {seconds}`",
        "",
        "| service | given | lost | doubled (two ids) | said again (same id) | between answers | at most |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        "The gateway's are products that it accepted: lost would be one that is never painted, a gap is the time from",
        "one that is accepted to the next, its caller's pause included.",
        "",
    ])  # fmt: skip


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--products", type=int, default=600)
    parser.add_argument("--seconds", type=int, default=120)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with servers() as field:
        page = report(run(field, options.products, options.seconds), options.products, options.seconds)
    print(page, flush=True)
    RESULTS.write_text(page)


if __name__ == "__main__":
    main()
