"""What the product stands on: the materials with their words, laid down in perspective or seen from above."""

from dataclasses import dataclass

import cv2
import numpy as np

from scenes.quick import textures
from scenes.quick.colours import COLOURS, Picture, any_word, shade_of
from scenes.quick.textures import Bank, Maker, Rng


@dataclass(frozen=True)
class Surface:
    """One material: what people call it, how much it mirrors, and whether its far edge is ragged."""

    words: tuple[str, ...]
    gloss: float = 0.0
    ragged: float = 0.0
    coloured: bool = False  # the tile is grey and takes a colour word
    weight: float = 1.0


SURFACES: dict[str, Surface] = {
    "oak": Surface(
        (
            "oak table",
            "wooden table",
            "wood table",
            "oak surface",
            "wooden surface",
            "oak board",
            "wooden board",
            "oak wood",
            "wooden tabletop",
            "timber table",
            "oak planks",
            "wooden planks",
            "rustic wooden table",
            "wooden counter",
            "wooden desk",
            "wooden countertop",
            "wood",
            "natural wood",
            "oak tabletop",
            "oak counter",
        ),
        0.05,
        weight=2.2,
    ),
    "walnut": Surface(
        (
            "walnut table",
            "walnut surface",
            "walnut wood",
            "dark wooden table",
            "walnut desk",
            "walnut board",
            "walnut tabletop",
            "dark wood table",
            "brown wooden table",
            "walnut counter",
        ),
        0.08,
        weight=1.2,
    ),
    "pine": Surface(
        (
            "pine table",
            "pine boards",
            "light wooden table",
            "light wood table",
            "pine wood",
            "pine surface",
            "blonde wood",
            "pale wooden table",
            "birch table",
            "light wood surface",
        ),
        0.03,
        weight=1.0,
    ),
    "white wood": Surface(
        (
            "white wooden table",
            "white wood",
            "white painted boards",
            "whitewashed wood",
            "white planks",
            "white wooden surface",
        ),
        0.03,
        weight=0.7,
    ),
    "dark wood": Surface(
        ("dark wood", "black wooden table", "ebony table", "dark wooden surface", "dark timber", "burnt wood"),
        0.08,
        weight=0.7,
    ),
    "white marble": Surface(
        (
            "white marble",
            "marble",
            "marble counter",
            "marble table",
            "marble surface",
            "marble slab",
            "carrara marble",
            "marble countertop",
            "white marble counter",
            "polished marble",
            "marble top",
            "white stone",
        ),
        0.22,
        weight=2.0,
    ),
    "black marble": Surface(
        (
            "black marble",
            "dark marble",
            "black marble counter",
            "black marble slab",
            "black marble table",
            "dark marble surface",
        ),
        0.28,
        weight=0.8,
    ),
    "green marble": Surface(
        ("green marble", "green marble slab", "emerald marble", "green marble table"), 0.24, weight=0.5
    ),
    "pink marble": Surface(("pink marble", "rose marble", "pink marble slab", "pink stone"), 0.2, weight=0.4),
    "beige marble": Surface(
        ("beige marble", "travertine", "travertine slab", "beige stone", "limestone", "cream marble"), 0.1, weight=0.7
    ),
    "concrete": Surface(
        (
            "concrete",
            "concrete surface",
            "concrete table",
            "cement",
            "concrete slab",
            "grey concrete",
            "raw concrete",
            "concrete floor",
            "concrete counter",
            "concrete block",
            "concrete ledge",
        ),
        0.03,
        weight=1.5,
    ),
    "granite": Surface(
        ("granite", "granite counter", "granite countertop", "speckled stone", "granite surface", "granite worktop"),
        0.15,
        weight=0.7,
    ),
    "tiles": Surface(
        (
            "tiles",
            "tiled surface",
            "ceramic tiles",
            "tile counter",
            "tiled counter",
            "glazed tiles",
            "tiled table",
            "tile floor",
        ),
        0.16,
        coloured=True,
        weight=1.3,
    ),
    "terrazzo": Surface(
        ("terrazzo", "terrazzo surface", "terrazzo slab", "terrazzo table", "terrazzo counter", "terrazzo stone"),
        0.1,
        weight=1.1,
    ),
    "slate": Surface(
        (
            "slate",
            "black stone",
            "slate slab",
            "dark stone",
            "slate plate",
            "black slate",
            "dark rock",
            "stone slab",
            "black rock",
            "basalt",
        ),
        0.06,
        weight=1.2,
    ),
    "sand": Surface(
        (
            "sand",
            "beach sand",
            "sandy ground",
            "fine sand",
            "golden sand",
            "the beach",
            "sandy beach",
            "desert sand",
            "a sand dune",
        ),
        0.0,
        0.5,
        weight=1.5,
    ),
    "grass": Surface(
        ("grass", "green grass", "lawn", "a meadow", "fresh grass", "the lawn", "grassy ground", "a green lawn"),
        0.0,
        1.0,
        weight=1.3,
    ),
    "moss": Surface(
        ("moss", "forest floor", "mossy ground", "green moss", "a bed of moss", "mossy stone"), 0.0, 0.9, weight=0.7
    ),
    "leaves": Surface(("autumn leaves", "fallen leaves", "dry leaves", "a bed of leaves"), 0.0, 0.8, weight=0.5),
    "pebbles": Surface(
        ("pebbles", "stones", "gravel", "river stones", "smooth stones", "a pebble beach"), 0.02, 0.4, weight=0.7
    ),
    "linen": Surface(
        (
            "linen",
            "linen cloth",
            "fabric",
            "tablecloth",
            "linen tablecloth",
            "cotton cloth",
            "textile",
            "cloth",
            "linen fabric",
            "canvas",
        ),
        0.0,
        0.15,
        True,
        1.4,
    ),
    "velvet": Surface(("velvet", "velvet cloth", "soft velvet", "satin", "silk", "silk cloth"), 0.03, 0.15, True, 0.7),
    "snow": Surface(
        ("snow", "fresh snow", "snowy ground", "powder snow", "white snow", "ice and snow"), 0.0, 0.5, weight=1.2
    ),
    "acrylic": Surface(
        (
            "glossy acrylic",
            "glossy surface",
            "acrylic",
            "shiny surface",
            "mirror-like surface",
            "glossy plastic",
            "lacquered table",
            "reflective surface",
        ),
        0.5,
        coloured=True,
        weight=1.2,
    ),
    "paper": Surface(
        ("paper", "coloured paper", "cardboard", "matte table", "matte surface", "painted table", "table"),
        0.0,
        coloured=True,
        weight=1.0,
    ),
    "metal": Surface(
        ("brushed metal", "steel", "stainless steel", "metal table", "aluminium", "metal surface"), 0.25, weight=0.6
    ),
    "water": Surface(("water", "shallow water", "rippling water", "wet surface", "a pool of water"), 0.35, weight=0.6),
    "sweep": Surface(
        (
            "seamless background",
            "plain background",
            "studio sweep",
            "backdrop paper",
            "plain studio",
            "infinity cove",
            "studio background",
        ),
        0.04,
        coloured=True,
        weight=1.8,
    ),
    "podium": Surface(
        ("podium", "pedestal", "round podium", "plinth", "display stand", "cylinder podium", "stand", "round pedestal"),
        0.04,
        coloured=True,
        weight=1.5,
    ),
}

