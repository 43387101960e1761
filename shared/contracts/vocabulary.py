"""The words that scenes are said in: surfaces, backdrops, colours and light, and which of them look alike. Pure data.

British spelling; each word is one thing. What people type instead of these words is data of the service that reads it.
"""

import re
from collections.abc import Mapping
from typing import Literal, get_args

Surface = Literal[
    "wood",
    "marble",
    "concrete",
    "tiles",
    "terrazzo",
    "granite",
    "slate",
    "travertine",
    "sandstone",
    "plaster",
    "linen",
    "velvet",
    "knit",
    "leather",
    "wicker",
    "paper",
    "acrylic",
    "metal",
    "glass",
    "podium",
    "sweep",
    "sand",
    "snow",
    "grass",
    "moss",
    "leaves",
    "pebbles",
    "water",
]
Backdrop = Literal[
    "wall",
    "gradient",
    "plaster",
    "brick",
    "tiled wall",
    "concrete wall",
    "stone wall",
    "wood panels",
    "window",
    "curtain",
    "kitchen",
    "living room",
    "bathroom",
    "bookshelf",
    "garden",
    "forest",
    "flowers",
    "beach",
    "desert",
    "sky",
    "sunset",
    "mountains",
    "city lights",
    "festive lights",
]
Colour = Literal[
    "white",
    "cream",
    "beige",
    "light grey",
    "grey",
    "dark grey",
    "black",
    "navy",
    "blue",
    "light blue",
    "teal",
    "turquoise",
    "mint",
    "sage",
    "green",
    "dark green",
    "olive",
    "yellow",
    "mustard",
    "orange",
    "peach",
    "terracotta",
    "red",
    "burgundy",
    "pink",
    "lilac",
    "purple",
    "brown",
]
LightColour = Literal["warm", "neutral", "cool"]
LightDirection = Literal["left", "right", "front", "back"]
Hardness = Literal["soft", "hard"]
Tone = Literal["dark", "bright", "pure"]
ShadowPattern = Literal["leaves", "blinds", "window"]
View = Literal["standing", "flatlay", "backdrop"]
Srgb = tuple[int, int, int]

SURFACES: tuple[Surface, ...] = get_args(Surface)
BACKDROPS: tuple[Backdrop, ...] = get_args(Backdrop)

# What each colour word means on a matte wall in good light, sRGB.
COLOURS: Mapping[Colour, Srgb] = {
    "white": (236, 235, 232), "cream": (238, 228, 205), "beige": (214, 193, 163), "light grey": (196, 197, 199),
    "grey": (140, 142, 145), "dark grey": (72, 74, 78), "black": (34, 34, 37), "navy": (32, 46, 84),
    "blue": (44, 92, 176), "light blue": (160, 196, 226), "teal": (28, 110, 116), "turquoise": (72, 186, 188),
    "mint": (178, 220, 200), "sage": (160, 176, 150), "green": (74, 140, 78), "dark green": (32, 74, 54),
    "olive": (112, 116, 66), "yellow": (242, 208, 84), "mustard": (202, 154, 50), "orange": (228, 128, 52),
    "peach": (244, 190, 160), "terracotta": (188, 98, 70), "red": (182, 44, 44), "burgundy": (104, 30, 46),
    "pink": (234, 176, 186), "lilac": (198, 180, 220), "purple": (108, 70, 140), "brown": (110, 78, 56),
}  # fmt: skip

# Attribute -> asked -> what comes nearest, the nearest first: what to take, and to tell, where the thing itself is not
# to be had.
LOOKS_LIKE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "surface": {
        "granite": ("terrazzo", "slate"), "travertine": ("marble", "sandstone", "plaster"),
        "sandstone": ("travertine",), "slate": ("granite", "concrete"), "moss": ("grass",),
        "leaves": ("moss", "grass"), "pebbles": ("sand", "slate"), "velvet": ("linen",), "knit": ("linen",),
        "leather": ("linen",), "wicker": ("wood",), "metal": ("acrylic",), "glass": ("acrylic",),
        "water": ("acrylic",), "paper": ("acrylic", "plaster"), "acrylic": ("paper",),
        "plaster": ("concrete", "paper"), "podium": ("paper",), "terrazzo": ("granite", "marble"),
    },
    "backdrop": {
        "gradient": ("wall",), "concrete wall": ("plaster",), "stone wall": ("concrete wall", "plaster", "brick"),
        "wood panels": ("bookshelf",), "curtain": ("window",), "bathroom": ("tiled wall",),
        "tiled wall": ("bathroom",), "forest": ("garden",), "flowers": ("garden",), "garden": ("forest",),
        "sunset": ("beach",), "sky": ("beach",), "desert": ("beach",), "city lights": ("festive lights",),
        "festive lights": ("city lights",), "kitchen": ("bathroom", "living room"), "bookshelf": ("living room",),
        "window": ("curtain", "living room"),
    },
}  # fmt: skip
# Attribute -> asked -> what a rater takes for it: closer than looking alike, and so right as an answer.
PASSES_FOR: Mapping[str, Mapping[str, frozenset[str]]] = {
    "surface": {
        "paper": frozenset({"sweep"}), "travertine": frozenset({"marble"}), "sandstone": frozenset({"sand", "slate"}),
        "plaster": frozenset({"concrete", "paper"}), "knit": frozenset({"linen", "velvet"}),
        "glass": frozenset({"acrylic"}), "slate": frozenset({"granite"}),
    },
    "backdrop": {
        "wall": frozenset({"gradient", "plaster"}), "gradient": frozenset({"wall"}),
        "plaster": frozenset({"wall", "concrete wall"}), "concrete wall": frozenset({"plaster"}),
        "sunset": frozenset({"beach", "sky"}),
    },
}  # fmt: skip

MIRRORED: Mapping[LightDirection, LightDirection] = {
    "left": "right", "right": "left", "front": "front", "back": "back"
}  # fmt: skip


def mirrored_text(text: str) -> str:
    """A description of a picture after the picture is mirrored: every left is a right, every right a left."""
    return re.sub(r"\b(left|right)\b", lambda side: "right" if side.group() == "left" else "left", text)
