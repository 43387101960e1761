"""Paints a product from its parts: colour with form shading, its own studio light or none, its exact alpha."""

from dataclasses import dataclass, replace

import numpy as np

from bundled.quick.drawing.colours import Picture, any_word, shades_of
from bundled.quick.drawing.planes import Planes, per_plane
from bundled.quick.products import pieces
from bundled.quick.products.goods import SHAPES
from bundled.quick.products.outlines import Rng

METALS = np.asarray(((0.80, 0.80, 0.82), (0.86, 0.70, 0.40), (0.83, 0.60, 0.52)), np.float32)
KINDS = tuple(SHAPES)


@dataclass(frozen=True)
class PaintedProduct:
    """A painted product in the frame: colour (3 x size x size), alpha (size x size) and where it stands."""

    image: Planes
    alpha: Picture
    window: pieces.Window  # all of it lies in here
    kind: str
    word: str
    colour: str
    base_y: float  # px, the line it stands on
    centre_x: float  # px
    half_width: float  # px


def paint(
    rng: Rng, size: int, base_y: float, height: float, *, light_x: float, kind: str = "", colour: str = ""
) -> PaintedProduct:
    """One product standing at `base_y` (px), `height` px tall; `light_x` is -1 (from the left) .. 1 (from the
    right)."""
    kind = kind or KINDS[int(rng.integers(len(KINDS)))]
    shape, words = SHAPES[kind]
    colour = colour or any_word(rng)
    parts, inks = shape(rng), _inks(colour, rng)
    sides = pieces.extents(parts)
    low_x, high_x, high_y = float(sides[:, 0].min()), float(sides[:, 2].max()), float(sides[:, 3].max())
    scale, centre = _fitted(low_x, high_x, high_y, height, size, rng)
    brush = pieces.Brush(scale, light_x, float(rng.uniform(0, 0.35)))
    painted = [piece for piece in pieces.placed(parts, sides, scale, centre, base_y, size) if piece.visible]
    image, alpha, window = np.zeros((3, size, size), np.float32), np.zeros((size, size), np.float32), _around(painted)
    image[:, *window] = per_plane(inks["main"])
    for piece in painted:
        pieces.add(image, alpha, piece, inks[piece.part.ink], brush)
    word, half_width = words[int(rng.integers(len(words)))], (high_x - low_x) * scale / 2
    return PaintedProduct(image, alpha, window, kind, word, colour, base_y, centre, half_width)


def lit(product: PaintedProduct, rgb: Picture) -> PaintedProduct:
    """The product in the light of the scene."""
    return replace(product, image=np.minimum(product.image * per_plane(rgb), np.float32(1)))


def _inks(colour: str, rng: Rng) -> dict[str, Picture]:
    metal = METALS[int(rng.integers(3))]
    main, second, dark, light, leaf = shades_of((colour, any_word(rng), "dark grey", "white", "green"), rng)
    return {"main": main, "second": second, "dark": dark, "light": light, "metal": metal, "leaf": leaf * 0.8}


def _fitted(low_x: float, high_x: float, high_y: float, height: float, size: int, rng: Rng) -> tuple[float, float]:
    """px per unit and the centre's x, so that it is about `height` tall and stays inside the frame."""
    wide, tall = high_x - low_x, max(high_y, 0.3)
    scale = min(height / tall, size * 0.8 / wide)
    room = max(0.0, size * 0.5 - wide * scale / 2 - 2)
    middle = (high_x + low_x) / 2 * scale
    return float(scale), float(size / 2 - middle + rng.uniform(-1, 1) * min(room, size * 0.2))


def _around(painted: list[pieces.Piece]) -> pieces.Window:
    """The rows and columns of all pieces."""
    rows, columns = zip(*(piece.box for piece in painted), strict=True)
    return (
        slice(min(some.start for some in rows), max(some.stop for some in rows)),
        slice(min(some.start for some in columns), max(some.stop for some in columns)),
    )
