"""How fast the curator writes down what it hears, and what memory a release takes: python -m benchmarks.curation.

Rate: events as JSON to verdicts, and windows of engagement, in batches as the handlers get them, over a catalogue that
has `--known` samples already. Without Kafka (benchmarks/event_rate.py has that) and without opening photos: what pixels
say is drawn at random, two in a hundred like another picture. Seconds are of the processor, of this process alone;
those of a PostgreSQL server (`--database postgresql+psycopg://…`) are not in it, so a rate by the clock stands beside.

Release: each size in a process of its own, whose peak memory it is; with `--ray` by as many processes of Ray besides,
in the same bytes: the version's name, a hash over them, stands in what is printed. All samples share the bytes of one
small photo, which each process opens and writes as a member once: what is measured is the curator's own part.
"""

import argparse
import contextlib
import functools
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import numpy as np
from sqlalchemy import Engine, insert

from services.curator.core import CurateSamples, RecordEngagement, sample_of
from services.curator.datasets.contents import MemberReader
from services.curator.datasets.packing import Hands, OwnHands, Supplies
from services.curator.datasets.recipes import DatasetItem
from services.curator.datasets.release import ReleaseDatasets
from services.curator.datasets.selection import Split
from services.curator.datasets.shards import Member
from services.curator.handlers import PHOTOS_AT_ONCE, WINDOWS_AT_ONCE
from services.curator.looks import Looks
from services.curator.migrations import upgrade
from services.curator.records import Sample
from services.curator.rules import judge_pixels
from services.curator.store import rows
from services.curator.store.catalogue import SqlCatalogue
from services.curator.store.tables import SampleRow
from services.curator.verdicts import Measured
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.datasets import DatasetKind, SampleRecord
from shared.contracts.events import Caption, ProductCaptioned, ProductEngaged, ProductFacts, Segmentation
from shared.contracts.images import encode_image
from shared.database.sessions import open_engine
from shared.runtime.folder_blobs import FolderBlobs

T = TypeVar("T")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIDE = 64  # pixels of the photo that all samples of a release share, the smallest that is taken


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


class OpenedOnce(MemberReader):
    """Opens the one photo that all samples share once."""

    files: ClassVar[dict[str, bytes]] = {}

    def _member(self, item: DatasetItem, kind: DatasetKind, split: Split) -> Member:
        if not self.files:
            self.files.update(super()._member(item, kind, split).files)
        assert isinstance(item.source, Sample)
        record = SampleRecord(
            key=item.key,
            captions=item.source.captions,
            kind=kind,
            split=split,
            product_id=item.product_id,
            attributes={"image_sha256": item.source.image.sha256, "scores": item.source.scores},
        )
        return Member(item.key, {**self.files, "json": record.model_dump_json().encode()})


@dataclass(frozen=True)
class CurationRate:
    """So many records in so much time."""

    records: int
    cpu_s: float
    wall_s: float

    def __str__(self) -> str:
        return f"{self.records / self.cpu_s:,.0f} records/s·core, {self.records / self.wall_s:,.0f} by the clock"


def ref(name: str, data: bytes | None = None) -> BlobRef:
    """A picture that is named, and there only where it has bytes."""
    sha256 = digest(name.encode() if data is None else data)
    return BlobRef(bucket="backdrop", key=name, sha256=sha256, size=1, width=512, height=512)


