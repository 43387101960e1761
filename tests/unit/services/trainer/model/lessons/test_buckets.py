"""Pictures of like shape learn together, in sizes that the UNet can halve."""

import numpy as np
import pytest

from services.trainer.model.lessons import data
from services.trainer.model.lessons.buckets import frame_of, frames


@pytest.mark.parametrize("size", [64, 256, 512, 1024])
def test_buckets_have_about_one_area_and_whole_steps(size: int) -> None:
    step = 64 if size >= 512 else 32
    assert (size, size) in frames(size)
    assert all(width % step == 0 == height % step for width, height in frames(size))
    assert all(0.7 < width * height / size**2 < 1.3 for width, height in frames(size))


def test_a_picture_goes_into_the_bucket_of_the_nearest_shape() -> None:
    assert frame_of(800, 800, 512) == (512, 512)
    assert frame_of(1200, 800, 512) == (640, 448) and frame_of(800, 1200, 512) == (448, 640)
    assert frame_of(9000, 100, 512) == (704, 384)  # 2:1 is the widest there is


def test_a_wide_picture_keeps_its_shape_and_its_product() -> None:
    image, mask = np.zeros((60, 120, 3), np.uint8), np.zeros((60, 120), np.uint8)
    image[20:40, 90:110], mask[20:40, 90:110] = 255, 255
    example = data.Example(image, mask, ("a wall",))
    frame = frame_of(120, 60, 256)
    full = data.whole(example, frame)
    assert full.mask.shape == (frame[1], frame[0]) and frame[0] > frame[1]
    assert 0.9 < full.mask.mean() / mask.mean() < 1.2  # nothing of the product was cut off
    crop = data.cropped(example, frame, np.random.default_rng(0))
    assert crop.image.shape == (frame[1], frame[0], 3) and crop.mask.max() == 255
