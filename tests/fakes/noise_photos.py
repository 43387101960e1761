"""Photos of noise that the curator has kept: many, all different, cheap to make."""

import numpy as np

from services.curator.records import Sample
from shared.contracts.blobs import BlobStore
from shared.contracts.images import encode_image

GONE = 7


def noise_photo(blobs: BlobStore, number: int, *, side: int) -> Sample:
    """A kept photo in the store, `side` pixels square; number GONE has been changed there since."""
    pixels = np.random.default_rng(number).integers(0, 255, (side, side, 3), dtype=np.uint8)
    image = blobs.put(f"images/noise-{number}.png", encode_image(pixels), "image/png")
    mask = blobs.put("masks/noise.png", encode_image(np.full((side, side), 255, np.uint8)), "image/png")
    if number == GONE:
        image = image.model_copy(update={"sha256": "0" * 64})
    return Sample(
        product_id=f"product {number}",
        image=image,
        mask=mask,
        captions=("a wall",),
        product="mug",
        promoted=True,
        may_train=True,
        reason="kept",
    )
