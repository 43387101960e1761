"""Codes of colours, as style guides give them ("#1A2B3C"), into the nearest colour that has a name. Pure."""

import re

from shared.contracts.vocabulary import COLOURS, Colour, Srgb

PURE_WHITE = frozenset({"fff", "ffffff"})  # means white and nothing else, and is read as such

_CODE = re.compile(r"#([0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z])", re.IGNORECASE)


def with_names(text: str) -> str:
    """The text with a colour's name in place of each code."""
    return _CODE.sub(lambda code: _name(code[1]) or code[0], text)


def colours_of(text: str) -> dict[str, Colour]:
    """Each code of a text as it is typed -> what it is read as."""
    return {code[0]: name for code in _CODE.finditer(text) if (name := _name(code[1]))}


def _name(digits: str) -> Colour | None:
    if digits.lower() in PURE_WHITE:
        return None
    pairs = re.findall("..", digits if len(digits) == 6 else "".join(2 * digit for digit in digits))
    red, green, blue = (int(pair, 16) for pair in pairs)
    return min(COLOURS, key=lambda colour: _apart((red, green, blue), COLOURS[colour]))


def _apart(one: Srgb, other: Srgb) -> float:
    """How far two colours are apart as the eye sees them, nearly, at little cost (Riemersma's "redmean")."""
    red, green, blue = ((mine - its) ** 2 for mine, its in zip(one, other, strict=True))
    mean = (one[0] + other[0]) / 512
    return (2 + mean) * red + 4 * green + (3 - mean) * blue
