"""What the studio can draw, in words: surfaces, backdrops and lights with their variants, and the phrases for them."""
# ruff: noqa: E501 rows of numbers and words read better unwrapped

from dataclasses import dataclass

from bundled.studio.plan.colours import PAINTS, from_hex, luminance

WALL_COLOURS = (
    "white", "off-white", "cream", "beige", "light grey", "grey", "dark grey", "black", "sky blue", "blue", "navy blue",
    "teal", "sage green", "green", "dark green", "olive green", "mint", "yellow", "mustard", "orange", "terracotta", "red",
    "burgundy", "pink", "dusty pink", "lavender", "purple", "brown", "peach",
)  # fmt: skip
WOODS = (
    "oak",
    "rustic oak",
    "walnut",
    "pine",
    "dark wood",
    "whitewashed wood",
    "teak",
    "grey weathered wood",
    "bamboo",
)
MARBLES = ("white marble", "black marble", "green marble", "beige marble", "grey marble", "pink marble")
TILES = ("white", "sage green", "navy blue", "terracotta", "grey", "pink", "teal", "black", "cream", "emerald")
LINENS = ("white", "beige", "grey", "blue", "sage green", "dusty pink", "mustard", "navy blue", "terracotta")
VELVETS = ("black", "emerald", "navy blue", "burgundy", "dusty pink")
BRICKS = ("red brick", "white brick", "dark brick", "grey brick", "orange brick")
PLASTERS = (
    "white",
    "cream",
    "beige",
    "light grey",
    "dark grey",
    "terracotta",
    "sage green",
    "sky blue",
    "pink",
    "mustard",
)
PASTELS = (
    "pink",
    "peach",
    "mint",
    "lavender",
    "sky blue",
    "cream",
    "yellow",
    "sage green",
    "beige",
    "white",
    "terracotta",
)
KNITS = ("cream", "grey", "beige", "dusty pink", "white")


@dataclass(frozen=True)
class Kind:
    """One thing the studio draws: its variants, and phrases with {} where the variant goes."""

    variants: tuple[str, ...]
    phrases: tuple[str, ...]
    weight: float = 1.0


SURFACES = {
    "wood": Kind(WOODS, ("{} planks", "{} boards", "a {} table", "a {} tabletop", "a table of {}"), 2.0),
    "marble": Kind(MARBLES, ("{}", "a {} slab", "a {} countertop", "a {} table"), 1.6),
    "concrete": Kind(("grey",), ("concrete", "a concrete surface", "a {} concrete slab", "raw concrete")),
    "tiles": Kind(TILES, ("{} tiles", "{} ceramic tiles", "a {} tiled surface", "a {} tile counter")),
    "terrazzo": Kind(("white", "grey", "dark", "pink"), ("{} terrazzo", "a {} terrazzo surface", "a terrazzo counter")),
    "granite": Kind(("grey", "dark", "pink"), ("{} granite", "a {} granite countertop", "a granite slab")),
    "slate": Kind(("dark",), ("slate", "{} slate", "a slate board", "black stone", "dark stone")),
    "wet stone": Kind(("dark",), ("wet stone", "wet {} stone", "rain-wet rock", "wet slate")),
    "travertine": Kind(("beige",), ("travertine", "a travertine slab", "beige travertine stone")),
    "sandstone": Kind(("ochre",), ("sandstone", "a sandstone slab", "warm sandstone")),
    "sand": Kind(("golden",), ("sand", "fine sand", "{} sand", "a sandy beach", "rippled sand")),
    "snow": Kind(("white",), ("snow", "fresh snow", "{} snow", "a bed of snow")),
    "grass": Kind(("green",), ("grass", "{} grass", "a lawn", "fresh green grass")),
    "moss": Kind(("green",), ("moss", "{} moss", "a bed of moss")),
    "autumn leaves": Kind(("orange",), ("autumn leaves", "fallen leaves", "{} autumn leaves", "dry leaves")),
    "pebbles": Kind(("grey",), ("pebbles", "{} pebbles", "river stones", "smooth stones")),
    "linen": Kind(LINENS, ("{} linen", "{} linen fabric", "a {} linen tablecloth", "folds of {} linen"), 1.5),
    "velvet": Kind(VELVETS, ("{} velvet", "{} velvet fabric", "folds of {} velvet")),
    "knit": Kind(KNITS, ("a {} knitted blanket", "{} wool", "a chunky {} knit", "a cosy {} blanket")),
    "leather": Kind(("brown", "black"), ("{} leather", "a {} leather desk pad")),
    "wicker": Kind(("natural",), ("wicker", "a rattan mat", "a woven wicker mat", "{} rattan")),
    "acrylic": Kind(
        WALL_COLOURS, ("glossy {} acrylic", "a reflective {} surface", "a glossy {} table", "{} mirror gloss")
    ),
    "metal": Kind(("steel", "brass", "copper", "dark metal"), ("brushed {}", "a brushed {} surface", "a {} table")),
    "paper": Kind(WALL_COLOURS, ("{} paper", "a {} surface", "a {} table", "smooth {} paper"), 1.5),
    "podium": Kind(PASTELS, ("a {} podium", "a round {} podium", "a {} pedestal", "a {} plinth"), 1.5),
    "plaster": Kind(PLASTERS, ("{} plaster", "a {} plaster surface")),
}

