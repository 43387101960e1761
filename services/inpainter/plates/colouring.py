"""What colours the things in plates have by nature, and how another one is brought to them. Pure."""

from dataclasses import dataclass
from typing import Literal

from shared.contracts.vocabulary import COLOURS, Colour

Way = Literal["painted", "veined", "tinted"]

# Painted: any colour is as real as its own. Veined: a stone of that colour, its veins as much lighter or darker than
# it as they were. Tinted: in light of that colour, for what is seen blurred or by its light.
WAYS: dict[str, Way] = {
    **dict.fromkeys(
        (
            "wall", "gradient", "plaster", "brick", "curtain", "concrete wall", "tiled wall", "wood panels", "paper",
            "acrylic", "linen", "velvet", "knit", "leather", "wicker", "podium", "sweep", "concrete", "tiles", "wood",
            "metal",
        ),
        "painted",
    ),
    **dict.fromkeys(("marble", "granite", "travertine", "terrazzo", "slate", "sandstone", "stone wall"), "veined"),
    **dict.fromkeys(
        ("festive lights", "city lights", "sky", "sunset", "sand", "kitchen", "bathroom", "living room"), "tinted"
    ),
}  # fmt: skip
NATURAL: dict[str, frozenset[str]] = {
    "wood": frozenset({"brown", "beige"}),
    "wood panels": frozenset({"brown", "beige"}),
    "wicker": frozenset({"beige", "brown"}),
    "leather": frozenset({"brown"}),
    "brick": frozenset({"red", "terracotta", "brown"}),
    "concrete": frozenset({"grey", "light grey"}),
    "concrete wall": frozenset({"grey", "light grey"}),
    "slate": frozenset({"black", "dark grey"}),
    "granite": frozenset({"dark grey", "grey", "black"}),
    "travertine": frozenset({"beige", "cream"}),
    "sandstone": frozenset({"beige", "terracotta", "orange"}),
    "metal": frozenset({"grey", "light grey"}),
    "snow": frozenset({"white", "light blue"}),
    "sand": frozenset({"beige", "cream", "mustard"}),
    "pebbles": frozenset({"grey", "light grey", "beige"}),
    "leaves": frozenset({"orange", "red", "brown", "yellow", "terracotta", "mustard"}),
    "moss": frozenset({"green", "dark green"}),
    "grass": frozenset({"green"}),
    "garden": frozenset({"green", "dark green"}),
    "forest": frozenset({"green", "dark green"}),
    "beach": frozenset({"blue", "turquoise", "light blue"}),
    "sky": frozenset({"blue", "light blue"}),
    "mountains": frozenset({"white", "blue", "grey", "green"}),
    "sunset": frozenset({"orange", "red", "pink"}),
    "festive lights": frozenset({"mustard", "yellow", "orange"}),
}


@dataclass(frozen=True)
class Coat:
    """A colour that a thing is to get, and the way in which it can have it."""

    colour: Colour
    way: Way = "painted"


def way_of_colouring(kind: str | None) -> Way | None:
    """How a surface or backdrop gets another colour; None where that would make it something else (a blue lawn)."""
    return WAYS.get(kind or "")


def has_colour(kind: str | None, colour: str | None, asked: str) -> bool:
    """The thing, of `colour` or of no colour that was told, is of the colour that was asked."""
    return colour == asked if colour else asked in NATURAL.get(kind or "", frozenset())


def likeness(one: Colour | None, other: Colour) -> float:
    """How near two colours are in brightness, 0..1: a black wall that is made white shows all its noise."""
    return 1.0 if one is None else 1 - abs(_brightness(one) - _brightness(other)) / 255


def _brightness(colour: Colour) -> float:
    red, green, blue = COLOURS[colour]
    return 0.3 * red + 0.59 * green + 0.11 * blue


def coat_of(kind: str | None, colour: str | None, asked: Colour | None) -> Coat | None:
    """What brings the thing the colour that was asked; None where it has it, or cannot have it."""
    way = way_of_colouring(kind)
    return Coat(asked, way) if asked and way and not has_colour(kind, colour, asked) else None
