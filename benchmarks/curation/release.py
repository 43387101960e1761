"""What a release takes, by one process or by several of Ray.

Each size in a process of its own, whose peak memory it is; by Ray in the same bytes: the version's name, a hash over
them, stands in what is printed. All samples share the bytes of one small photo, which each process opens and writes as
a member once: what is measured is the curator's own part.
"""

import contextlib
import functools
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import numpy as np

from benchmarks.curation.samples import fill
from services.curator.datasets.contents import MemberReader
from services.curator.datasets.packing import Hands, OwnHands, Supplies
from services.curator.datasets.recipes import DatasetItem
from services.curator.datasets.release import ReleaseDatasets
from services.curator.datasets.selection import Split
from services.curator.datasets.shards import Member
from services.curator.migrations import upgrade
from services.curator.records import Sample
from services.curator.store.catalogue import SqlCatalogue
from shared.contracts.datasets import DatasetKind, SampleRecord
from shared.contracts.images import encode_image
from shared.database.sessions import open_engine
from shared.runtime.folder_blobs import FolderBlobs

SIDE = 64  # pixels of the photo that all samples of a release share, the smallest that is taken


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
