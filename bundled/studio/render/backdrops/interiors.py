"""Rooms behind the table, out of focus: kitchen, bathroom, living room, library."""

from bundled.studio.plan.colours import from_hex, paint, scaled
from bundled.studio.plan.dice import Dice
from bundled.studio.render.backdrops.furnishing import books, pendant, picture_frame, plant, standing_lamp, stem, vessel
from bundled.studio.render.materials import mineral, soft, stone, wood
from bundled.studio.render.materials.plain import metal, plain
from bundled.studio.render.meshes import box, lathe, plane, rounded, tube, wall


def kitchen(dice: Dice, variant: str, depth: float) -> None:
    """A tiled wall, a counter with things on it, an open shelf, a hob or lamps."""
    back = depth + dice.between(5, 8)
    wall(mineral.tiles(dice, variant, dice.pick((1.5, 0.75, 0.5), (0.75, 2, 0))), back)
    front = mineral.paint_coat(dice, paint(dice, variant), 0.4)
    top = stone.marble(dice, "white marble") if dice.chance(0.5) else wood.butcher_block(dice)
    box((44, 2.4, 0.25), top, (0, back - 1.2, -0.6), 0.03)
    _cabinets(dice, front, back)
    _shelf(dice, back, dice.between(2.6, 3.2))
    for place in range(-7, 8, 2):
        if dice.chance(0.6):
            vessel(dice, (place + dice.between(-0.5, 0.5), back - dice.between(0.7, 1.6), -0.47))
    if dice.chance(0.6):
        for x in (-2.6, 1.2):
            pendant(dice, x + dice.between(-1, 1), back - 2.5, 4.4)


def _cabinets(dice: Dice, front: object, back: float) -> None:
    knob = metal(dice, dice.pick("brass", "steel", "dark metal"))
    for i in range(-6, 7):
        box((3.3, 0.3, 4.5), front, (i * 3.4, back - 2.2, -3), 0.06)
        box((0.9, 0.12, 0.1), knob, (i * 3.4, back - 2.45, -1.2), 0.03)


def _shelf(dice: Dice, back: float, height: float, items: bool = True) -> None:
    board = wood.wood(dice, dice.pick("oak", "walnut", "pine", "whitewashed wood"), plank=(60, 9))
    box((30, 1.5, 0.18), board, (0, back - 0.75, height), 0.02)
    x = -8.0
    while items and x < 8:
        spot = (x, back - 0.75, height + 0.1)
        dice.pick(vessel, vessel, vessel, lambda d, at: plant(d, at, 0.45))(dice, spot)
        x += dice.between(0.95, 2.0)


def bathroom(dice: Dice, variant: str, depth: float) -> None:
    """Tiles, a round mirror, a tap, towels."""
    back = depth + dice.between(2.5, 5)
    shape = dice.pick((1, 1, 0), (1.5, 0.75, 0.5), (0.75, 2, 0), (1.5, 1.5, 0))
    wall(mineral.tiles(dice, variant if variant in ("white", "sage green", "grey", "pink") else "white", shape), back)
    side = dice.sign()
    mirror = plain(dice, (0.8, 0.83, 0.85), 0.08, Metallic=1.0)
    disc = lathe(
        [(0, 0), (2.2, 0), (2.2, 0.1), (0, 0.1)], mirror, (side * dice.between(1.5, 3.5), back - 0.1, 3.4), sides=64
    )
    disc.rotation_euler = (1.5708, 0, 0)
    _towels(dice, -side * dice.between(2.2, 3.6), back)
    if dice.chance(0.7):
        plant(dice, (-side * dice.between(3.5, 5.5), back - 1.4, -0.6), 0.8)
    ceramic = plain(dice, (0.85, 0.85, 0.84), 0.1)
    lathe(
        rounded([(0, 0), (1.3, 0), (1.8, 1.0), (1.7, 1.0), (0, 0.2)], 0.1),
        ceramic,
        (side * 2.4, back - 2.2, -0.7),
        sides=48,
    )
    tap = metal(dice, dice.pick("brass", "steel", "dark metal"), 0.2)
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


