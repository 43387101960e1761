"""The kind of a picture file is what its bytes say, not its name."""

import io
from pathlib import Path

import pytest
from PIL import Image

from shared.contracts.errors import BadImage
from shared.contracts.picture_files.limits import MAX_BYTES
from shared.contracts.picture_files.reading import read_picture_file
from tests.fakes.picture_files import saved

SAMPLES = Path(__file__).resolve().parents[5] / "samples" / "photos"
PHOTO = Image.new("RGB", (64, 48), "red")


def refusal(data: bytes) -> str:
    with pytest.raises(BadImage) as caught:
        read_picture_file(data)
    return caught.value.reason


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "PPM", "ICO", "PDF"])
def test_other_kinds_of_picture_are_refused_whatever_they_are_called(kind: str) -> None:
    assert refusal(saved(PHOTO, kind)) == "not_an_image"


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"RIFF\0\0\0\0WAVE", b"GIF89a;\xff\xd8\xff"]
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refusal(data) == "not_an_image"


def test_too_many_bytes_are_refused_unread() -> None:
    assert refusal(bytes(MAX_BYTES + 1)) == "image_too_heavy"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.jpg")), ids=lambda path: path.stem)
def test_the_sample_photos_are_read_with_their_sizes(path: Path) -> None:
    assert read_picture_file(path.read_bytes()).size == Image.open(io.BytesIO(path.read_bytes())).size
