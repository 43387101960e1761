"""Rooms behind the table, out of focus: kitchen, bathroom, living room, library."""

from bundled.studio.plan.colours import from_hex, paint, scaled
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.backdrops.furnishing import books, pendant, picture_frame, plant, standing_lamp, stem, vessel
from bundled.studio.render.materials import mineral, soft, stone, wood
from bundled.studio.render.materials.plain import metal, plain
from bundled.studio.render.meshes import box, lathe, plane, rounded, tube, wall


def kitchen(rng: SeededRng, variant: str, depth: float) -> None:
    """A tiled wall, a counter with things on it, an open shelf, a hob or lamps."""
    back = depth + rng.between(5, 8)
    wall(mineral.tiles(rng, variant, rng.pick((1.5, 0.75, 0.5), (0.75, 2, 0))), back)
    front = mineral.paint_coat(rng, paint(rng, variant), 0.4)
    top = stone.marble(rng, "white marble") if rng.chance(0.5) else wood.butcher_block(rng)
    box((44, 2.4, 0.25), top, (0, back - 1.2, -0.6), 0.03)
    _cabinets(rng, front, back)
    _shelf(rng, back, rng.between(2.6, 3.2))
    for place in range(-7, 8, 2):
        if rng.chance(0.6):
            vessel(rng, (place + rng.between(-0.5, 0.5), back - rng.between(0.7, 1.6), -0.47))
    if rng.chance(0.6):
        for x in (-2.6, 1.2):
            pendant(rng, x + rng.between(-1, 1), back - 2.5, 4.4)


def _cabinets(rng: SeededRng, front: object, back: float) -> None:
    knob = metal(rng, rng.pick("brass", "steel", "dark metal"))
    for i in range(-6, 7):
        box((3.3, 0.3, 4.5), front, (i * 3.4, back - 2.2, -3), 0.06)
        box((0.9, 0.12, 0.1), knob, (i * 3.4, back - 2.45, -1.2), 0.03)


def _shelf(rng: SeededRng, back: float, height: float, items: bool = True) -> None:
    board = wood.wood(rng, rng.pick("oak", "walnut", "pine", "whitewashed wood"), plank=(60, 9))
    box((30, 1.5, 0.18), board, (0, back - 0.75, height), 0.02)
    x = -8.0
    while items and x < 8:
        spot = (x, back - 0.75, height + 0.1)
        rng.pick(vessel, vessel, vessel, lambda d, at: plant(d, at, 0.45))(rng, spot)
        x += rng.between(0.95, 2.0)


def bathroom(rng: SeededRng, variant: str, depth: float) -> None:
    """Tiles, a round mirror, a tap, towels."""
    back = depth + rng.between(2.5, 5)
    shape = rng.pick((1, 1, 0), (1.5, 0.75, 0.5), (0.75, 2, 0), (1.5, 1.5, 0))
    wall(mineral.tiles(rng, variant if variant in ("white", "sage green", "grey", "pink") else "white", shape), back)
    side = rng.sign()
    mirror = plain(rng, (0.8, 0.83, 0.85), 0.08, Metallic=1.0)
    disc = lathe(
        [(0, 0), (2.2, 0), (2.2, 0.1), (0, 0.1)], mirror, (side * rng.between(1.5, 3.5), back - 0.1, 3.4), sides=64
    )
    disc.rotation_euler = (1.5708, 0, 0)
    _towels(rng, -side * rng.between(2.2, 3.6), back)
    if rng.chance(0.7):
        plant(rng, (-side * rng.between(3.5, 5.5), back - 1.4, -0.6), 0.8)
    ceramic = plain(rng, (0.85, 0.85, 0.84), 0.1)
    lathe(
        rounded([(0, 0), (1.3, 0), (1.8, 1.0), (1.7, 1.0), (0, 0.2)], 0.1),
        ceramic,
        (side * 2.4, back - 2.2, -0.7),
        sides=48,
    )
    tap = metal(rng, rng.pick("brass", "steel", "dark metal"), 0.2)
    x = side * 2.4
    tube(
        [
            (x, back - 0.8, -0.5),
            (x, back - 0.8, 1.2),
            (x, back - 1.1, 1.45),
            (x, back - 1.8, 1.4),
            (x, back - 1.9, 1.1),
        ],
        0.1,
        tap,
    )


