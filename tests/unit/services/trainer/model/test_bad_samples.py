"""Samples that are broken end a run by name, before anything is learnt of them."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from services.trainer.model.lessons.data import read_shards
from shared.contracts.errors import NotKnown
from tests.fakes.picture_files import png as png_file

from .conftest import write_samples


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.zeros((height, width), np.uint8)).save(buffer, "png")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"mask_png": png(40, 96)}, "mask_of_another_size"),
        ({"mask_png": b"not a picture"}, "sample_broken"),
        ({"png": b"\x89PNG torn"}, "sample_broken"),
        ({"png": png_file((40_000, 40_000), 8, 0, b"")}, "sample_broken"),
        ({"json": b"{}"}, "shard_broken"),
    ],
)
def test_a_broken_sample_is_named(tmp_path: Path, changed: dict[str, bytes], reason: str) -> None:
    folder = write_samples(tmp_path, **changed)
    with pytest.raises(NotKnown, match="sample 00000") as named:
        list(read_shards(folder))
    assert named.value.reason == reason and (reason == "shard_broken" or "mend the dataset" in named.value.message)


def test_a_sample_without_words_is_passed_over_and_named(tmp_path: Path) -> None:
    folder, passed = (
        write_samples(tmp_path, json=b'{"key": "00000", "captions": [" ", ""], "kind": "product"}'),
        set[str](),
    )
    assert len(list(read_shards(folder, passed=passed.add))) == 7 and passed == {"00000"}
