"""Colour words and the linear colours that stand for them."""

import colorsys

from bundled.studio.plan.rng import SeededRng

Colour = tuple[float, float, float]

PAINTS = {
    "white": "f0efec", "off-white": "ece7dc", "cream": "efe4cc", "beige": "d8c5a8", "light grey": "c3c4c4",
    "grey": "8e8f91", "dark grey": "4a4b4d", "black": "18181a", "sky blue": "9cc4dd", "blue": "3f6fb0",
    "navy blue": "23345a", "teal": "2c7a7a", "sage green": "9aae8f", "green": "4c8f57", "dark green": "24473a",
    "olive green": "7d8050", "mint": "b5dcc8", "yellow": "f2d23c", "mustard": "c9962f", "orange": "e08a3c",
    "terracotta": "b0684e", "red": "b3312c", "burgundy": "6a1f2a", "pink": "eab4bb", "dusty pink": "cf9f98",
    "lavender": "b9a6d3", "purple": "6a4490", "brown": "6b4a35", "peach": "f2c1a0",
}  # fmt: skip


def linear(srgb: Colour) -> Colour:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in srgb)
    return red, green, blue


def from_hex(code: str) -> Colour:
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return linear((red, green, blue))


LUMINANCE = (0.2126, 0.7152, 0.0722)  # shares of linear red, green and blue (Rec. 709)


def luminance(colour: Colour) -> float:
    """Of a linear colour, 0..1."""
    return LUMINANCE[0] * colour[0] + LUMINANCE[1] * colour[1] + LUMINANCE[2] * colour[2]


def from_hsv(hue: float, saturation: float, value: float) -> Colour:
    return linear(colorsys.hsv_to_rgb(hue % 1, saturation, value))


def scaled(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(1.0, c * factor) for c in colour)
    return red, green, blue


def between(one: Colour, other: Colour) -> Colour:
    """Halfway, channel by channel."""
    return 0.5 * (one[0] + other[0]), 0.5 * (one[1] + other[1]), 0.5 * (one[2] + other[2])


def varied(rng: SeededRng, colour: Colour, amount: float = 0.12) -> Colour:
    """A neighbour of the colour: mostly lighter or darker, a little other in hue."""
    factor = rng.between(1 - amount, 1 + amount)
    red, green, blue = (min(1.0, max(0.0, c * factor * rng.between(1 - amount / 3, 1 + amount / 3))) for c in colour)
    return red, green, blue


def paint(rng: SeededRng, name: str) -> Colour:
    return varied(rng, from_hex(PAINTS[name]), 0.08)
