"""What a stage finishes with 1 to 8 replicas, each with a stand-in for its model that takes a set time.

    python -m benchmarks.load.scaling [--stages segmenter captioner inpainter] [--latency 2] [--window 40]

Real Kafka and MinIO. Every replica count finds more messages waiting than it can finish; counted are answers by the
time that Kafka put on them, in a window that begins when every replica has answered. The stages run in the flow's
order, and each finishes at last what is left, so that the next finds as much.
"""

import argparse
import contextlib
import signal
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.load.flow import ANSWERS
from benchmarks.load.platform import HeardOnTopic, hear, photos, play, products
from benchmarks.load.servers import Field, servers
from deploy.capacity.arrivals import steady

RESULTS = Path(__file__).parents[1] / "results" / "load_scaling.md"
REPLICAS = (1, 2, 4, 8)
START_S, LONGEST_S = 600.0, 6 * 3600.0
SPARE = 1.6


def rates(field: Field, stage: str, run: str, *, needed: int, latency: float, window_s: float) -> dict[int, float]:
    """Answers a second by the number of replicas."""
    found = {}
    with listening(field, stage, run) as ear:
        for count in REPLICAS:
            with field.replicas(stage, count, latency=latency):
                ear.wait_for(len(ear.moments) + 3 * count)
                began = time.time()
                time.sleep(window_s)
                inside = [at for at in ear.moments if at >= began]
            found[count] = rate_of(inside)
            print(f"{stage}: {count} replicas, {found[count]:.2f}/s, {found[count] / count / found[1]:.0%}", flush=True)
        with field.replicas(stage, 2, latency=0.0):
            ear.wait_for(needed)
    return found


def rate_of(moments: Sequence[float]) -> float:
    """Answers a second between the first and the last: a window's ends cut through what is in hand."""
    return (len(moments) - 1) / (max(moments) - min(moments))


class Ear:
    """Hears a stage all the while."""

    def __init__(self, stage: str) -> None:
        self.ended = threading.Event()
        self.moments: Sequence[float] = ()  # when each answer came so far, seconds since 1970
        self._stage = stage

    def __call__(self, heard: Mapping[str, HeardOnTopic]) -> bool:
        """Enough is heard once it has ended. Moments are copied here: who hears goes on writing to what was heard."""
        self.moments = [at for topic in ANSWERS[self._stage] for at in heard[topic.name].moments]
        return self.ended.is_set()

    def wait_for(self, count: int) -> None:
        """Until there are so many answers. Raises TimeoutError."""
        ends = time.monotonic() + START_S
        while len(self.moments) < count:
            if time.monotonic() > ends:
                raise TimeoutError(f"the {self._stage} gave {len(self.moments)} answers of {count} in {START_S:.0f} s")
            time.sleep(0.2)


@contextlib.contextmanager
def listening(field: Field, stage: str, run: str) -> Iterator[Ear]:
    """Somebody who hears a stage until the end of the block."""
    ear, topics = Ear(stage), [topic.name for topic in ANSWERS[stage]]
    with ThreadPoolExecutor(1) as thread:
        thread.submit(hear, field.kafka, topics, run, until=ear, patience_s=LONGEST_S)
        try:
            yield ear
        finally:
            ear.ended.set()


def report(found: dict[str, dict[int, float]], latency: float, window_s: float) -> str:
    """A row for each stage: products a second and the share of as many times one replica."""
    head = "| stage | " + " | ".join(f"{count} replicas" for count in REPLICAS) + " | beside its model, a message |"
    rows = [
        f"| {stage} | "
        + " | ".join(f"{rate:.2f}/s, {rate / count / one[1]:.0%}" for count, rate in one.items())
        + f" | {1 / one[1] - latency:.2f} s |"
        for stage, one in found.items()
    ]
    return "\n".join([
        "# Throughput by replicas, stand-in models",
        "",
        f"Each replica is a process with its own core, handlers and stores; its model takes {latency:g} s. Windows of",
        f"{window_s:g} s, 12 partitions, one Kafka and one MinIO. The share is of as many times what one replica does.",
        "What ends it: the partitions, at 12 replicas; on one machine its processor, which is all that replicas share.",
        "",
        f"`python -m benchmarks.load.scaling --latency {latency:g} --window {window_s:g} --stages {' '.join(found)}`",
        "",
        head,
        "|---" * (len(REPLICAS) + 2) + "|",
        *rows,
        "",
    ])  # fmt: skip


def main() -> None:
    """Write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--stages", nargs="+", default=["segmenter", "captioner", "inpainter"])
    parser.add_argument("--latency", type=float, default=2.0)
    parser.add_argument("--window", type=float, default=40.0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers and replicas end with it
    run = uuid.uuid4().hex[:8]
    needed = int(sum(REPLICAS) * (options.window + 60) / options.latency * SPARE)
    with servers() as field:
        play(field.kafka, products(run, needed, photos(field.blobs)), steady(needed / 10, seconds=10))
        found = {
            stage: rates(field, stage, run, needed=needed, latency=options.latency, window_s=options.window)
            for stage in options.stages
        }
    RESULTS.write_text(report(found, options.latency, options.window))


if __name__ == "__main__":
    main()
