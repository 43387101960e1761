"""What stands behind the product: builders by name; `depth` is where the surface ends."""

from collections.abc import Callable

from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.backdrops import interiors, landscapes, night, plants, walls, windows

Builder = Callable[[SeededRng, str, float], None]

BUILDERS: dict[str, Builder] = {
    "wall": walls.painted,
    "sweep": walls.sweep,
    "gradient": walls.gradient,
    "plaster": walls.plastered,
    "brick": walls.brick,
    "tiled wall": walls.tiled,
    "concrete wall": walls.concrete,
    "stone wall": walls.stone_wall,
    "wood panels": walls.panels,
    "slats": walls.slats,
    "window": windows.window,
    "curtain": windows.curtain,
    "kitchen": interiors.kitchen,
    "bathroom": interiors.bathroom,
    "living room": interiors.living_room,
    "bookshelf": interiors.bookshelf,
    "garden": plants.garden,
    "forest": plants.forest,
    "beach": landscapes.beach,
    "sky": landscapes.open_sky,
    "mountains": landscapes.mountains,
    "city night": night.city,
    "festive lights": night.festive,
}
