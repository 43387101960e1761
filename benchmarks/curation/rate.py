"""How fast photos and windows of engagement are written down.

Events as JSON to verdicts, in batches as the handlers get them. Without Kafka (benchmarks/event_rate.py has that) and
without opening photos: what pixels say is drawn at random, two in a hundred like another picture. Seconds are of the
processor, of this process alone; those of a PostgreSQL server are not in it, so a rate by the clock stands beside.
"""

import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.curation.samples import fill, paged, ref
from services.curator.core import CurateSamples, sample_of
from services.curator.engagement import RecordEngagement
from services.curator.handlers import PHOTOS_AT_ONCE, WINDOWS_AT_ONCE
from services.curator.migrations import upgrade
from services.curator.pixels.looks import Looks
from services.curator.records import Sample
from services.curator.rules import judge_pixels
from services.curator.store.catalogue import SqlCatalogue
from services.curator.verdicts import Measured
from shared.contracts.events import Caption, ProductCaptioned, ProductEngaged, ProductFacts, Segmentation
from shared.database.sessions import open_engine
from shared.runtime.folder_blobs import FolderBlobs

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CAPTION = Caption(
    product_short="blue mug",
    product_long="a blue mug",
    captioner="1",
    background_short="oak table, brick wall",
    background_long="an oak table by a wall",
)


class Unopened(CurateSamples):
    """Sees pixels without opening them."""

    def _seen(self, event: ProductCaptioned, scores: dict[str, float]) -> Sample:
        seen = Looks(
            width=512,
            height=512,
            sharpness=200.0,
            brightness=0.5,
            contrast=0.5,
            clipped=0.0,
            text=0.0,
            parts=1,
            phash=int(event.image.key.removeprefix("images/"), 16),
        )
        return sample_of(event, judge_pixels(Measured(seen), scores, self.pixel_rules), seen)


@dataclass(frozen=True)
class CurationRate:
    """So many records in so much time."""

    records: int
    cpu_s: float
    wall_s: float

    def __str__(self) -> str:
        return f"{self.records / self.cpu_s:,.0f} records/s·core, {self.records / self.wall_s:,.0f} by the clock"


def rates(database: str, *, known: int, records: int) -> dict[str, CurationRate]:
    """How fast photos and windows are written down."""
    upgrade(database)
    engine = open_engine(database)
    fill(engine, known)
    catalogue, blobs = SqlCatalogue(engine), FolderBlobs(Path(tempfile.gettempdir()), "backdrop")
    curate, engage = Unopened(catalogue=catalogue, blobs=blobs), RecordEngagement(catalogue, blobs)
    read, met = ProductCaptioned.model_validate_json, ProductEngaged.model_validate_json
    timed(paged(photos(200, 7), PHOTOS_AT_ONCE), lambda batch: curate([read(one) for one in batch]))  # warms up
    return {
        "photos": timed(paged(photos(records, 8), PHOTOS_AT_ONCE), lambda batch: curate([read(one) for one in batch])),
        "windows": timed(
            paged(windows(records, 8), WINDOWS_AT_ONCE), lambda batch: engage([met(one) for one in batch])
        ),
    }


def timed(batches: Iterable[list[bytes]], handle: Callable[[list[bytes]], Any]) -> CurationRate:
    """What handling costs; making the events is left out."""
    made = list(batches)
    cpu, wall = time.process_time(), time.perf_counter()
    for batch in made:
        handle(batch)
    return CurationRate(sum(map(len, made)), time.process_time() - cpu, time.perf_counter() - wall)


def photos(count: int, seed: int) -> Iterator[bytes]:
    """Captioned photos as JSON; two in a hundred differ in three bits from an earlier one."""
    rng, earlier = random.Random(seed), [random.Random(0).getrandbits(64)]
    for number in range(count):
        like = rng.random() < 0.02
        phash = rng.choice(earlier) ^ 0b1_0000_0001_0000_0001 if like else rng.getrandbits(64)
        earlier = [*earlier[-99:], phash]
        name = f"product-{seed}-{number}"
        yield _captioned(name, phash, merchant=f"shop {number % 99}").model_dump_json().encode()


def _captioned(name: str, phash: int, *, merchant: str) -> ProductCaptioned:
    found = Segmentation(mask=ref(f"masks/{name}"), confidence=0.95, backdrop="scene", area=0.2, segmenter="1")
    return ProductCaptioned(
        product_id=name,
        image=ref(f"images/{phash:016x}"),
        facts=ProductFacts(title="A blue mug", category="mugs", merchant=merchant, may_train=True),
        segmentation=found,
        caption=CAPTION,
    )


def windows(count: int, seed: int) -> Iterator[bytes]:
    """An hour of engagement of each of those products."""
    for number in range(count):
        yield (
            ProductEngaged(
                product_id=f"product-{seed}-{number}",
                impressions=100,
                clicks=3,
                window_start=NOON,
                window_end=NOON + timedelta(hours=1),
            )
            .model_dump_json()
            .encode()
        )
