"""Every service is restarted, one process after the other, while products arrive: none lost, none doubled, no long gap.

python -m benchmarks.load.rolling [--products 600] [--seconds 120]
"""

import argparse
import contextlib
import signal
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.load.flow import TOPICS_OF_ANSWERS, Complete, answers_of
from benchmarks.load.platform import Heard, hear, photos, play, products
from benchmarks.load.servers import Field, servers
from deploy.capacity.arrivals import steady

RESULTS = Path(__file__).parents[1] / "results" / "load_rolling.md"
TWO_OF = ("segmenter", "captioner", "inpainter", "curator")
LATENCY_S = 0.05
START_S = 300.0


@dataclass(frozen=True)
class Rolled:
    """What a rolling restart did to one stage's answers; `gap_s`: the longest time without one, products waiting."""

    lost: int
    doubled: int
    repeated: int
    gap_s: float


def run(field: Field, count: int, seconds: int) -> dict[str, Rolled]:
    """Products arrive all the time; a process of each stage ends in order, and when its successor works, the next."""
    name, keys = uuid.uuid4().hex[:8], photos(field.blobs)
    with contextlib.ExitStack() as standing:
        old = [(stage, standing.enter_context(_one(field, stage))) for stage in TWO_OF for _ in range(2)]
        _warm(field, name, keys)
        began = time.time()
        platform = threading.Thread(
            target=play, args=(field.kafka, products(name, count, keys), steady(count / seconds, seconds=seconds))
        )
        platform.start()
        for stage, replica in old:
            standing.enter_context(_one(field, stage))  # the successor first, as a rolling update does
            replica.close()
        platform.join()
        heard = hear(field.kafka, TOPICS_OF_ANSWERS, name, until=Complete(count), patience_s=1800.0)
    return {stage: _rolled(answers_of(stage, heard), count, began) for stage in TWO_OF}


@contextlib.contextmanager
def _one(field: Field, stage: str):  # type: ignore[no-untyped-def]
    """One replica that can be ended before the others."""
    with contextlib.ExitStack() as replica:
        replica.enter_context(field.replicas(stage, 1, latency=LATENCY_S))
        yield replica


def _warm(field: Field, name: str, keys: list[str]) -> None:
    """Until a few products have passed, so that all groups have their partitions."""
    play(field.kafka, products(f"warm-{name}", 24, keys), steady(24.0, seconds=1))
    hear(field.kafka, TOPICS_OF_ANSWERS, f"warm-{name}", until=Complete(24), patience_s=START_S)


def _rolled(heard: Heard, count: int, began: float) -> Rolled:
    moments = sorted([began, *heard.moments])
    gap_s = max(later - earlier for earlier, later in pairwise(moments))
    return Rolled(count - len(heard.ids), len(heard.doubled), heard.repeated, gap_s)


def report(rolled: dict[str, Rolled], count: int, seconds: int) -> str:
    """A row for each stage."""
    rows = [f"| {s} | {one.lost} | {one.doubled} | {one.repeated} | {one.gap_s:.1f} s |" for s, one in rolled.items()]
    return "\n".join([
        "# A rolling restart under load, stand-in models",
        "",
        f"{count} products in {seconds} s; two replicas of each stage, each replaced by a new one while they arrive.",
        f"`python -m benchmarks.load.rolling --products {count} --seconds {seconds}`",
        "",
        "| stage | lost | doubled (two ids) | said again (same id) | longest gap between answers |",
        "|---|---|---|---|---|",
        *rows,
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
