"""What is refused before it is made."""

import pytest

from services.inpainter.compose.limits import check_output, how_many
from shared.contracts.errors import BadRequest


@pytest.mark.parametrize("size", [(7072, 7072), (16_385, 64), (64, 16_385)])
def test_an_output_this_system_would_not_take_in_again_is_refused_with_words(size: tuple[int, int]) -> None:
    with pytest.raises(BadRequest, match="give a smaller width or height") as refused:
        check_output(size)
    assert refused.value.reason == "output_too_large"


@pytest.mark.parametrize("size", [(7071, 7071), (16_384, 3000), (64, 64)])
def test_the_largest_outputs_are_painted(size: tuple[int, int]) -> None:
    check_output(size)


def test_eight_options_of_the_largest_size_that_can_be_asked_are_made_and_one_extra() -> None:
    assert how_many(8, 1, (4096, 4096)) == 9


def test_extra_candidates_give_way_before_options_do() -> None:
    assert how_many(2, 4, (7071, 7071)) == 3
    assert how_many(1, 1, (500, 500)) == 2


def test_more_pixels_than_are_painted_for_one_request_are_refused_with_words() -> None:
    with pytest.raises(BadRequest, match="4 options of 7071 x 7071 are 200 megapixels") as refused:
        how_many(4, 0, (7071, 7071))
    assert refused.value.reason == "too_much_to_paint"
