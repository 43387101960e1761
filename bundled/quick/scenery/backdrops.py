"""What stands behind the product: each kind with its words, drawn flat; a bank keeps some of each."""

from dataclasses import dataclass

import cv2
import numpy as np

from bundled.quick.drawing.bank import Maker
from bundled.quick.drawing.colours import Picture
from bundled.quick.drawing.noise import Rng, grey, noise
from bundled.quick.drawing.planes import Pixels, shrunk, softened
from bundled.quick.drawing.words import phrases
from bundled.quick.materials import masonry, strewn, textures
from bundled.quick.scenery import landscapes, rooms


@dataclass(frozen=True)
class BackdropKind:
    """One kind of background: its words, how far away it is (blur), and whether it takes a colour word."""

    words: tuple[str, ...]
    distance: float = 0.3  # 0 at the product, 1 far off: more blur
    coloured: bool = False
    outdoors: bool = False
    weight: float = 1.0


BACKDROPS: dict[str, BackdropKind] = {
    "wall": BackdropKind(
        phrases(
            "wall | background | backdrop | plain wall | painted wall | studio background | plain background | "
            "backdrop wall"
        ),
        0.2,
        True,
        weight=6.0,
    ),
    "gradient": BackdropKind(
        phrases("gradient background | gradient | gradient backdrop | soft gradient"), 0.2, True, weight=1.2
    ),
    "plaster": BackdropKind(
        phrases("plaster wall | textured wall | stucco wall | rough plaster | limewash wall | plastered wall"),
        0.2,
        True,
        weight=1.4,
    ),
    "red brick": BackdropKind(
        phrases(
            "brick wall | red brick wall | bricks | old bricks | exposed brick | red bricks | brick background | "
            "brickwork | loft wall | brick | rustic brick wall"
        ),
        0.3,
        weight=1.8,
    ),
    "white brick": BackdropKind(
        phrases("white brick wall | white bricks | painted brick wall | white painted bricks"), 0.3, weight=0.9
    ),
    "grey brick": BackdropKind(
        phrases("grey brick wall | grey bricks | gray brick wall | stone brick wall"), 0.3, weight=0.8
    ),
    "stone wall": BackdropKind(phrases("stone wall | rock wall | natural stone wall | rocks"), 0.3, weight=0.6),
    "concrete wall": BackdropKind(
        phrases("concrete wall | cement wall | raw concrete wall | industrial wall"), 0.25, weight=0.9
    ),
    "tiled wall": BackdropKind(
        phrases("tiled wall | bathroom tiles | white tiles | subway tiles | tile wall | metro tiles"), 0.3, weight=0.8
    ),
    "wood panels": BackdropKind(
        phrases(
            "wood panels | wooden wall | wood panelling | wooden planks wall | timber wall | wooden slats | wood wall"
        ),
        0.3,
        weight=1.1,
    ),
    "window": BackdropKind(
        phrases("window | bright window | large window | sunny window | window light | a window with daylight"),
        0.6,
        weight=1.2,
    ),
    "curtain": BackdropKind(
        phrases("curtain | curtains | linen curtain | drapes | fabric backdrop | draped fabric"), 0.3, True, weight=1.0
    ),
    "shelf": BackdropKind(
        phrases("bookshelf | shelf | shelves | bookcase | books | shelves with books | library"), 0.6, weight=1.1
    ),
    "kitchen": BackdropKind(
        phrases("kitchen | modern kitchen | blurred kitchen | bright kitchen | cosy kitchen | home kitchen"),
        0.7,
        weight=1.2,
    ),
    "living room": BackdropKind(
        phrases("living room | cosy living room | sofa | modern living room | home interior | lounge | cozy home"),
        0.7,
        weight=1.2,
    ),
    "bathroom": BackdropKind(
        phrases("bathroom | spa | bright bathroom | modern bathroom | shower | spa bathroom"), 0.6, weight=0.9
    ),
    "garden": BackdropKind(
        phrases(
            "garden | green garden | foliage | green leaves | plants | greenery | leaves | lush garden | trees | "
            "park | green plants"
        ),
        0.8,
        outdoors=True,
        weight=1.5,
    ),
    "forest": BackdropKind(
        phrases("forest | woods | pine forest | tree trunks | dark forest | woodland"), 0.8, outdoors=True, weight=1.0
    ),
    "flowers": BackdropKind(
        phrases("flowers | flower field | blossoms | spring flowers | wild flowers | flower garden"),
        0.8,
        outdoors=True,
        weight=0.8,
    ),
    "sea": BackdropKind(
        phrases("sea | blue sea | ocean | beach | the sea and sky | seaside | ocean waves | sea view | coast"),
        0.7,
        outdoors=True,
        weight=1.5,
    ),
    "sky": BackdropKind(
        phrases("blue sky | sky | clouds | sky with clouds | clear sky | summer sky"), 0.5, outdoors=True, weight=1.1
    ),
    "mountains": BackdropKind(
        phrases("mountains | mountain view | snowy mountains | alps | hills | mountain landscape"),
        0.6,
        outdoors=True,
        weight=1.0,
    ),
    "desert": BackdropKind(phrases("desert | dunes | desert dunes | sand dunes"), 0.6, outdoors=True, weight=0.6),
    "sunset": BackdropKind(
        phrases("sunset | sunset sky | orange sky | dusk sky | sunrise | evening sky"), 0.6, outdoors=True, weight=0.9
    ),
    "city": BackdropKind(
        phrases(
            "city lights | city at night | bokeh lights | night city | bokeh | neon lights | skyline at night | "
            "blurred city lights"
        ),
        1.0,
        outdoors=True,
        weight=1.0,
    ),
    "festive": BackdropKind(
        phrases(
            "christmas lights | festive lights | christmas tree | fairy lights | string lights | holiday lights | "
            "christmas decoration"
        ),
        0.9,
        weight=1.0,
    ),
}


