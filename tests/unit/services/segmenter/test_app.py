"""The segmenter wired with its bundled model."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.segmenter.app import assemble
from services.segmenter.settings import SegmenterSettings
from shared.contracts.errors import NotKnown
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher

ROOT = Path(__file__).parents[4]


def test_the_use_case_comes_with_the_model_that_the_settings_name() -> None:
    segment = assemble(SegmenterSettings(), MemoryBlobs(), FakeImageFetcher())
    assert segment.version.startswith("mini-segmenter-")


def test_weights_that_are_not_there_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(NotKnown, match="no segmenter weights"):
        assemble(SegmenterSettings(model=str(tmp_path / "nothing")), MemoryBlobs(), FakeImageFetcher())


LARGEST = r"""
import io, re
import numpy as np
from PIL import Image
from services.segmenter.app import assemble
from services.segmenter.settings import SegmenterSettings
from shared.contracts.events import ImageSource, ProductSubmitted
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher
pixels = np.full((7070, 7070, 3), 245, np.uint8)
pixels[2000:5000, 2500:4500] = (190, 30, 40)
buffer, blobs = io.BytesIO(), MemoryBlobs()
Image.fromarray(pixels).save(buffer, "WEBP", lossless=True, quality=0, method=0)
del pixels
blobs.put("uploads/large.webp", buffer.getvalue(), "image/webp")
segment = assemble(SegmenterSettings(), blobs, FakeImageFetcher())
answer = segment(ProductSubmitted(product_id="large", image=ImageSource(key="uploads/large.webp")))
assert answer.segmentation.mask is not None
print(int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is read from /proc")
def test_the_largest_photo_in_the_hungriest_format_needs_at_most_two_and_a_half_gigabytes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LARGEST],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=True,
    )
    assert int(done.stdout.split()[-1]) < 2500
