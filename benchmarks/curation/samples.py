"""Samples that nobody photographed: what stands in a catalogue already."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

import numpy as np
from sqlalchemy import Engine, insert

from services.curator.records import Sample
from services.curator.store import rows
from services.curator.store.tables import SampleRow
from shared.contracts.blobs import BlobRef, digest

T = TypeVar("T")


def ref(name: str, data: bytes | None = None) -> BlobRef:
    """A picture that is named, and there only where it has bytes."""
    sha256 = digest(name.encode() if data is None else data)
    return BlobRef(bucket="backdrop", key=name, sha256=sha256, size=1, width=512, height=512)


def paged(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Batches of at most `size`."""
    left = iter(items)
    while page := list(islice(left, size)):
        yield page


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
