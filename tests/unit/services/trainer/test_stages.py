"""The recipe as data: the order of the stages, and what each of them hides and teaches."""

from typing import get_args

import pytest

from services.trainer.stages import STAGES
from shared.contracts.events import LINES, TrainingStage


def test_every_stage_that_an_event_can_name_is_in_the_recipe_and_in_a_line() -> None:
    assert set(STAGES) == set(LINES) == set(get_args(TrainingStage))


def test_the_first_stages_teach_all_weights_and_the_later_ones_a_lora() -> None:
    assert {name: stage.learns for name, stage in STAGES.items()} == {
        "foundation": "everything",
        "inpaint": "everything",
        "product": "lora",
        "engaged": "lora",
        "judge": "judge",
    }


def test_text_to_image_hides_nothing_and_a_quarter_of_the_holes_of_inpainting_is_the_whole_picture() -> None:
    foundation, inpaint, product = (STAGES[name].hidden for name in ("foundation", "inpaint", "product"))
    assert foundation is None and inpaint is not None and product is not None
    assert (inpaint.product, inpaint.everything, inpaint.random) == (0.0, 0.25, 0.75)
    assert (product.product, product.random) == (1.0, 0.0)


def test_each_stage_goes_on_from_the_one_before() -> None:
    assert {name: stage.from_line for name, stage in STAGES.items()} == {
        "foundation": None,
        "inpaint": "foundation",
        "product": "inpaint",
        "engaged": "inpaint",
        "judge": None,
    }
    assert [name for name, stage in STAGES.items() if stage.continues] == ["engaged"]


@pytest.mark.parametrize("stage", ["product", "engaged"])
def test_product_and_engaged_are_one_line(stage: TrainingStage) -> None:
    assert LINES[stage] == "lora"
