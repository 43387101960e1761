"""The probe, a real model class at tiny size, and how its reading becomes one number."""

from pathlib import Path

import numpy as np
import pytest
import torch

from bundled.training.probe import make_model
from services.inpainter.model.adherence import NEUTRAL, SIZE, Probe, looked_at

WORDS = {
    "surface": ("wood", "marble", "paper", "sweep"),
    "backdrop": ("brick", "wall", "gradient", "plaster"),
    "light_colour": ("warm", "neutral", "cool"),
}
PICTURE, MASK = np.full((60, 80, 3), 200, np.uint8), np.zeros((60, 80), np.uint8)


@pytest.fixture
def sure(tmp_path: Path) -> Probe:
    """A probe whose last layer says wood, brick and warm whatever it is shown."""
    model = make_model(WORDS, width=8)
    layer = model.classifier[1]
    with torch.no_grad():
        layer.weight.zero_()
        layer.bias.zero_()
        for name in ("surface=wood", "backdrop=brick", "light_colour=warm"):
            layer.bias[model.config.label2id[name]] = 20.0
    model.save_pretrained(tmp_path)
    return Probe(tmp_path)


@pytest.mark.parametrize(
    ("prompt", "agreement"),
    [
        ("on a wooden table, brick wall, golden hour", 1.0),
        ("on a wooden table, plain wall", 0.5),
        ("marble, plain wall, cool light", 0.0),
        ("on leather", NEUTRAL),  # nothing that this probe knows
        ("", NEUTRAL),
    ],
)
def test_adherence_is_the_mean_probability_of_what_was_asked(sure: Probe, prompt: str, agreement: float) -> None:
    assert sure.score(MASK, [PICTURE], [prompt])[0] == pytest.approx(agreement, abs=1e-3)


def test_what_a_prompt_only_suggests_is_not_held_against_the_picture(sure: Probe) -> None:
    assert sure.score(MASK, [PICTURE], ["a brick wall, summery"])[0] == pytest.approx(1.0, abs=1e-3)


def test_each_attribute_is_a_distribution(sure: Probe) -> None:
    read = sure.read(MASK, [PICTURE, PICTURE])
    assert len(read) == 2
    assert {name: round(sum(chances.values()), 5) for name, chances in read[0].items()} == {
        "surface": 1.0, "backdrop": 1.0, "light_colour": 1.0,
    }  # fmt: skip


def test_no_output_has_no_score(sure: Probe) -> None:
    assert sure.score(MASK, [], []) == []


def test_the_probe_cannot_see_the_product() -> None:
    mask = np.zeros((60, 80), np.uint8)
    mask[20:40, 30:50] = 255
    other = PICTURE.copy()
    other[20:40, 30:50] = (255, 0, 0)
    assert np.array_equal(looked_at(PICTURE, mask), looked_at(other, mask))
    assert looked_at(PICTURE, mask).shape == (6, SIZE, SIZE)


def test_a_folder_without_a_probe_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Probe(tmp_path / "nothing")
