"""What a picture painted from words alone is led away from."""

import pytest

from services.inpainter.prompt.contrary import contrary_light, led_away_from


@pytest.mark.parametrize(
    ("prompt", "contrary"),
    [
        ("on oak wood, warm light from the left", "cool light, light from the right"),
        ("cold daylight from the right", "warm light, light from the left"),
        ("on slate, backlit", "light from the front"),
        ("on marble, neutral light, a brick wall behind", ""),
        ("in front of a fireplace", "cool light"),
        ("", ""),
    ],
)
def test_the_contrary_of_light_is_its_other_colour_and_side(prompt: str, contrary: str) -> None:
    assert contrary_light(prompt) == contrary


def test_a_brands_own_negative_prompt_comes_first() -> None:
    assert led_away_from("warm light on sand", "people, text") == "people, text, cool light"
    assert led_away_from("on sand", "people") == "people"
    assert led_away_from("on sand", "") == ""
