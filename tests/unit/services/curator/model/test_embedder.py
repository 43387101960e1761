"""Image models of the real classes, tiny and of chance weights, from a folder: what they see is a direction."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from transformers import BitImageProcessor, CLIPConfig, CLIPImageProcessor, CLIPModel, Dinov2Config, Dinov2Model

from services.curator.model.embedder import ImageEmbedder
from shared.contracts.errors import NotKnown

from ..conftest import scene

TOWER = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}


def clip(folder: Path) -> Path:
    vision = {**TOWER, "image_size": 32, "patch_size": 8}
    torch.manual_seed(1)
    config = CLIPConfig(text_config={**TOWER, "vocab_size": 99}, vision_config=vision, projection_dim=12)
    CLIPModel(config).save_pretrained(folder)
    side = {"height": 32, "width": 32}
    CLIPImageProcessor(size={"shortest_edge": 32}, crop_size=side).save_pretrained(folder)
    return folder


def dino(folder: Path) -> Path:
    config = Dinov2Config(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, image_size=28, patch_size=14)
    torch.manual_seed(1)
    Dinov2Model(config).save_pretrained(folder)
    side = {"height": 28, "width": 28}
    BitImageProcessor(size={"shortest_edge": 28}, crop_size=side).save_pretrained(folder)
    return folder


@pytest.mark.parametrize(("make", "length"), [(clip, 12), (dino, 16)])
def test_the_same_photo_made_smaller_is_seen_as_one_and_other_photos_further_away(
    make: object, length: int, tmp_path: Path
) -> None:
    embed = ImageEmbedder(make(tmp_path))  # type: ignore[operator]
    photo = scene(1)
    small = np.asarray(cv2.resize(photo, (160, 160), interpolation=cv2.INTER_AREA))
    seen, like, other = (embed(one) for one in (photo, small, scene(2)))
    assert len(seen.data) == 2 * length and embed.name == seen.model
    near, far = seen.cosine(like), seen.cosine(other)
    assert near is not None and far is not None and near > 0.99 and near > far
    assert embed(photo) == seen


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotKnown, match=r"no model\.safetensors in .*CURATOR_EMBEDDER"):
        ImageEmbedder(tmp_path)
