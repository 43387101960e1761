"""What the product stands on: the materials with their words, laid down in perspective or seen from above."""

from dataclasses import dataclass

import numpy as np

from bundled.quick.drawing.bank import Maker
from bundled.quick.drawing.colours import WORDS
from bundled.quick.drawing.noise import Rng
from bundled.quick.drawing.words import phrases
from bundled.quick.materials import masonry, strewn, textures


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
        phrases(
            "oak table | wooden table | wood table | oak surface | wooden surface | oak board | wooden board | "
            "oak wood | wooden tabletop | timber table | oak planks | wooden planks | rustic wooden table | "
            "wooden counter | wooden desk | wooden countertop | wood | natural wood | oak tabletop | oak counter"
        ),
        0.05,
        weight=2.2,
    ),
    "walnut": Surface(
        phrases(
            "walnut table | walnut surface | walnut wood | dark wooden table | walnut desk | walnut board | "
            "walnut tabletop | dark wood table | brown wooden table | walnut counter"
        ),
        0.08,
        weight=1.2,
    ),
    "pine": Surface(
        phrases(
            "pine table | pine boards | light wooden table | light wood table | pine wood | pine surface | blonde "
            "wood | pale wooden table | birch table | light wood surface"
        ),
        0.03,
        weight=1.0,
    ),
    "white wood": Surface(
        phrases(
            "white wooden table | white wood | white painted boards | whitewashed wood | white planks | white "
            "wooden surface"
        ),
        0.03,
        weight=0.7,
    ),
    "dark wood": Surface(
        phrases("dark wood | black wooden table | ebony table | dark wooden surface | dark timber | burnt wood"),
        0.08,
        weight=0.7,
    ),
    "white marble": Surface(
        phrases(
            "white marble | marble | marble counter | marble table | marble surface | marble slab | carrara "
            "marble | marble countertop | white marble counter | polished marble | marble top | white stone"
        ),
        0.22,
        weight=2.0,
    ),
    "black marble": Surface(
        phrases(
            "black marble | dark marble | black marble counter | black marble slab | black marble table | dark "
            "marble surface"
        ),
        0.28,
        weight=0.8,
    ),
    "green marble": Surface(
        phrases("green marble | green marble slab | emerald marble | green marble table"), 0.24, weight=0.5
    ),
    "pink marble": Surface(phrases("pink marble | rose marble | pink marble slab | pink stone"), 0.2, weight=0.4),
    "beige marble": Surface(
        phrases("beige marble | travertine | travertine slab | beige stone | limestone | cream marble"), 0.1, weight=0.7
    ),
    "concrete": Surface(
        phrases(
            "concrete | concrete surface | concrete table | cement | concrete slab | grey concrete | raw concrete "
            "| concrete floor | concrete counter | concrete block | concrete ledge"
        ),
        0.03,
        weight=1.5,
    ),
    "granite": Surface(
        phrases("granite | granite counter | granite countertop | speckled stone | granite surface | granite worktop"),
        0.15,
        weight=0.7,
    ),
    "tiles": Surface(
        phrases(
            "tiles | tiled surface | ceramic tiles | tile counter | tiled counter | glazed tiles | tiled table | "
            "tile floor"
        ),
        0.16,
        coloured=True,
        weight=1.3,
    ),
    "terrazzo": Surface(
        phrases("terrazzo | terrazzo surface | terrazzo slab | terrazzo table | terrazzo counter | terrazzo stone"),
        0.1,
        weight=1.1,
    ),
    "slate": Surface(
        phrases(
            "slate | black stone | slate slab | dark stone | slate plate | black slate | dark rock | stone slab | "
            "black rock | basalt"
        ),
        0.06,
        weight=1.2,
    ),
    "sand": Surface(
        phrases(
            "sand | beach sand | sandy ground | fine sand | golden sand | the beach | sandy beach | desert sand | "
            "a sand dune"
        ),
        0.0,
        0.5,
        weight=1.5,
    ),
    "grass": Surface(
        phrases("grass | green grass | lawn | a meadow | fresh grass | the lawn | grassy ground | a green lawn"),
        0.0,
        1.0,
        weight=1.3,
    ),
    "moss": Surface(
        phrases("moss | forest floor | mossy ground | green moss | a bed of moss | mossy stone"), 0.0, 0.9, weight=0.7
    ),
    "leaves": Surface(phrases("autumn leaves | fallen leaves | dry leaves | a bed of leaves"), 0.0, 0.8, weight=0.5),
    "pebbles": Surface(
        phrases("pebbles | stones | gravel | river stones | smooth stones | a pebble beach"), 0.02, 0.4, weight=0.7
    ),
    "linen": Surface(
        phrases(
            "linen | linen cloth | fabric | tablecloth | linen tablecloth | cotton cloth | textile | cloth | "
            "linen fabric | canvas"
        ),
        0.0,
        0.15,
        True,
        1.4,
    ),
    "velvet": Surface(
        phrases("velvet | velvet cloth | soft velvet | satin | silk | silk cloth"), 0.03, 0.15, True, 0.7
    ),
    "snow": Surface(
        phrases("snow | fresh snow | snowy ground | powder snow | white snow | ice and snow"), 0.0, 0.5, weight=1.2
    ),
    "acrylic": Surface(
        phrases(
            "glossy acrylic | glossy surface | acrylic | shiny surface | mirror-like surface | glossy plastic | "
            "lacquered table | reflective surface"
        ),
        0.5,
        coloured=True,
        weight=1.2,
    ),
    "paper": Surface(
        phrases("paper | coloured paper | cardboard | matte table | matte surface | painted table | table"),
        0.0,
        coloured=True,
        weight=1.0,
    ),
    "metal": Surface(
        phrases("brushed metal | steel | stainless steel | metal table | aluminium | metal surface"), 0.25, weight=0.6
    ),
    "water": Surface(
        phrases("water | shallow water | rippling water | wet surface | a pool of water"), 0.35, weight=0.6
    ),
    "sweep": Surface(
        phrases(
            "seamless background | plain background | studio sweep | backdrop paper | plain studio | infinity "
            "cove | studio background"
        ),
        0.04,
        coloured=True,
        weight=1.8,
    ),
    "podium": Surface(
        phrases("podium | pedestal | round podium | plinth | display stand | cylinder podium | stand | round pedestal"),
        0.04,
        coloured=True,
        weight=1.5,
    ),
}