def photos(count: int, seed: int) -> Iterator[bytes]:
    """Captioned photos as JSON; two in a hundred differ in three bits from an earlier one."""
    rng, earlier = random.Random(seed), [random.Random(0).getrandbits(64)]
    for number in range(count):
        like = rng.random() < 0.02
        phash = rng.choice(earlier) ^ 0b1_0000_0001_0000_0001 if like else rng.getrandbits(64)
        earlier = [*earlier[-99:], phash]
        name = f"product-{seed}-{number}"
        yield (
            ProductCaptioned(
                product_id=name,
                image=ref(f"images/{phash:016x}"),
                facts=ProductFacts(title="A blue mug", category="mugs", merchant=f"shop {number % 99}", may_train=True),
                segmentation=Segmentation(
                    mask=ref(f"masks/{name}"), confidence=0.95, backdrop="scene", area=0.2, segmenter="1"
                ),
                caption=Caption(
                    product_short="blue mug",
                    product_long="a blue mug",
                    captioner="1",
                    background_short="oak table, brick wall",
                    background_long="an oak table by a wall",
                ),
            )
            .model_dump_json()
            .encode()
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


def paged(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Batches of at most `size`."""
    left = iter(items)
    while page := list(islice(left, size)):
        yield page


def timed(batches: Iterable[list[bytes]], handle: Callable[[list[bytes]], Any]) -> CurationRate:
    """What handling costs; making the events is left out."""
    made = list(batches)
    cpu, wall = time.process_time(), time.perf_counter()
    for batch in made:
        handle(batch)
    return CurationRate(sum(map(len, made)), time.process_time() - cpu, time.perf_counter() - wall)


def fill(engine: Engine, count: int, picture: BlobRef | None = None, mask: BlobRef | None = None) -> None:
    """Kept samples, past the book: what stands there already."""
    rng = np.random.default_rng(1)
    for page in paged(range(count), 10_000):
        hashes = [int(one) for one in rng.integers(0, 2**64, len(page), dtype=np.uint64)]
        with engine.begin() as connection:
            connection.execute(
                insert(SampleRow),
                [rows.of_sample(_sample(n, h, picture, mask)) for n, h in zip(page, hashes, strict=True)],
            )


def _sample(number: int, phash: int, picture: BlobRef | None, mask: BlobRef | None) -> Sample:
    name = f"known-{number}"
    return Sample(
        product_id=name,
        image=picture or ref(f"images/{name}"),
        mask=mask or ref(f"masks/{name}"),
        product="blue mug",
        captions=("oak table, brick wall", "an oak table by a wall"),
        promoted=True,
        may_train=True,
        reason="kept",
        scores={"sharpness": 200.0, "confidence": 0.95},
        phash=phash,
        category="mugs",
        merchant="shop",
    )


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


def supplies(folder: Path) -> Supplies:
    """What a process of Ray opens, and this one."""
    engine = open_engine(f"sqlite:///{folder / 'catalogue.sqlite'}")
    return Supplies(SqlCatalogue(engine), OpenedOnce(blobs=FolderBlobs(folder, "backdrop")))


def release(folder: Path, samples: int, cores: int) -> None:
    """Release so many samples by so many processes of Ray, or by this one (0), and say what it took."""
    upgrade(f"sqlite:///{folder / 'catalogue.sqlite'}")
    blobs, engine = FolderBlobs(folder, "backdrop"), open_engine(f"sqlite:///{folder / 'catalogue.sqlite'}")
    photo = np.random.default_rng(1).integers(0, 255, (SIDE, SIDE, 3), dtype=np.uint8)
    mask = np.full((SIDE, SIDE), 255, dtype=np.uint8)
    picture, shape = (
        blobs.put(name, encode_image(pixels), "image/png")
        for name, pixels in (("images/one.png", photo), ("masks/one.png", mask))
    )
    fill(engine, samples, picture, shape)
    with hands_of(folder, cores) as hands:
        began, cpu = time.perf_counter(), time.process_time()
        found = ReleaseDatasets(catalogue=SqlCatalogue(engine), blobs=blobs, hands=hands).release("product")
        took = f"{time.process_time() - cpu:,.0f} s of a core here, {time.perf_counter() - began:,.0f} s"
    assert found is not None and found.samples == samples, f"not all samples were released: {found}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    who = f"{cores} processes of Ray" if cores else "one process"
    print(f"{samples:,} samples by {who}: {found.version}, {peak:,.0f} MB here at most, {took}", flush=True)


@contextlib.contextmanager
def hands_of(folder: Path, cores: int) -> Iterator[Hands]:
    """Who packs. Starting Ray is left out of what is measured."""
    if not cores:
        yield OwnHands(supplies(folder))
        return
    from services.curator.datasets.on_ray import RayHands

    with RayHands(functools.partial(supplies, folder), cores=cores) as hands:
        yield hands


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curation", description=__doc__)
    parser.add_argument("--known", type=int, default=100_000, help="samples that are there before")
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--database", help="SQLAlchemy DSN of an empty database; a file of SQLite when absent")
    parser.add_argument("--release", help="sizes of releases, such as 100000,1000000, instead of the rate")
    parser.add_argument("--ray", type=int, default=0, help="by so many processes of Ray; 0: by this process")
    parser.add_argument("--one-release", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="curation-") as folder:
        if given.one_release:
            release(Path(folder), given.one_release, given.ray)
        elif given.release:
            for size in given.release.split(","):
                one = ["--one-release", size, "--ray", str(given.ray)]
                subprocess.run([sys.executable, "-m", "benchmarks.curation", *one], check=True)
        else:
            database = given.database or f"sqlite:///{folder}/catalogue.sqlite"
            for what, rate in rates(database, known=given.known, records=given.records).items():
                print(f"{what}, {given.known:,} known: {rate}", flush=True)


if __name__ == "__main__":
    main()
