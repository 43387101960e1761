"""Quick products on finished plates."""

from itertools import islice

import numpy as np
import pytest

from bundled.training.staging import KEPT_PX, StagedPlate, staged
from shared.contracts.styles import Light
from tests.fakes import plates

LIGHT = Light(colour="warm", direction="left", hardness="soft")


def plate(**changes: object) -> StagedPlate:
    known = plates.plate("p", "oak", "brick", light=LIGHT, captions=("oak, light from the left, warm",))
    return StagedPlate(np.full((KEPT_PX, KEPT_PX, 3), 0.4, np.float32), known.model_copy(update=changes))


@pytest.mark.parametrize(("view", "line"), [("standing", 0.55), ("flatlay", None), ("backdrop", None)])
def test_products_are_whole_whatever_the_plate_is_seen_from(view: str, line: float | None) -> None:
    samples = list(islice(staged([plate(view=view, surface_line=line)], seed=1, size=64), 80))
    cut = [sample for sample in samples if (sample.mask[0] > 127).any() or (sample.mask[-1] > 127).any()]
    assert not cut


def test_a_mirrored_plate_says_so_in_its_words_and_its_light() -> None:
    samples = list(islice(staged([plate(view="standing", surface_line=0.5)], seed=2, size=64), 40))
    sides = {
        (sample.attributes["light_direction"], sample.captions[0])
        for sample in samples
        if sample.attributes["light_colour"] == LIGHT.colour
    }
    assert sides == {("left", "oak, light from the left, warm"), ("right", "oak, light from the right, warm")}


def test_every_so_often_the_plate_comes_alone() -> None:
    samples = list(islice(staged([plate(view="standing", surface_line=0.5)], seed=3, size=64), 80))
    alone = [sample for sample in samples if not sample.mask.any()]
    assert 1 <= len(alone) <= 25
    assert all("product" not in sample.attributes for sample in alone)
    assert all((sample.image == 102).all() for sample in alone if sample.attributes["light_colour"] == LIGHT.colour)


def test_a_plate_is_seen_in_lights_of_every_colour_and_its_words_follow() -> None:
    samples = list(islice(staged([plate(view="standing", surface_line=0.5)], seed=3, size=64), 120))
    alone = [sample for sample in samples if not sample.mask.any()]
    blue_over_red = {
        sample.attributes["light_colour"]: float(sample.image[0, 0, 2]) / float(sample.image[0, 0, 0])
        for sample in alone
    }
    assert blue_over_red["warm"] == 1
    assert blue_over_red["neutral"] == pytest.approx(1.08 / 0.86, rel=0.02)
    assert blue_over_red["cool"] == pytest.approx(1.08 / 0.86 * 1.09 / 0.9, rel=0.02)
    cool = [text for sample in samples if sample.attributes["light_colour"] == "cool" for text in sample.captions]
    assert cool
    assert not [text for text in cool if "warm" in text]


def test_what_a_plate_lacks_is_not_spoken_of() -> None:
    hanging = plate(view="backdrop", surface=None, surface_line=None)
    lying = plate(view="flatlay", backdrop=None, surface_line=None)
    for sample in islice(staged([hanging, lying], seed=4, size=64), 40):
        assert not [text for text in sample.captions if "None" in text]


def test_without_plates_there_is_a_clear_error() -> None:
    with pytest.raises(ValueError, match="no plates to stage products on"):
        next(staged([], seed=1))
