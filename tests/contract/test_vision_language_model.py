"""What the captioner may expect of a vision-language model, asked of the fake and of the bundled one."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from services.captioner.core import Question, VisionLanguageModel
from services.captioner.model import TransformersVisionLanguageModel
from tests.fakes.vision_language_model import ScriptedVisionLanguageModel

BUNDLED = Path(__file__).parents[2] / "models/mini-captioner"
PICTURE = np.random.default_rng(1).integers(0, 255, (96, 128, 3), dtype=np.uint8)


@pytest.fixture(scope="module", params=["fake", "bundled"])
def model(request: pytest.FixtureRequest) -> VisionLanguageModel:
    if request.param == "fake":
        return ScriptedVisionLanguageModel(background_long="on an oak table before a plain wall")
    return TransformersVisionLanguageModel(str(BUNDLED))


def test_it_has_a_name_that_can_stand_in_a_caption(model: VisionLanguageModel) -> None:
    assert model.name.strip() == model.name != ""


@pytest.mark.parametrize("question", get_args(Question))
def test_every_question_gets_words_or_none_and_never_an_empty_answer(
    model: VisionLanguageModel, question: Question
) -> None:
    answer = model.answer(PICTURE, question, "a mug")
    assert answer is None or answer.strip() == answer != ""


def test_the_same_picture_and_question_get_the_same_answer(model: VisionLanguageModel) -> None:
    first, second = (model.answer(PICTURE, "background_long", "a mug") for _ in range(2))
    assert first is not None
    assert first == second


def test_the_picture_is_left_as_it_was(model: VisionLanguageModel) -> None:
    shown = PICTURE.copy()
    model.answer(shown, "background_long", "a mug")
    assert (shown == PICTURE).all()
