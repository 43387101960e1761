"""Thousands of products through all five stages with stand-in models: none lost, none doubled.

    python -m benchmarks.load.flow [--products 10000] [--minutes 10]

An ad platform plays a day, squeezed into minutes, with a catalogue that arrives at once at its end. Then every product
must have one verdict of the curator and one outcome of the inpainter; releases ask for trainings.
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

from benchmarks.load.platform import HeardOnTopic, hear, photos, play, products
from benchmarks.load.servers import Field, servers
from deploy.capacity.arrivals import Rates, day
from shared.contracts.topics import (
    BACKGROUND_GENERATED,
    BACKGROUND_REJECTED,
    MODEL_PROMOTED,
    MODEL_TRAINED,
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
ANSWERS = {
    "segmenter": (PRODUCT_SEGMENTED,), "captioner": (PRODUCT_CAPTIONED,), "curator": (SAMPLE_CURATED,),
    "inpainter": (BACKGROUND_GENERATED, BACKGROUND_REJECTED),
}  # fmt: skip
TOPICS_OF_ANSWERS = [topic.name for topics in ANSWERS.values() for topic in topics]
READS = {
    "segmenter": PRODUCT_SUBMITTED, "captioner": PRODUCT_SEGMENTED, "curator": PRODUCT_CAPTIONED,
    "inpainter": PRODUCT_CAPTIONED,
}  # fmt: skip
HEARD = [PRODUCT_SUBMITTED.name, *TOPICS_OF_ANSWERS]
LEARNING = [TRAINING_REQUESTED.name, MODEL_TRAINED.name, MODEL_PROMOTED.name]
QUIET_S = 300.0
TELL_S = 30.0


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
    name, keys = uuid.uuid4().hex[:8], photos(field.blobs)
    with contextlib.ExitStack() as running:
        for stage, replicas in REPLICAS.items():
            settings = CURATOR if stage == "curator" else None
            running.enter_context(field.replicas(stage, replicas, latency=LATENCY_S, settings=settings))
        began = time.time()
        said = play(field.kafka, products(name, count, keys, may_train=LEARN_FROM), curve(count, minutes))
        heard = hear(field.kafka, HEARD, name, until=Complete(count), patience_s=6 * 3600)
        learned = hear(field.kafka, LEARNING, "", until=all_trained, patience_s=600)
        dead = hear(field.kafka, [topic.dead for topic in TOPICS], "", until=lambda _: True, patience_s=600)
    took = max((moment for one in heard.values() for moment in one.moments), default=began) - began
    return report(said, minutes, took, heard, dead, learned)


def _waited(stage: str, heard: Mapping[str, HeardOnTopic]) -> str:
    waits = waits_of(stage, heard) or [0.0]
    return ", ".join(f"{np.quantile(waits, share):.1f} s" for share in (0.5, 0.95, 1.0))


def all_trained(heard: Mapping[str, HeardOnTopic]) -> bool:
    """Every training that was asked for has ended."""
    return len(heard[MODEL_TRAINED.name].moments) >= len(heard[TRAINING_REQUESTED.name].moments)


class Complete:
    """Whether every product has all its answers, or nothing comes any more."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._most, self._since, self._told = 0, time.monotonic(), 0.0

    def __call__(self, heard: Mapping[str, HeardOnTopic]) -> bool:
        """Enough is heard."""
        total = sum(len(one.moments) for one in heard.values())
        if total > self._most:
            self._most, self._since = total, time.monotonic()
        if time.monotonic() - self._told > TELL_S:
            self._told = time.monotonic()
            print(", ".join(f"{topic}: {len(one.ids)}" for topic, one in heard.items()), flush=True)
        whole = all(len(answers_of(stage, heard).ids) >= self._count for stage in ANSWERS)
        return whole or time.monotonic() - self._since > QUIET_S


def answers_of(stage: str, heard: Mapping[str, HeardOnTopic]) -> HeardOnTopic:
    """What one stage said, whichever of its topics it said it on."""
    together = HeardOnTopic()
    for topic in ANSWERS[stage]:
        for product, ids in heard[topic.name].ids.items():
            together.ids[product] |= ids
        together.first |= heard[topic.name].first
        together.moments += heard[topic.name].moments
    return together


def waits_of(stage: str, heard: Mapping[str, HeardOnTopic]) -> list[float]:
    """Seconds from when a stage could read each product until its first answer: its place in the queue, mostly."""
    since = heard[READS[stage].name].first
    return [at - since[product] for product, at in answers_of(stage, heard).first.items() if product in since]


def report(
    said: int, minutes: float, took: float, heard: Mapping[str, HeardOnTopic], dead: Mapping[str, HeardOnTopic],
    learned: Mapping[str, HeardOnTopic],
) -> str:  # fmt: skip
    """The page of results; `lost` and `doubled` are what it is about."""
    rows = []
    for stage in ANSWERS:
        one = answers_of(stage, heard)
        rows.append(
            f"| {stage} | {len(one.ids):,} | {said - len(one.ids):,} | {len(one.doubled):,} | {one.repeated:,} "
            f"| {_waited(stage, heard)} |"
        )
    rejected, letters = len(heard[BACKGROUND_REJECTED.name].ids), sum(len(one.moments) for one in dead.values())
    trained, promoted = (len(learned[topic.name].moments) for topic in (TRAINING_REQUESTED, MODEL_PROMOTED))
    return "\n".join([
        "# A day of products through all five stages, stand-in models",
        "",
        f"{said:,} products on `{PRODUCT_SUBMITTED.name}` in {minutes:g} minutes: a day's curve, then a fifth of",
        f"them at once. Replicas: {', '.join(f'{n} {stage}' for stage, n in REPLICAS.items())}; real Kafka, MinIO,",
        f"PostgreSQL; the last answer came after {took / 60:.1f} minutes, other work on the machine included.",
        "",
        f"`python -m benchmarks.load.flow --products {said} --minutes {minutes:g}`",
        "",
        "| stage | answered | lost | doubled (two ids) | said again (same id) | waited: median, p95, longest |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        f"Rejected: {rejected}. Dead letters: {letters}. Trainings asked for by the curator: {trained}; promoted:",
        f"{promoted}.",
        "",
    ])  # fmt: skip


def main() -> None:
    """Write the page; the numbers in it are what was heard."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # servers and replicas end with it
    with servers() as field:
        page = run(field, options.products, options.minutes)
    print(page, flush=True)
    RESULTS.write_text(page)


if __name__ == "__main__":
    main()