BACKDROPS = {
    "wall": Kind(WALL_COLOURS, ("a {} wall", "a plain {} wall", "a {} background", "a smooth {} wall"), 3.0),
    "sweep": Kind(WALL_COLOURS, ("a seamless {} background", "a {} studio backdrop", "a {} studio sweep"), 2.0),
    "gradient": Kind(PASTELS, ("a {} gradient background", "a soft {} gradient", "a glowing {} backdrop")),
    "plaster": Kind(PLASTERS, ("a {} plaster wall", "a {} stucco wall", "a rough {} plaster wall"), 1.6),
    "brick": Kind(BRICKS, ("a {} wall", "{} wall", "a wall of {}"), 1.6),
    "tiled wall": Kind(TILES, ("a {} tiled wall", "{} wall tiles", "{} bathroom tiles")),
    "concrete wall": Kind(("grey",), ("a concrete wall", "a {} concrete wall", "raw concrete")),
    "stone wall": Kind(("dark", "beige"), ("a {} stone wall", "a wall of {} stone")),
    "wood panels": Kind(WOODS, ("{} panelling", "a {} plank wall", "{} boards", "{} wall panels")),
    "slats": Kind(WOODS[:5], ("a {} slat wall", "{} slats", "vertical {} slats")),
    "window": Kind(("white",), ("a bright window", "a window with daylight", "a sunny window", "a window"), 1.4),
    "curtain": Kind(("white", "beige", "grey", "sage green"), ("{} curtains", "a {} curtain", "sheer {} curtains")),
    "kitchen": Kind(
        ("white", "sage green", "navy blue", "cream"), ("a kitchen", "a blurred kitchen", "a {} kitchen"), 1.4
    ),
    "bathroom": Kind(
        ("white", "sage green", "grey", "pink"), ("a bathroom", "a {} bathroom", "a blurred bathroom"), 1.2
    ),
    "living room": Kind(
        ("white", "beige", "sage green", "navy blue", "terracotta"),
        ("a living room", "a blurred living room", "a cosy living room", "a home interior"),
        1.4,
    ),
    "bookshelf": Kind(
        ("oak", "walnut", "white"), ("a bookshelf", "bookshelves", "a blurred bookcase", "a home library")
    ),
    "garden": Kind(("green",), ("a garden", "a blurred {} garden", "garden foliage", "blurred {} leaves"), 1.6),
    "forest": Kind(("green", "autumn"), ("a forest", "a blurred {} forest", "trees", "a {} woodland")),
    "beach": Kind(("turquoise", "blue"), ("the sea", "the ocean and the sky", "a blurred sea horizon", "a beach"), 1.4),
    "sky": Kind(("blue",), ("a {} sky", "a blue sky with clouds", "the open sky")),
    "mountains": Kind(("snowy", "green"), ("{} mountains", "a mountain landscape", "mountain peaks")),
    "city night": Kind(("night",), ("city lights at night", "night city bokeh", "blurred city lights"), 1.2),
    "festive lights": Kind(("golden",), ("festive lights", "golden bokeh lights", "Christmas lights", "fairy lights")),
}

