"""Plates of engaged pictures: the product is gone, the surface's far edge is found."""

import numpy as np

from services.curator.records import Option
from services.curator.taste.empty_scenes import EmptyScenes, surface_line, without_product
from shared.contracts.blobs import BlobRef, digest
from shared.contracts.images import Pixels, decode_photo, encode_image
from tests.fakes.blobs import MemoryBlobs


def photo_and_mask(line: int = 120) -> tuple[Pixels, Pixels]:
    """A red product on a brown surface before a grey wall, 200 pixels high and wide."""
    photo = np.full((200, 200, 3), (150, 150, 152), dtype=np.uint8)
    photo[line:] = (120, 80, 50)
    mask = np.zeros((200, 200), dtype=np.uint8)
    mask[60:160, 80:120] = 255
    photo[mask > 0] = (250, 10, 10)
    return photo, mask


def test_what_was_behind_the_product_is_filled_from_beside_it() -> None:
    photo, mask = photo_and_mask()
    empty = without_product(photo, mask)
    assert int(empty[..., 0].max()) <= 152  # nothing of the red is left
    assert np.abs(empty[70, 100].astype(int) - (150, 150, 152)).max() <= 2
    assert np.abs(empty[150, 100].astype(int) - (120, 80, 50)).max() <= 2
    assert (empty[:, :20] == photo[:, :20]).all()


def test_a_picture_that_is_all_product_stays_as_it_is() -> None:
    photo, _ = photo_and_mask()
    assert (without_product(photo, np.full((200, 200), 255, dtype=np.uint8)) == photo).all()


def test_the_far_edge_of_the_surface_is_a_fraction_of_the_height() -> None:
    photo, mask = photo_and_mask(line=110)
    assert surface_line(photo, mask) is not None and abs((surface_line(photo, mask) or 0) - 0.55) <= 0.02
    plain, _ = photo_and_mask(line=200)
    assert surface_line(plain, mask) is None


def option(blobs: MemoryBlobs, **given: object) -> Option:
    refs = dict[str, BlobRef]()
    for name, pixels in zip(("image", "mask"), photo_and_mask(), strict=True):
        data = encode_image(pixels)
        refs[name] = blobs.put(f"backgrounds/r/{digest(data)}.png", data, "image/png")
    return Option(product_id="mug", request_id="r", captions=("on oak",), **(refs | given))  # type: ignore[arg-type]


def test_an_option_from_text_alone_becomes_a_plate_and_one_from_a_plate_has_it_already() -> None:
    blobs = MemoryBlobs()
    plate = EmptyScenes(blobs).plate(option(blobs))
    assert plate is not None and plate.captions == ("on oak",) and plate.surface_line is not None
    assert decode_photo(blobs.get(plate.image.key)).size == (plate.image.width, plate.image.height) == (200, 200)
    assert EmptyScenes(blobs).plate(option(blobs, plate="oak-1")) is None
    assert EmptyScenes(blobs).plate(option(blobs, mask=None)) is None


def test_bytes_that_are_gone_make_no_plate() -> None:
    blobs = MemoryBlobs()
    lost = option(blobs)
    blobs.stored.clear()
    assert EmptyScenes(blobs).plate(lost) is None
