"""Quick scenes drawn per processor second at 128 px, beside a fixed yardstick in the same run.

    python -m benchmarks.quick_renderer [--size 128] [--pictures 300] [--rounds 6]

One thread. The yardstick is a Gaussian blur (2 px) of an RGB picture in float32; how many of them one picture costs
does not depend on how busy the machine is. The first round of each kind, when the tile banks are empty, stands apart.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np

from bundled.quick import quick_scenes
from bundled.quick.render import Kind

RESULTS = Path(__file__).parent / "results" / "quick_renderer.json"
GOAL = 300  # scenes per second and core


@dataclass(frozen=True)
class Round:
    """What a round cost per picture, in processor seconds, and a yardstick before and after it."""

    picture_s: float
    yardstick_s: float


def main() -> None:
    given = _arguments()
    cv2.setNumThreads(1)
    streams = {kind: quick_scenes(given.seed, given.size, kind) for kind in get_args(Kind)}
    rounds: dict[str, list[Round]] = {kind: [] for kind in streams}
    for _ in range(given.rounds + 1):
        for kind, stream in streams.items():
            rounds[kind].append(measured(stream, given.pictures, given.size))
    kinds = {kind: figures(some) for kind, some in rounds.items()}
    command = f"python -m benchmarks.quick_renderer --size {given.size} --pictures {given.pictures}"
    report = {"command": f"{command} --rounds {given.rounds}", "goal": GOAL, "size_px": given.size, "kinds": kinds}
    print(table(kinds))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(report, indent=2) + "\n")


def measured(stream: Iterator[Any], pictures: int, size: int) -> Round:
    """One round: that many pictures between two yardsticks."""
    blurred = np.random.default_rng(0).random((size, size, 3), np.float32)

    def yardstick() -> float:
        return processor_s(lambda: all(cv2.GaussianBlur(blurred, (0, 0), 2.0).size for _ in range(300))) / 300

    before = yardstick()
    spent = processor_s(lambda: sum(1 for _ in islice(stream, pictures)))
    return Round(spent / pictures, (before + yardstick()) / 2)


def processor_s(work: Callable[[], object]) -> float:
    """Processor seconds that the work takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def figures(rounds: list[Round]) -> dict[str, float]:
    """Pictures per processor second and yardsticks per picture: medians, and the first round alone."""
    first, *later = rounds
    return {
        "pictures_per_s": round(statistics.median(1 / some.picture_s for some in later), 1),
        "slowest_round_per_s": round(min(1 / some.picture_s for some in later), 1),
        "first_round_per_s": round(1 / first.picture_s, 1),
        "yardsticks_per_picture": round(statistics.median(some.picture_s / some.yardstick_s for some in later), 1),
        "yardstick_us": round(statistics.median(some.yardstick_s for some in later) * 1e6, 1),
    }


def table(kinds: dict[str, dict[str, float]]) -> str:
    """The figures as Markdown."""
    rows = ["| | " + " | ".join(next(iter(kinds.values()))).replace("_", " ") + " |", "|---" * 6 + "|"]
    return "\n".join([*rows, *(f"| {kind} | {' | '.join(map(str, some.values()))} |" for kind, some in kinds.items())])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--pictures", type=int, default=300, help="per kind and round")
    parser.add_argument("--rounds", type=int, default=6, help="after the first")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
