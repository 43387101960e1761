"""The probe, a real model class at tiny size, and how its reading becomes one number."""

from pathlib import Path

import numpy as np
import pytest
import torch

from bundled.training.probe import make_model
from services.inpainter.model.adherence import NEUTRAL, Probe

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


def test_no_output_has_no_score(sure: Probe) -> None:
    assert sure.score(MASK, [], []) == []
