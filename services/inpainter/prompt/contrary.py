"""The contrary of what a prompt asks of the light: what guidance leads away from. Pure."""

from collections.abc import Mapping

from services.inpainter.prompt.parsing import parse_prompt

CONTRARY: Mapping[tuple[str, str], str] = {
    ("light_colour", "warm"): "cool light",
    ("light_colour", "cool"): "warm light",
    ("light_direction", "left"): "light from the right",
    ("light_direction", "right"): "light from the left",
    ("light_direction", "front"): "light from behind",
    ("light_direction", "back"): "light from the front",
}


def contrary_light(prompt: str) -> str:
    """The other colour and side than those that are said outright; empty where there are none.

    Away from nothing, a side is asked in vain: half of the pictures have it (`benchmarks.models.text_alone`).
    """
    asked = parse_prompt(prompt).asked().items()
    return ", ".join(CONTRARY[one] for one in asked if one in CONTRARY)


def led_away_from(prompt: str, negative: str) -> str:
    """The negative prompt of a picture painted from words alone: the brand's own, and the contrary light."""
    return ", ".join(part for part in (negative, contrary_light(prompt)) if part)