# Cloth, stone and glaze are not made in every colour: these words keep the captions believable.
_CLOTH = (
    "white",
    "beige",
    "grey",
    "light blue",
    "pink",
    "dark green",
    "navy",
    "red",
    "mustard",
    "black",
    "cream",
    "terracotta",
    "purple",
    "brown",
)
_TILE_WORDS = (
    "white",
    "grey",
    "terracotta",
    "blue",
    "teal",
    "dark green",
    "black",
    "beige",
    "mint",
    "pink",
    "light blue",
)

_ANY = {
    "concrete": textures.mottled((0.48, 0.48, 0.47), (0.74, 0.73, 0.71), cells=2.5, contrast=0.16, grain=0.07),
    "granite": textures.mottled((0.12, 0.12, 0.13), (0.80, 0.78, 0.76), cells=70, contrast=0.22, grain=0.12),
    "terrazzo": textures.chips(
        (0.90, 0.88, 0.85), ("terracotta", "grey", "black", "beige", "sage", "pink", "mustard"), 330, 0.022
    ),
    "slate": textures.mottled((0.07, 0.08, 0.09), (0.27, 0.29, 0.31), cells=6, contrast=0.2, grain=0.05, stretch=0.35),
    "sand": textures.sand,
    "grass": textures.blades((0.12, 0.28, 0.07), (0.52, 0.70, 0.25), 0.06),
    "moss": textures.mottled((0.10, 0.17, 0.05), (0.42, 0.50, 0.18), cells=22, contrast=0.22, grain=0.10),
    "leaves": textures.chips((0.25, 0.16, 0.08), ("orange", "mustard", "brown", "terracotta", "red"), 420, 0.045),
    "pebbles": textures.chips(
        (0.30, 0.29, 0.27), ("grey", "dark grey", "beige", "light grey", "brown"), 420, 0.04, round_=True
    ),
    "snow": textures.mottled((0.80, 0.85, 0.92), (0.99, 0.99, 1.0), cells=3, contrast=0.2, grain=0.04),
    "metal": textures.mottled((0.48, 0.49, 0.51), (0.80, 0.81, 0.83), cells=2, contrast=0.2, grain=0.03, stretch=40),
    "water": textures.mottled((0.10, 0.30, 0.38), (0.66, 0.84, 0.88), cells=9, contrast=0.2, grain=0.0, stretch=0.4),
    "linen": textures.linen,
    "velvet": textures.mottled((0.62, 0.62, 0.62), (1, 1, 1), cells=2, contrast=0.25, grain=0.01),
    "paper": textures.mottled((0.90, 0.90, 0.90), (1, 1, 1), cells=3, contrast=0.1, grain=0.03),
}