PAINTED_WALLS = ("wall", "sweep", "plaster", "tiled wall")  # one colour word says what they look like
PAINTED_SURFACES = ("paper", "plaster", "podium", "linen", "knit", "tiles")

LIGHT_COLOURS = ("warm", "neutral", "cool")
LIGHT_DIRECTIONS = ("left", "right", "front", "back")
LIGHT_HARDNESS = ("soft", "hard")
SHADOW_PATTERNS = ("leaf", "blind", "window")

OUTDOORS = ("garden", "forest", "beach", "sky", "mountains")
FAR = (
    *OUTDOORS,
    "window",
    "kitchen",
    "bathroom",
    "living room",
    "bookshelf",
    "city night",
    "festive lights",
    "curtain",
)
NIGHT = ("city night", "festive lights")

_ANYWHERE = ("wood", "marble", "concrete", "slate", "travertine", "granite")
_HOME = (*_ANYWHERE, "linen", "tiles", "terrazzo", "wicker", "leather")
_STUDIO = (
    "wood", "marble", "concrete", "tiles", "terrazzo", "granite", "slate", "travertine", "sandstone", "sand", "linen",
    "velvet", "knit", "acrylic", "metal", "paper", "podium", "plaster", "pebbles", "wet stone", "wicker", "leather",
)  # fmt: skip
SUITS = {
    **dict.fromkeys(("wall", "plaster", "concrete wall", "gradient", "stone wall"), _STUDIO),
    "brick": ("wood", "marble", "concrete", "linen", "slate", "tiles", "metal", "leather", "terrazzo"),
    "tiled wall": ("wood", "marble", "terrazzo", "tiles", "granite", "concrete"),
    "wood panels": ("wood", "marble", "concrete", "linen", "slate", "leather", "paper", "travertine", "knit"),
    "slats": ("wood", "marble", "concrete", "linen", "travertine", "terrazzo", "slate", "podium"),
    "sweep": ("sweep", "sweep", "podium"),
    "window": (*_HOME, "knit"),
    "curtain": (*_HOME, "knit", "paper", "velvet"),
    "kitchen": _HOME,
    "bookshelf": (*_HOME, "knit"),
    "bathroom": ("marble", "tiles", "terrazzo", "wood", "granite", "travertine"),
    "living room": (*_HOME, "knit", "metal"),
    "garden": (*_ANYWHERE, "grass", "moss", "linen", "wicker", "wet stone", "pebbles"),
    "forest": ("wood", "moss", "grass", "autumn leaves", "slate", "wet stone", "pebbles"),
    "beach": ("sand", "sand", "wood", "wet stone", "pebbles", "concrete", "travertine"),
    "sky": ("concrete", "paper", "sand", "grass", "wood", "snow", "podium", "plaster"),
    "mountains": ("wood", "snow", "wet stone", "grass", "slate", "pebbles"),
    "city night": ("wood", "marble", "acrylic", "concrete", "wet stone", "metal"),
    "festive lights": ("wood", "marble", "acrylic", "snow", "linen", "velvet"),
}

_DARK = ("black", "dark", "navy", "walnut", "slate", "burgundy", "emerald", "wet", "night", "festive")
_BRIGHT = ("white", "snow", "cream", "light grey", "off-white", "mint", "yellow", "peach", "pink", "lavender", "sky")


class UnknownName(ValueError):
    """A surface, backdrop, product or kind that the studio cannot draw."""


def check(name: str, known: object, what: str) -> str:
    names = sorted(known)  # type: ignore[call-overload]
    if name not in names:
        raise UnknownName(f"unknown {what} {name!r}; the studio knows: {', '.join(names)}")
    return name


def tone(kind: str, variant: str) -> float:
    """How bright it is by itself, 0..1: decides how bright the picture should come out."""
    if variant in PAINTS:
        return 1.25 * luminance(from_hex(PAINTS[variant]))
    name = f"{variant} {kind}"
    if name.startswith(("black ", "night ")):
        return 0.05
    if any(word in name for word in _DARK):
        return 0.12
    if name.startswith(("white", "snow", "off-white")):
        return 1.15
    return 0.7 if any(word in name for word in _BRIGHT) else 0.42
