"""The light meter."""

import numpy as np
import pytest

from bundled.studio.plan import metering
from bundled.studio.plan.scene import Plan, PlannedLight

NOTHING = np.zeros((64, 64), np.float32)  # no product in the picture


def plan(surface: str, variant: str) -> Plan:
    light = PlannedLight("neutral", "left", "soft")
    return Plan(1, "standing", surface, variant, "wall", "black", light, "mug", "grey")


def room(table: float) -> np.ndarray:
    """A nearly black wall above a grey table of that luminance: linear light."""
    linear = np.full((64, 64, 3), 0.01, np.float32)
    linear[48:] = table
    return linear


def test_a_bright_room_gets_less_exposure_than_a_dim_one_and_both_come_out_alike() -> None:
    dim, bright = room(0.1), 4 * room(0.1)
    in_dim, in_bright = (metering.exposure(linear, plan("paper", "grey")) for linear in (dim, bright))
    assert in_dim * dim[60, 0, 0] == pytest.approx(in_bright * bright[60, 0, 0], rel=0.05)


def test_a_pale_table_is_at_most_so_much_paler_than_its_paint() -> None:
    # pink eab4bb: linear 0.823, 0.456, 0.497, so a luminance of 0.537; 1.4 times that, of a table at 0.5, is 1.50
    assert metering.spared(2.0, room(0.5), NOTHING, plan("paper", "pink")) == pytest.approx(1.50, abs=0.01)
    assert metering.spared(1.2, room(0.5), NOTHING, plan("paper", "pink")) == 1.2


def test_the_rest_of_the_picture_keeps_most_of_its_light() -> None:
    assert metering.spared(2.0, room(30.0), NOTHING, plan("podium", "pink")) == pytest.approx(1.2)


@pytest.mark.parametrize(("surface", "variant"), [("tiles", "black"), ("wood", "oak"), ("acrylic", "pink")])
def test_dark_paints_mirrors_and_what_wears_no_paint_are_exposed_as_they_are(surface: str, variant: str) -> None:
    assert metering.spared(2.0, room(30.0), NOTHING, plan(surface, variant)) == 2.0


def test_the_product_before_the_table_is_not_metered() -> None:
    linear, product = room(0.2), NOTHING.copy()
    linear[48:, 10:60], product[48:, 10:60] = 30.0, 1.0
    assert metering.spared(2.0, linear, product, plan("paper", "pink")) == 2.0
    product[:] = 1.0
    assert metering.spared(2.0, linear, product, plan("paper", "pink")) == 2.0