def makers() -> dict[str, Maker]:
    """Every tile that a surface may ask its bank for."""
    table: dict[str, Maker] = dict(_ANY)
    table |= {species: textures.wood(species) for species in textures.WOODS}
    table |= {kind: textures.marble(kind) for kind in SURFACES if kind.endswith("marble")}
    table |= {f"tiles {word}": textures.tiles(word) for word in _TILE_WORDS}
    return table


_KINDS = tuple(SURFACES)
_WEIGHTS = np.cumsum([surface.weight for surface in SURFACES.values()])


def pick_kind(rng: Rng) -> str:
    """A material, common ones more often."""
    return _KINDS[int(np.searchsorted(_WEIGHTS, rng.random() * _WEIGHTS[-1]))]


def pick_colour(kind: str, rng: Rng) -> str:
    """A colour word for a material that takes one, else ''."""
    if not SURFACES[kind].coloured:
        return ""
    words = {"linen": _CLOTH, "velvet": _CLOTH, "tiles": _TILE_WORDS}.get(kind, tuple(COLOURS))
    return words[int(rng.integers(len(words)))]


def tile_of(kind: str, colour: str, bank: Bank, rng: Rng) -> Picture:
    """The flat material, side x side x 3, in its colour."""
    if kind == "tiles":
        return bank.pick(f"tiles {colour}", rng)
    if kind in {"linen", "velvet", "paper"}:
        return bank.pick(kind, rng) * shade_of(colour, rng)
    if kind in {"acrylic", "sweep", "podium"}:
        return np.broadcast_to(shade_of(colour or any_word(rng), rng), (bank.side, bank.side, 3)).astype(np.float32)
    return bank.pick(kind, rng)


def laid_down(tile: Picture, size: int, horizon: float, rng: Rng) -> Picture:
    """The tile as a plane from the horizon line to the lower edge, size x size x 3 (above the line: its far edge)."""
    side = tile.shape[0]
    zoom, squeeze = rng.uniform(0.45, 0.95), rng.uniform(0.30, 0.62)
    near = side * zoom
    left, far = rng.uniform(0, side - near), side - 1.0
    source = np.asarray([[0, 0], [far, 0], [left + near, far], [left, far]], np.float32)
    top = horizon * size
    inset = size * (1 / max(zoom * squeeze, 0.2) - 1) * 0.25
    target = np.asarray([[-inset * 0.2, top], [size + inset * 0.2, top], [size, size], [0, size]], np.float32)
    if rng.random() < 0.3:  # planks towards the camera instead of across
        tile = cv2.rotate(tile, cv2.ROTATE_90_CLOCKWISE)
    matrix = cv2.getPerspectiveTransform(source, target)
    return cv2.warpPerspective(tile, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def from_above(tile: Picture, size: int, rng: Rng) -> Picture:
    """The tile filling the frame, turned and cropped: a flat lay."""
    side = tile.shape[0]
    matrix = cv2.getRotationMatrix2D(
        (side / 2, side / 2), float(rng.uniform(0, 360)), size / side * rng.uniform(1.0, 2.0)
    )
    matrix[:, 2] += size / 2 - side / 2
    return cv2.warpAffine(tile, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def ground_mask(kind: str, size: int, horizon: float, blur: float, rng: Rng) -> Picture:
    """How much of each pixel (size x size, 0..1) is surface: a straight, a ragged or (sweep) no edge."""
    y = np.arange(size, dtype=np.float32)[:, None] + 0.5
    edge = np.full((1, size), horizon * size, np.float32)
    ragged = SURFACES[kind].ragged
    if ragged:
        bumps = cv2.resize(rng.standard_normal((1, 9)).astype(np.float32), (size, 1), interpolation=cv2.INTER_CUBIC)
        edge = (
            edge
            + size * 0.012 * ragged * bumps
            + size * 0.006 * ragged * rng.standard_normal((1, size)).astype(np.float32)
        )
    softness = max(0.7, blur * 0.7) if kind != "sweep" else size * 0.12
    return np.clip((y - edge) / softness + 0.5, 0, 1).astype(np.float32)
