"""Measures on outputs whose defects were made on purpose."""

import numpy as np

from shared.contracts.images import Pixels
from shared.measures.fidelity import Fidelity, fidelity


def scene(grown: int = 0, halo: int | None = None) -> tuple[Pixels, Pixels, Pixels]:
    """Output, photo and mask of a red square on green, `grown` pixels larger on each side, with a ring of `halo`."""
    mask = np.zeros((200, 200), np.uint8)
    mask[60:140, 60:140] = 255
    photo = np.full((200, 200, 3), 255, np.uint8)
    photo[mask == 255] = (200, 30, 30)
    output = np.full((200, 200, 3), (40, 120, 60), np.uint8)
    if halo is not None:
        output[58:142, 58:142] = halo
    output[60 - grown : 140 + grown, 60 - grown : 140 + grown] = (200, 30, 30)
    return output, photo, mask


def test_a_clean_output_has_neither_grown_nor_shrunk() -> None:
    found = fidelity(*scene())
    assert found.expansion < 0.01 and found.shrinkage < 0.01 and found.seam < 0.01


def test_a_grown_product_is_measured_by_its_area() -> None:
    assert abs(fidelity(*scene(grown=6)).expansion - (92**2 - 80**2) / 80**2) < 0.08


def test_a_shrunken_product_is_measured_by_its_area() -> None:
    found = fidelity(*scene(grown=-2))
    assert abs(found.shrinkage - (80**2 - 76**2) / 80**2) < 0.01
    assert found.expansion < 0.01


def test_a_white_ring_is_a_seam() -> None:
    assert fidelity(*scene(halo=255)).seam > 0.2


def test_a_rim_that_the_photo_has_too_is_no_seam() -> None:
    output, photo, mask = scene(halo=255)
    photo[:] = (90, 90, 90)
    photo[58:142, 58:142] = 255
    photo[mask == 255] = (200, 30, 30)
    assert fidelity(output, photo, mask).seam < 0.01


def test_a_seam_is_the_step_beyond_the_photos_own() -> None:
    output, photo, mask = scene(halo=255)
    photo[:] = (90, 90, 90)
    photo[58:142, 58:142] = 200
    photo[mask == 255] = (200, 30, 30)
    # red: the product's own 200 is next to it; green and blue: the photo's rim of 200 is allowed
    assert abs(fidelity(output, photo, mask).seam - 55 / 255) < 0.01


def test_a_mask_of_one_column_can_be_measured() -> None:
    mask = np.zeros((60, 60), np.uint8)
    mask[:, 30] = 255
    picture = np.zeros((60, 60, 3), np.uint8)
    assert fidelity(picture, picture, mask).expansion == 0.0
    picture[:, 30] = 255
    assert fidelity(picture, picture, mask) == Fidelity(expansion=0.0, shrinkage=0.0, seam=0.0)


def test_a_product_that_fills_the_picture_has_no_edge_to_measure() -> None:
    picture, mask = np.full((80, 80, 3), 90, np.uint8), np.full((80, 80), 255, np.uint8)
    assert fidelity(picture, picture, mask) == Fidelity(expansion=0.0, shrinkage=0.0, seam=0.0)
