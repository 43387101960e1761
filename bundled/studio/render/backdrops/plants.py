"""Green behind the table, well out of focus: garden hedges and flowers, forest trunks."""

import math

from bundled.studio.plan.colours import from_hsv
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.backdrops.furnishing import leaf_cloud
from bundled.studio.render.materials.plain import plain
from bundled.studio.render.materials.soft import leaf
from bundled.studio.render.meshes import lathe, plane, put, wall


def garden(rng: SeededRng, variant: str, depth: float) -> None:
    near = depth + rng.between(6, 10)
    _ground(rng, 0.27)
    _hedge(rng, near, hue=rng.between(0.2, 0.29), autumn=False)
    if rng.chance(0.6):
        petals = plain(rng, from_hsv(rng.pick(0.0, 0.95, 0.13, 0.75, 0.9), 0.55, 0.9), 0.6)
        put(leaf_cloud(rng, 130, (7, 1.5, 3), 0.24), petals, (0, near - 1.5, -0.5))


def forest(rng: SeededRng, variant: str, depth: float) -> None:
    near = depth + rng.between(8, 12)
    autumn = variant == "autumn"
    _ground(rng, 0.09 if autumn else 0.22)
    _hedge(rng, near + 8, hue=0.24, autumn=autumn, gaps=True)
    bark = plain(rng, from_hsv(0.07, 0.35, 0.22), 0.95)
    for _ in range(rng.whole(6, 10)):
        radius, x, y = rng.between(0.5, 1.1), rng.between(-14, 14), near + rng.between(0, 14)
        trunk = lathe([(radius * 1.3, -5), (radius, 0), (radius * 0.9, 30)], bark, (x, y, 0), sides=14)
        trunk.rotation_euler = (rng.between(-0.04, 0.04), rng.between(-0.06, 0.06), 0)


def _ground(rng: SeededRng, hue: float) -> None:
    plane(plain(rng, from_hsv(hue, 0.55, 0.3), 0.95, Specular_IOR_Level=0.1), 120, 80, (0, 70, -9))


def _hedge(rng: SeededRng, near: float, hue: float, autumn: bool, gaps: bool = False) -> None:
    """A few clumps instanced many times, in two rows; the back row fills the holes."""
    foliage = leaf(rng, hue, autumn=autumn)
    clumps = [leaf_cloud(rng, 1500, (6, 2.4, 4.8), rng.between(0.3, 0.5)) for _ in range(2)]
    for clump in clumps:
        clump.materials.append(foliage)
    if not gaps:  # no sky through the leaves
        dark = plain(rng, from_hsv(hue, 0.6, 0.25), 1.0)
        wall(dark, near + 17, 60, 24, -6)
    for i in range(-3, 4):
        put(rng.one_of(clumps), None, (i * 6.5 + 3, near - 1, -5.5), (0, 0, rng.pick(0, math.pi)))
    for row in range(2 if gaps else 3):
        for i in range(-3, 4):
            at = (
                i * 7 + rng.between(-1, 1) + row * 3,
                near + row * 5,
                rng.between(-0.5, 1.5) + row * (4 if gaps else 3),
            )
            put(rng.one_of(clumps), None, at, (0, 0, rng.pick(0, math.pi)))