# Cloth, stone and glaze are not made in every colour: these words keep the captions believable.
_CLOTH = phrases(
    "white | beige | grey | light blue | pink | dark green | navy | red | mustard | black | cream | "
    "terracotta | purple | brown"
)
_TILE_WORDS = phrases("white | grey | terracotta | blue | teal | dark green | black | beige | mint | pink | light blue")

_ANY = {
    "concrete": textures.mottled((0.48, 0.48, 0.47), (0.74, 0.73, 0.71), cells=2.5, contrast=0.16, grit=0.07),
    "granite": textures.mottled((0.12, 0.12, 0.13), (0.80, 0.78, 0.76), cells=70, contrast=0.22, grit=0.12),
    "terrazzo": strewn.chips(
        (0.90, 0.88, 0.85), phrases("terracotta | grey | black | beige | sage | pink | mustard"), 330, 0.022
    ),
    "slate": textures.mottled((0.07, 0.08, 0.09), (0.27, 0.29, 0.31), cells=6, contrast=0.2, grit=0.05, stretch=0.35),
    "sand": textures.sand,
    "grass": strewn.blades((0.12, 0.28, 0.07), (0.52, 0.70, 0.25), 0.06),
    "moss": textures.mottled((0.10, 0.17, 0.05), (0.42, 0.50, 0.18), cells=22, contrast=0.22, grit=0.10),
    "leaves": strewn.chips((0.25, 0.16, 0.08), phrases("orange | mustard | brown | terracotta | red"), 420, 0.045),
    "pebbles": strewn.chips(
        (0.30, 0.29, 0.27), phrases("grey | dark grey | beige | light grey | brown"), 420, 0.04, round_=True
    ),
    "snow": textures.mottled((0.80, 0.85, 0.92), (0.99, 0.99, 1.0), cells=3, contrast=0.2, grit=0.04),
    "metal": textures.mottled((0.48, 0.49, 0.51), (0.80, 0.81, 0.83), cells=2, contrast=0.2, grit=0.03, stretch=40),
    "water": textures.mottled((0.10, 0.30, 0.38), (0.66, 0.84, 0.88), cells=9, contrast=0.2, grit=0.0, stretch=0.4),
    "linen": textures.linen,
    "velvet": textures.mottled((0.62, 0.62, 0.62), (1, 1, 1), cells=2, contrast=0.25, grit=0.01),
    "paper": textures.mottled((0.90, 0.90, 0.90), (1, 1, 1), cells=3, contrast=0.1, grit=0.03),
}


def makers() -> dict[str, Maker]:
    """Every tile that a surface may ask its bank for."""
    table: dict[str, Maker] = _ANY | {species: textures.wood(species) for species in textures.WOODS}
    table |= {kind: textures.marble(kind) for kind in SURFACES if kind.endswith("marble")}
    table |= {f"tiles {word}": masonry.tiles(word) for word in _TILE_WORDS}
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
    words = {"linen": _CLOTH, "velvet": _CLOTH, "tiles": _TILE_WORDS}.get(kind, WORDS)
    return words[int(rng.integers(len(words)))]
