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


def test_a_refused_photo_is_never_painted(studio: Any) -> None:
    refused = SceneRequest(studio.captioned(refusal="several_products"), "r-1", Scene())
    with pytest.raises(AssertionError, match="before it is painted"):
        _ = refused.mask
    with pytest.raises(AssertionError, match="before it is painted"):
        _ = refused.caption