def _towels(dice: Dice, x: float, back: float) -> None:
    rail = metal(dice, dice.pick("brass", "steel", "dark metal"), 0.2)
    tube([(x - 1.6, back - 0.5, 2.6), (x + 1.6, back - 0.5, 2.6)], 0.06, rail)
    towel = soft.knit(dice, paint(dice, dice.pick("white", "beige", "sage green", "grey", "dusty pink")))
    box((1.9, 0.25, 3.4), towel, (x, back - 0.5, 1.0), 0.12)


def living_room(dice: Dice, variant: str, depth: float) -> None:
    back, floor = depth + dice.between(7, 10), -3.6
    wall(mineral.paint_coat(dice, paint(dice, variant)), back, 24)
    plane(wood.wood(dice, dice.pick("oak", "walnut", "pine")), 28, 24, (0, 6, floor))
    x = dice.between(-2.5, 2.5)
    _sofa(dice, x, back, floor)
    for i in range(dice.whole(1, 3)):
        picture_frame(dice, (x - 3 + 3.1 * i + dice.between(-0.3, 0.3), back - 0.1, dice.between(3.0, 3.8)))
    side = dice.sign()
    standing_lamp(dice, x + side * dice.between(5, 6), back - 1.5, floor)
    plant(dice, (x - side * dice.between(5.2, 6.5), back - 1.5, floor), dice.between(1.4, 1.9))
    if dice.chance(0.5):
        stem(dice, 3.0, (x - side * dice.between(3.0, 4.4), back - 4.5, -1.8))
        box((3, 2, 0.2), wood.butcher_block(dice), (x - side * 3.7, back - 4.5, -1.9), 0.04)


def _sofa(dice: Dice, x: float, back: float, floor: float) -> None:
    colours = ("beige", "light grey", "grey", "cream", "sage green", "navy blue", "terracotta", "mustard", "teal")
    cover = plain(dice, scaled(paint(dice, dice.one_of(colours)), 0.9), 0.95, Sheen_Weight=0.3)
    box((8, 3, 2.2), cover, (x, back - 2.5, floor + 1.1), 0.3)
    box((8, 0.9, 3.4), cover, (x, back - 1.2, floor + 2.4), 0.3)
    for side in (-1, 1):
        box((0.9, 3, 3.0), cover, (x + side * 4, back - 2.5, floor + 1.5), 0.3)
        cushion = plain(dice, paint(dice, dice.one_of(colours)), 0.95)
        at = (x + side * 2.5, back - 2.3, floor + 3.1)
        box((1.8, 0.55, 1.7), cushion, at, 0.24, (-0.25, dice.between(-0.3, 0.3), 0))


def bookshelf(dice: Dice, variant: str, depth: float) -> None:
    """Rows of spines with gaps for pots and plants."""
    back = depth + dice.between(3, 6)
    board = plain(dice, from_hex("e9e6df"), 0.5) if variant == "white" else wood.wood(dice, variant, plank=(60, 9))
    wall(plain(dice, scaled(from_hex("e9e6df" if variant == "white" else wood.SPECIES[variant][0]), 0.75), 0.8), back)
    for level in range(-2, 5):
        height = -0.9 + 2.2 * level
        box((44, 1.7, 0.16), board, (0, back - 0.85, height), 0.02)
        _row(dice, back - 0.8, height + 0.08)
    for i in range(-3, 4):
        box((0.18, 1.7, 20), board, (i * 5.5 + 1.4, back - 0.85, 3), 0.02)


def _row(dice: Dice, y: float, z: float) -> None:
    x = -9.0
    while x < 9:
        if dice.chance(0.7):
            width = dice.between(1.2, 2.8)
            books(dice, (x, y, z), width)
            x += width + dice.between(0.2, 0.6)
        else:
            dice.pick(vessel, lambda d, at: plant(d, at, 0.4))(dice, (x + 0.5, y, z))
            x += dice.between(1.3, 1.8)
