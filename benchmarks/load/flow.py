"""Thousands of products through all five stages with stand-in models: none lost, none doubled.

    python -m benchmarks.load.flow [--products 10000] [--minutes 10]

An ad platform plays a day, squeezed into minutes, with a catalogue that arrives at once at its end. Then every product
must have one verdict of the curator and one outcome of the inpainter; releases train, and what was trained is adopted.
"""

import argparse
import contextlib
import signal
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.load.platform import Heard, hear, photos, play, products
from benchmarks.load.servers import Field, servers
from deploy.capacity.arrivals import Rates, day
from shared.contracts.topics import (
    BACKGROUND_GENERATED,
    BACKGROUND_REJECTED,
    MODEL_PROMOTED,
    PRODUCT_CAPTIONED,
    PRODUCT_SEGMENTED,
    PRODUCT_SUBMITTED,
    SAMPLE_CURATED,
    TOPICS,
    TRAINING_REQUESTED,
)

RESULTS = Path(__file__).parents[1] / "results" / "load_flow.md"
REPLICAS = {"segmenter": 2, "captioner": 1, "curator": 1, "trainer": 1, "inpainter": 2}
LATENCY_S = 0.01
LEARN_FROM = 100
CURATOR = {
    "CURATOR_MIN_SIDE": "64", "CURATOR_MIN_SHARPNESS": "0", "CURATOR_MIN_CONFIDENCE": "0", "CURATOR_MIN_CONTRAST": "0",
    "CURATOR_MAX_DISTANCE": "0", "CURATOR_MIN_WORDS": "0", "CURATOR_TRAIN": '["product"]', "CURATOR_STEPS": "5",
    "CURATOR_RELEASE_EVERY": "20", "CURATOR_MAX_TEXT": "1", "CURATOR_MAX_PARTS": "99", "CURATOR_MAX_DIVIDERS": "99",
}  # fmt: skip
ANSWERS = (PRODUCT_SEGMENTED, PRODUCT_CAPTIONED, SAMPLE_CURATED, BACKGROUND_GENERATED)
QUIET_S = 300.0


def curve(count: int, minutes: float) -> Rates:
    """Four fifths as a day in so many minutes, the rest in its last ten seconds."""
    seconds = max(int(minutes * 60), 20)
    shape = day(1.0, peak=1.9)
    squeezed = np.add.reduceat(shape, np.linspace(0, len(shape), seconds, endpoint=False).astype(int))
    rates: Rates = squeezed / squeezed.sum() * count * 0.8
    rates[-10:] += count * 0.2 / 10
    return rates


def run(field: Field, count: int, minutes: float) -> str:
    """Play it and say what came of it, as a page."""
    name, keys, began = uuid.uuid4().hex[:8], photos(field.blobs), time.monotonic()
    with contextlib.ExitStack() as running:
        for stage, replicas in REPLICAS.items():
            settings = CURATOR if stage == "curator" else None
            running.enter_context(field.replicas(stage, replicas, latency=LATENCY_S, settings=settings))
        said = play(field.kafka, products(name, count, keys, may_train=LEARN_FROM), curve(count, minutes))
        played = time.monotonic() - began
        topics = [topic.name for topic in ANSWERS] + [BACKGROUND_REJECTED.name]
        heard = hear(field.kafka, topics, name, until=Complete(count), patience_s=6 * 3600)
        took = time.monotonic() - began
        time.sleep(5)  # what is said twice may still come
        heard = hear(field.kafka, topics, name, until=Complete(count), patience_s=60)
        dead = hear(field.kafka, [topic.dead for topic in TOPICS], "", until=lambda _: False, patience_s=10)
        learned = hear(
            field.kafka, [TRAINING_REQUESTED.name, MODEL_PROMOTED.name], "", until=lambda _: False, patience_s=10
        )
    return report(said, played, took, heard, dead, learned)


class Complete:
    """Whether every product has all its answers, or nothing comes any more."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._most, self._since = 0, time.monotonic()

    def __call__(self, heard: Mapping[str, Heard]) -> bool:
        """Enough is heard."""
        total = sum(len(one.moments) for one in heard.values())
        if total > self._most:
            self._most, self._since = total, time.monotonic()
        whole = all(len(heard[topic.name].ids) >= self._count for topic in ANSWERS)
        return whole or time.monotonic() - self._since > QUIET_S


def report(
    said: int, played: float, took: float, heard: Mapping[str, Heard], dead: Mapping[str, Heard],
    learned: Mapping[str, Heard],
) -> str:  # fmt: skip
    """The page of results; `lost` and `doubled` are what it is about."""
    rows = []
    for topic in ANSWERS:
        one = heard[topic.name]
        rows.append(
            f"| `{topic.name}` | {len(one.ids):,} | {said - len(one.ids):,} | {len(one.doubled):,} | {one.repeated:,} |"
        )
    rejected, letters = len(heard[BACKGROUND_REJECTED.name].ids), sum(len(one.moments) for one in dead.values())
    trained, promoted = (len(learned[topic.name].moments) for topic in (TRAINING_REQUESTED, MODEL_PROMOTED))
    return "\n".join([
        "# A day of products through all five stages, stand-in models",
        "",
        f"{said:,} products on `{PRODUCT_SUBMITTED.name}` in {played / 60:.0f} minutes: a day's curve, then a fifth of",
        f"them at once. Replicas: {', '.join(f'{n} {stage}' for stage, n in REPLICAS.items())}; real Kafka, MinIO,",
        f"PostgreSQL; all answered after {took / 60:.0f} minutes, other work on the machine included.",
        "",
        f"`python -m benchmarks.load.flow --products {said}`",
        "",
        "| topic | products answered | lost | doubled (two ids) | said again (same id) |",
        "|---|---|---|---|---|",
        *rows,
        "",
        f"Rejected: {rejected}. Dead letters: {letters}. Trainings asked for by the curator: {trained}; promoted and",
        f"adopted: {promoted}.",
        "",
    ])  # fmt: skip


def main() -> None:
    """Write the page; status 1 when anything is lost or doubled."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers and replicas end with it
    with servers() as field:
        page = run(field, options.products, options.minutes)
    print(page)
    RESULTS.write_text(page)


if __name__ == "__main__":
    main()
