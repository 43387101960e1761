"""A small submission with its answers, for the tests of progress, results and the page."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from backdrop.submitting.photos import ProductPhoto, RefusedPhoto
from backdrop.submitting.submissions import Submission, SubmittedProduct, new_submission, refused, submitted
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.events import (
    BackgroundGenerated,
    GeneratedImage,
    ProductFacts,
    Scene,
    Scores,
)
from shared.contracts.images import encode_image
from tests.fakes.blobs import MemoryBlobs

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PHOTO = encode_image(np.full((48, 40, 3), 200, np.uint8))
MASK = encode_image(np.full((48, 40), 255, np.uint8))
SCENES = (Scene(prompt="on <marble>"), Scene())


def product(name: str = "cup", data: bytes = PHOTO, now: datetime = NOON) -> SubmittedProduct:
    """A product that was submitted with two scenes."""
    photo = ProductPhoto(product_id=name, path=Path(f"{name}.png"), facts=ProductFacts(title="A <b>cup</b>"))
    return submitted(photo, data, SCENES, mask=None, now=now)


def never_submitted() -> SubmittedProduct:
    """One that the client refused."""
    return refused(RefusedPhoto(product_id="film", reason="format_not_taken", detail="film.gif is a GIF"), SCENES)


def submission(*products: SubmittedProduct) -> Submission:
    """A submission at noon."""
    return new_submission(products, now=NOON)


def reference(key: str, data: bytes) -> BlobRef:
    """What an event says of stored bytes."""
    return BlobRef(bucket="backdrop", key=key, sha256=digest(data), size=len(data))


def stored(*products: SubmittedProduct) -> MemoryBlobs:
    """The bytes behind photos, mask and outputs."""
    blobs = MemoryBlobs()
    for one in products:
        if one.image_key:
            blobs.put(one.image_key, PHOTO, "image/png")
    blobs.put("masks/m.png", MASK, "image/png")
    blobs.put("backgrounds/r/0.png", PHOTO, "image/png")
    return blobs


def generated(one: SubmittedProduct, index: int = 0, *, turned_down: int = 0) -> BackgroundGenerated:
    """A good answer to the scene at `index`."""
    image = GeneratedImage(
        image=reference("backgrounds/r/0.png", PHOTO),
        seed=7,
        prompt="on <marble>",
        scores=Scores(expansion=0.01, shrinkage=0.0, seam=0.02, adherence=0.9, judge=0.8),
        plate="white-marble-1",
        strength=0.4,
        model="mini@base",
    )
    return BackgroundGenerated(
        product_id=one.product_id,
        request_id=one.asked[index].request_id,
        scene=one.asked[index].scene,
        photo=reference(str(one.image_key), PHOTO),
        mask=reference("masks/m.png", MASK),
        images=(image,),
        refused=(image,) * turned_down,
        notes=("not understood: quokka",),
    )