def _curtain(rng: Rng, side: int) -> Picture:
    x = np.linspace(0, 1, side, dtype=np.float32)
    folds = np.sin(
        2 * np.pi * rng.uniform(5, 11) * x + 2 * np.sin(2 * np.pi * rng.uniform(1, 3) * x + rng.uniform(0, 6))
    )
    value = 0.84 + 0.13 * folds[None, :] * np.ones((side, 1), np.float32)
    return grey(value + 0.012 * noise(rng, side, 40, 40, 2))


def _gradient(rng: Rng, side: int) -> Picture:
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) / side - 0.5
    value = (
        np.cos(angle) * x + np.sin(angle) * y if rng.random() < 0.6 else 0.45 - np.hypot(x, y - rng.uniform(-0.2, 0.2))
    )
    return grey(0.74 + 0.50 * value)


def _wood_panels(rng: Rng, side: int) -> Picture:
    planks = textures.wood(phrases("oak | walnut | pine | white wood | dark wood")[int(rng.integers(5))])(rng, side)
    return np.rot90(planks) if rng.random() < 0.7 else planks


def _metro(rng: Rng, side: int) -> Picture:
    return masonry.tiles(phrases("white | white | light grey | teal | dark green")[int(rng.integers(5))])(rng, side)


def makers() -> dict[str, Maker]:
    """Every backdrop that a scene may ask its bank for; 'wall' is a plaster so fine that it reads as paint."""
    table: dict[str, Maker] = {
        "wall": textures.mottled((0.95, 0.95, 0.95), (1, 1, 1), cells=2, contrast=0.12, grit=0.02),
        "plaster": textures.mottled((0.74, 0.74, 0.74), (1.04, 1.04, 1.04), cells=5, contrast=0.2, grit=0.05),
        "concrete wall": textures.mottled((0.42, 0.42, 0.42), (0.72, 0.71, 0.70), cells=2.5, contrast=0.2, grit=0.05),
        "stone wall": strewn.chips(
            (0.33, 0.31, 0.28), phrases("grey | beige | dark grey | light grey"), 150, 0.09, round_=True
        ),
        "tiled wall": _metro,
        "wood panels": _wood_panels,
        "window": rooms.window,
        "curtain": _curtain,
        "shelf": rooms.shelf,
        "kitchen": rooms.kitchen,
        "living room": rooms.living_room,
        "bathroom": rooms.bathroom,
        "garden": landscapes.garden,
        "forest": landscapes.forest,
        "flowers": landscapes.flowers,
        "sea": landscapes.sea,
        "sky": landscapes.sky,
        "mountains": landscapes.mountains,
        "desert": landscapes.desert,
        "sunset": landscapes.sunset,
        "city": landscapes.city,
        "festive": landscapes.festive,
        "gradient": _gradient,
    }
    return table | {kind: masonry.brick(kind) for kind in BACKDROPS if kind.endswith("brick")}


_KINDS = tuple(BACKDROPS)
_WEIGHTS = np.cumsum([backdrop.weight for backdrop in BACKDROPS.values()])


def pick_kind(rng: Rng) -> str:
    """A kind, plain walls most often."""
    return _KINDS[int(np.searchsorted(_WEIGHTS, rng.random() * _WEIGHTS[-1]))]


def seen(tile: Pixels, size: int, height: int, blur: float, rng: Rng, *, whole: bool) -> Pixels:
    """The tile behind a surface, height x size x 3, out of focus by `blur` (px), mirrored half the time.

    `whole` squeezes all of it into that height (a room, a landscape with its own horizon); else it is cropped.
    """
    side = tile.shape[0]
    width = int(side * rng.uniform(0.75, 1.0))
    tall = int(side * rng.uniform(0.85, 1.0)) if whole else min(side, int(width * height / size))
    x, y = int(rng.integers(0, side - width + 1)), int(rng.integers(0, side - tall + 1))
    piece = tile[y : y + tall, x : x + width]
    picture = shrunk(piece, size, height)
    if rng.random() < 0.5:
        picture = cv2.flip(picture, 1)
    return softened(picture, blur) if blur > 0.5 else picture
