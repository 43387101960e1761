"""The real SAM classes at tiny size, untrained: shapes, prompts, weights."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from services.segmenter.model import CONFIG, MINI, WEIGHTS, SamSegmenter, build_mini, load_sam
from services.segmenter.saliency import Prompt
from shared.contracts.errors import NotKnown

TINY = {
    **MINI,
    "img_size": 64,
    "patch_size": 16,
    "embed_dim": 16,
    "depth": 2,
    "num_heads": 2,
    "window_size": 2,
    "global_attn_indexes": [1],
    "prompt_dim": 32,
    "decoder_mlp_dim": 32,
    "decoder_heads": 2,
}
PROMPT = Prompt("salient", ((0.5, 0.5), (0.1, 0.1)), (1, 0), (0.25, 0.25, 0.75, 0.75))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    save_file({name: t.half().contiguous() for name, t in build_mini(TINY).state_dict().items()}, tmp_path / WEIGHTS)
    (tmp_path / CONFIG).write_text(json.dumps(TINY))
    return tmp_path


def test_three_candidates_per_prompt_in_the_photos_own_shape(folder: Path) -> None:
    photo = np.full((90, 120, 3), 200, np.uint8)
    found = SamSegmenter(str(folder)).candidates(photo, (PROMPT, PROMPT))
    assert len(found) == 6
    assert {candidate.probability.shape for candidate in found} == {(90, 120)}
    assert all(candidate.probability.dtype == np.float32 for candidate in found)
    assert all(0 <= candidate.predicted_iou <= 1 and candidate.prompt == "salient" for candidate in found)


def test_the_same_photo_gets_the_same_candidates(folder: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 255, (70, 50, 3)).astype(np.uint8)
    one, two = (SamSegmenter(str(folder)).candidates(photo, (PROMPT,))[0].probability for _ in range(2))
    assert np.array_equal(one, two)


def test_a_photo_is_encoded_once_however_often_it_is_asked_about(folder: Path) -> None:
    model, encoded = SamSegmenter(str(folder)), []
    model._sam.image_encoder.register_forward_hook(lambda *_: encoded.append(1))
    photo = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    for asked in (photo, photo.copy(), photo[::-1], photo.reshape(32, 128, 3)):
        model.candidates(asked, (PROMPT,))
    assert len(encoded) == 3, "the same bytes in another shape are another photo"


def test_the_prompt_changes_the_answer(folder: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    model = SamSegmenter(str(folder))
    other = Prompt("frame", ((0.9, 0.9),), (1,), (0.0, 0.0, 1.0, 1.0))
    one, two = model.candidates(photo, (PROMPT,)), model.candidates(photo, (other,))
    assert not np.allclose(one[0].probability, two[0].probability)


def test_the_version_names_the_weights(folder: Path, tmp_path: Path) -> None:
    before = SamSegmenter(str(folder)).version
    state = build_mini(TINY).state_dict()
    save_file({name: t.half().contiguous() for name, t in state.items()}, folder / WEIGHTS)
    assert before.startswith(folder.name + "-") and SamSegmenter(str(folder)).version != before


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotKnown) as caught:
        SamSegmenter(str(tmp_path / "nowhere"))
    assert caught.value.reason == "segmenter_weights"


def test_a_checkpoint_that_does_not_say_its_size_is_refused(tmp_path: Path) -> None:
    (tmp_path / "weights.pth").write_bytes(b"")
    with pytest.raises(NotKnown):
        load_sam(tmp_path / "weights.pth")


def test_the_bundled_model_finds_a_drawn_product() -> None:
    from services.segmenter.finding import find_product
    from services.segmenter.settings import SegmenterSettings
    from tests.fakes.studio import blank, disc, iou, with_product

    model = SamSegmenter(SegmenterSettings().model)
    finding = find_product(with_product(blank(), disc(), (40, 90, 60)), model, least_confidence=0.35)
    assert iou(finding.mask, disc()) > 0.97
    assert finding.chosen is not None
    coarse = np.where(finding.chosen.candidate.probability >= 0.5, 255, 0).astype(np.uint8)
    assert iou(coarse, disc()) > 0.8
