"""A tiny inpainter of the real classes and a small dataset, made once for all tests of this folder."""

import io
import json
import tarfile
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from bundled.quick import quick_scenes
from bundled.training.inpainter import autoencoder, pipeline, text
from shared.contracts.datasets import MANIFEST, DatasetManifest, ShardEntry
from tests.fakes.tiny_inpainter import tiny_unet


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Two cores, several workers: one thread each."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the bundled one, with random weights, few channels and few layers: each is a LoRA's to wrap."""
    torch.manual_seed(0)
    tokenizer = text.new_tokenizer(["on a wooden table", "brick wall behind", "warm light from the left"] * 3, size=600)
    encoder = text.new_text_encoder(tokenizer, hidden=16, layers=1, heads=2)
    out = tmp_path_factory.mktemp("mini") / "inpainter"
    pipeline.write_folder(out, autoencoder.new_autoencoder((16, 16, 16, 16)), encoder, tokenizer, tiny_unet())
    return out


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released dataset of ten quick scenes, two of them held out."""
    return write_samples(tmp_path_factory.mktemp("samples"))


@pytest.fixture(scope="session")
def owned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, each sample of a product of its own."""
    return write_samples(tmp_path_factory.mktemp("owned"), owner="product-{}")


def write_samples(out: Path, *, owner: str | None = None, **changed: bytes) -> Path:
    """A dataset in a folder; `changed` members of its first sample, by ending with `_` for a dot, are others."""
    with tarfile.open(out / "shard-00000.tar", "w") as tar:
        for number, sample in enumerate(islice(quick_scenes(8, 96), 10)):
            record = {
                "key": f"{number:05d}",
                "captions": sample.captions,
                "kind": "product",
                "split": "held" if number > 7 else "train",
                "product_id": owner.format(number) if owner else None,
            }
            members = {"png": _png(sample.image), "mask.png": _png(sample.mask), "json": json.dumps(record).encode()}
            if number == 0:
                members |= {ending.replace("_", "."): data for ending, data in changed.items()}
            for suffix, data in members.items():
                info = tarfile.TarInfo(f"{number:05d}.{suffix}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    shard = ShardEntry(path="shard-00000.tar", sha256="0" * 64, size=1, samples=10)
    manifest = DatasetManifest(name="test", version="1", kind="product", created=datetime.now(UTC), shards=(shard,))
    (out / MANIFEST).write_text(manifest.model_dump_json())
    return out


def _png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "png")
    return buffer.getvalue()
