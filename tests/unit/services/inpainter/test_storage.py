"""What is stored, what it says of itself, and the promise about its bytes."""

import io

import numpy as np
import pytest
from PIL import Image

from services.inpainter.compose.placement import Placed
from services.inpainter.storage import DIGITAL_SOURCE_TYPE, Origin, OutputStore, check_promise
from shared.contracts.errors import PromiseBroken
from shared.contracts.events import Scores
from shared.contracts.images import Pixels, encode_image
from tests.fakes.blobs import MemoryBlobs

PICTURE = np.random.default_rng(0).integers(0, 255, (40, 30, 3), dtype=np.uint8)
ORIGIN = Origin(prompt="on oak", seed=7, plate="oak-1", strength=0.3, model="mini@base")
SCORES = Scores(expansion=0, shrinkage=0, seam=0, adherence=1, judge=1)


def store(form: str = "png") -> OutputStore:
    return OutputStore(MemoryBlobs(), "r-1", form, "f" * 64)  # type: ignore[arg-type]


def product(pixels: Pixels = PICTURE) -> Placed:
    mask = np.zeros(pixels.shape[:2], np.uint8)
    mask[10:20, 10:20] = 255
    return Placed(pixels, mask, exact=True)


def test_a_picture_says_that_it_was_made_by_ai_from_what() -> None:
    text = Image.open(io.BytesIO(store().encoded(PICTURE, ORIGIN))).text  # type: ignore[attr-defined]
    assert text["digitalSourceType"] == DIGITAL_SOURCE_TYPE
    assert DIGITAL_SOURCE_TYPE in text["XML:com.adobe.xmp"]
    assert (text["plate"], text["seed"], text["photo"], text["model"]) == ("oak-1", "7", "f" * 64, "mini@base")


def test_a_picture_from_text_alone_names_no_plate() -> None:
    origin = Origin(prompt="on oak", seed=7, plate=None, strength=1.0, model="mini@base")
    assert "plate" not in Image.open(io.BytesIO(store().encoded(PICTURE, origin))).text  # type: ignore[attr-defined]


def test_two_pictures_of_one_rank_do_not_overwrite_each_other() -> None:
    shelf = store()
    first, second = (shelf.put(data, (30, 40), ORIGIN, SCORES, "1") for data in (b"one", b"two"))
    assert first.image.key != second.image.key
    assert first.image.key.startswith("backgrounds/r-1/1-")
    assert shelf.blobs.get(first.image.key) == b"one"


def test_a_jpeg_is_named_jpg() -> None:
    assert store("jpeg").put(b"one", (30, 40), ORIGIN, SCORES, "1").image.key.endswith(".jpg")


@pytest.mark.parametrize("form", ["png", "webp"])
def test_a_lossless_file_keeps_the_promise(form: str) -> None:
    check_promise(encode_image(PICTURE, form), product())  # type: ignore[arg-type]


def test_one_product_pixel_that_differs_by_one_breaks_the_promise() -> None:
    changed = PICTURE.copy()
    changed[12, 12, 1] ^= 1
    with pytest.raises(PromiseBroken, match="1 product pixels differ"):
        check_promise(encode_image(changed), product())


def test_a_pixel_of_the_background_may_be_any() -> None:
    changed = PICTURE.copy()
    changed[0, 0] = 0
    check_promise(encode_image(changed), product())


def test_a_lossy_file_cannot_keep_the_promise() -> None:
    with pytest.raises(PromiseBroken, match="product pixels differ"):
        check_promise(encode_image(PICTURE, "jpeg"), product())
