"""One scene of one product."""

from typing import Any

import pytest

from services.inpainter.scene_request import SceneRequest
from shared.contracts.events import Scene


def test_a_scenes_own_seed_is_taken(studio: Any) -> None:
    assert SceneRequest(studio.captioned(), "r-1", Scene(seed=42)).seed == 42


def test_without_one_the_request_decides_the_same_way_each_time(studio: Any) -> None:
    first, again, other = (SceneRequest(studio.captioned(), name, Scene()).seed for name in ("r-1", "r-1", "r-2"))
    assert first == again != other
    assert 0 <= first < 2**32


def test_scenes_that_came_together_go_on_in_one_row_of_ideas_and_a_later_request_begins_elsewhere(studio: Any) -> None:
    product = studio.captioned()
    together = {SceneRequest(product, f"r-{index}", Scene(), index).first_idea for index in range(3)}
    assert len(together) == 1
    later = {SceneRequest(product, f"r-{number}", Scene()).first_idea for number in range(3)}
    assert len(later) == 3 and later.isdisjoint(together)


def test_products_and_seeds_begin_at_different_ideas(studio: Any) -> None:
    product, other = studio.captioned(), studio.captioned().model_copy(update={"product_id": "another"})
    begins = [SceneRequest(one, "r", Scene(seed=seed), 0).first_idea for one in (product, other) for seed in (1, 2)]
    assert len(set(begins)) == 4


def test_a_refused_photo_is_never_painted(studio: Any) -> None:
    refused = SceneRequest(studio.captioned(refusal="several_products"), "r-1", Scene())
    with pytest.raises(AssertionError, match="before it is painted"):
        _ = refused.mask
    with pytest.raises(AssertionError, match="before it is painted"):
        _ = refused.caption