def _towels(rng: SeededRng, x: float, back: float) -> None:
    rail = metal(rng, rng.pick("brass", "steel", "dark metal"), 0.2)
    tube([(x - 1.6, back - 0.5, 2.6), (x + 1.6, back - 0.5, 2.6)], 0.06, rail)
    towel = soft.knit(rng, paint(rng, rng.pick("white", "beige", "sage green", "grey", "dusty pink")))
    box((1.9, 0.25, 3.4), towel, (x, back - 0.5, 1.0), 0.12)


def living_room(rng: SeededRng, variant: str, depth: float) -> None:
    back, floor = depth + rng.between(7, 10), -3.6
    wall(mineral.paint_coat(rng, paint(rng, variant)), back, 24)
    plane(wood.wood(rng, rng.pick("oak", "walnut", "pine")), 28, 24, (0, 6, floor))
    x = rng.between(-2.5, 2.5)
    _sofa(rng, x, back, floor)
    for i in range(rng.whole(1, 3)):
        picture_frame(rng, (x - 3 + 3.1 * i + rng.between(-0.3, 0.3), back - 0.1, rng.between(3.0, 3.8)))
    side = rng.sign()
    standing_lamp(rng, x + side * rng.between(5, 6), back - 1.5, floor)
    plant(rng, (x - side * rng.between(5.2, 6.5), back - 1.5, floor), rng.between(1.4, 1.9))
    if rng.chance(0.5):
        stem(rng, 3.0, (x - side * rng.between(3.0, 4.4), back - 4.5, -1.8))
        box((3, 2, 0.2), wood.butcher_block(rng), (x - side * 3.7, back - 4.5, -1.9), 0.04)


def _sofa(rng: SeededRng, x: float, back: float, floor: float) -> None:
    colours = ("beige", "light grey", "grey", "cream", "sage green", "navy blue", "terracotta", "mustard", "teal")
    cover = plain(rng, scaled(paint(rng, rng.one_of(colours)), 0.9), 0.95, Sheen_Weight=0.3)
    box((8, 3, 2.2), cover, (x, back - 2.5, floor + 1.1), 0.3)
    box((8, 0.9, 3.4), cover, (x, back - 1.2, floor + 2.4), 0.3)
    for side in (-1, 1):
        box((0.9, 3, 3.0), cover, (x + side * 4, back - 2.5, floor + 1.5), 0.3)
        cushion = plain(rng, paint(rng, rng.one_of(colours)), 0.95)
        at = (x + side * 2.5, back - 2.3, floor + 3.1)
        box((1.8, 0.55, 1.7), cushion, at, 0.24, (-0.25, rng.between(-0.3, 0.3), 0))


def bookshelf(rng: SeededRng, variant: str, depth: float) -> None:
    """Rows of spines with gaps for pots and plants."""
    back = depth + rng.between(3, 6)
    board = plain(rng, from_hex("e9e6df"), 0.5) if variant == "white" else wood.wood(rng, variant, plank=(60, 9))
    wall(plain(rng, scaled(from_hex("e9e6df" if variant == "white" else wood.SPECIES[variant][0]), 0.75), 0.8), back)
    for level in range(-2, 5):
        height = -0.9 + 2.2 * level
        box((44, 1.7, 0.16), board, (0, back - 0.85, height), 0.02)
        _row(rng, back - 0.8, height + 0.08)
    for i in range(-3, 4):
        box((0.18, 1.7, 20), board, (i * 5.5 + 1.4, back - 0.85, 3), 0.02)


def _row(rng: SeededRng, y: float, z: float) -> None:
    x = -9.0
    while x < 9:
        if rng.chance(0.7):
            width = rng.between(1.2, 2.8)
            books(rng, (x, y, z), width)
            x += width + rng.between(0.2, 0.6)
        else:
            rng.pick(vessel, lambda d, at: plant(d, at, 0.4))(rng, (x + 0.5, y, z))
            x += rng.between(1.3, 1.8)
