"""Flat material tiles, seen square on: each maker draws one tile; a bank keeps some of each kind and renews them."""

from collections.abc import Callable, Mapping
from itertools import pairwise

import cv2
import numpy as np

from scenes.quick.colours import Picture, shade_of

Rng = np.random.Generator
Maker = Callable[[Rng, int], Picture]  # (random numbers, side in px) -> side x side x 3 in 0..1


class Bank:
    """Some drawn tiles per kind. One pick in `renewal` draws a fresh tile, so the supply has no end."""

    def __init__(self, makers: Mapping[str, Maker], side: int, per_kind: int = 24, renewal: int = 60) -> None:
        self.makers, self.side, self.per_kind, self.renewal = makers, side, per_kind, renewal
        self.tiles: dict[str, list[Picture]] = {kind: [] for kind in makers}

    def pick(self, kind: str, rng: Rng) -> Picture:
        """A tile of that kind; raises KeyError for a kind that nobody draws."""
        tiles = self.tiles[kind]
        # A bank fills slowly, so that the first pictures come at once and a short run pays for few tiles.
        if len(tiles) < 3 or (len(tiles) < self.per_kind and rng.random() < 3 / self.renewal):
            tiles.append(np.ascontiguousarray(self.makers[kind](rng, self.side), np.float32))
            return tiles[-1]
        place = int(rng.integers(len(tiles)))
        if rng.random() < 1 / self.renewal:
            tiles[place] = np.ascontiguousarray(self.makers[kind](rng, self.side), np.float32)
        return tiles[place]


def noise(rng: Rng, side: int, cells_y: float, cells_x: float, octaves: int = 4, gain: float = 0.55) -> Picture:
    """Value noise (side x side) with mean 0 and deviation about 1; unequal cells stretch it."""
    total = np.zeros((side, side), np.float32)
    for octave in range(octaves):
        rows = int(min(side, max(2, cells_y * 2**octave)))
        columns = int(min(side, max(2, cells_x * 2**octave)))
        grain = rng.standard_normal((rows, columns)).astype(np.float32)
        total += gain**octave * cv2.resize(grain, (side, side), interpolation=cv2.INTER_CUBIC)
    return (total - total.mean()) / (total.std() + 1e-6)


def tinted(value: Picture, dark: Picture, light: Picture) -> Picture:
    """Grey values 0..1 spread between two colours."""
    t = np.clip(value, 0, 1)[..., None].astype(np.float32)
    return np.asarray(dark + (np.asarray(light, np.float32) - dark) * t, np.float32)


def warped(tile: Picture, rng: Rng, strength: float, cells: float) -> Picture:
    """The tile with its coordinates pushed about by noise; strength in px."""
    side = tile.shape[0]
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    dx, dy = noise(rng, side, cells, cells, 2), noise(rng, side, cells, cells, 2)
    return cv2.remap(tile, x + strength * dx, y + strength * dy, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


WOODS: dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]] = {
    "oak": ((0.52, 0.36, 0.21), (0.80, 0.63, 0.43)),
    "walnut": ((0.20, 0.11, 0.07), (0.44, 0.28, 0.18)),
    "pine": ((0.76, 0.57, 0.36), (0.94, 0.80, 0.60)),
    "white wood": ((0.74, 0.71, 0.66), (0.95, 0.93, 0.90)),
    "dark wood": ((0.10, 0.07, 0.05), (0.30, 0.20, 0.14)),
}


def wood(species: str) -> Maker:
    """Planks along x: fibres, a slow figure, a joint and a tint per plank."""
    dark, light = (np.asarray(c, np.float32) for c in WOODS[species])

    def draw(rng: Rng, side: int) -> Picture:
        fibres = noise(rng, side, side / 3, 3, 3, 0.7)
        figure = np.abs(((noise(rng, side, 9, 1.2, 2) * rng.uniform(0.8, 2.0)) % 1.0) * 2 - 1)
        value = 0.42 + 0.13 * fibres + 0.30 * figure + 0.06 * noise(rng, side, 4, 2, 2)
        return _planked(tinted(value, dark, light), rng, int(rng.integers(2, 7)))

    return draw


def _planked(tile: Picture, rng: Rng, planks: int) -> Picture:
    side = tile.shape[0]
    edges = np.linspace(0, side, planks + 1).astype(int)
    for top, bottom in pairwise(edges):
        rolled = np.roll(tile[top:bottom], int(rng.integers(side)), axis=1)
        tile[top:bottom] = rolled * rng.uniform(0.82, 1.12)
        tile[top : top + max(1, side // 128)] *= 0.45
        seam = int(rng.integers(side))
        tile[top:bottom, seam : seam + max(1, side // 128)] *= 0.55
    return np.clip(tile, 0, 1)


def marble(kind: str) -> Maker:
    """Stone with thin veins where warped noise crosses zero, a soft halo and clouds."""
    stone, vein = {
        "white marble": ((0.93, 0.93, 0.92), (0.50, 0.51, 0.54)),
        "black marble": ((0.09, 0.09, 0.10), (0.80, 0.78, 0.74)),
        "green marble": ((0.10, 0.27, 0.21), (0.72, 0.80, 0.72)),
        "pink marble": ((0.90, 0.76, 0.72), (0.70, 0.48, 0.45)),
        "beige marble": ((0.88, 0.81, 0.71), (0.62, 0.48, 0.34)),
    }[kind]

    def draw(rng: Rng, side: int) -> Picture:
        field = warped(noise(rng, side, 2, 3, 3), rng, side * 0.06, 3)
        fine = warped(noise(rng, side, 5, 4, 3), rng, side * 0.04, 4)
        lines = np.exp(-np.abs(field) / 0.05) * np.clip(noise(rng, side, 2, 2, 1) * 0.6 + 0.7, 0, 1)
        veins = 0.75 * lines + 0.35 * np.exp(-np.abs(fine) / 0.04) + 0.22 * np.exp(-np.abs(field) / 0.5)
        cloud = 0.06 * noise(rng, side, 3, 3, 3)
        return np.clip(
            tinted(veins, np.asarray(stone, np.float32), np.asarray(vein, np.float32)) + cloud[..., None] * 0.6, 0, 1
        )

    return draw


def mottled(
    dark: tuple[float, float, float],
    light: tuple[float, float, float],
    *,
    cells: float = 3,
    contrast: float = 0.18,
    grain: float = 0.06,
    stretch: float = 1.0,
) -> Maker:
    """A cloudy ground with fine grain: concrete, slate, sand, snow, plaster, felt, by its numbers."""

    def draw(rng: Rng, side: int) -> Picture:
        value = 0.5 + contrast * noise(rng, side, cells, cells * stretch, 5, 0.6)
        value = value + grain * rng.standard_normal((side, side)).astype(np.float32)
        tile = tinted(value, np.asarray(dark, np.float32), np.asarray(light, np.float32))
        return np.clip(tile * rng.uniform(0.92, 1.06), 0, 1)

    return draw


def sand(rng: Rng, side: int) -> Picture:
    """Ripples under grain and dark specks."""
    tile = mottled((0.66, 0.53, 0.36), (0.93, 0.83, 0.65), contrast=0.14, grain=0.10)(rng, side)
    y = np.arange(side, dtype=np.float32)[:, None] / side
    ripple = np.sin(2 * np.pi * rng.uniform(5, 12) * y + 1.6 * noise(rng, side, 3, 3, 2))
    return np.clip(tile * (1 + rng.uniform(0.0, 0.10) * ripple)[..., None], 0, 1)


def blades(
    dark: tuple[float, float, float], light: tuple[float, float, float], length: float, count: int = 2600
) -> Maker:
    """Short strokes upwards over a dark ground: grass and fur."""

    def draw(rng: Rng, side: int) -> Picture:
        tile = np.empty((side, side, 3), np.float32)
        tile[:] = np.asarray(dark, np.float32) * 0.8
        foot = rng.integers(0, side, (count, 2))
        tip = foot + (rng.normal(0, 1, (count, 2)) * (0.35, 0.2) - (0, 1)) * side * length * rng.uniform(
            0.5, 1.2, (count, 1)
        )
        shade = np.clip(rng.normal(0.5, 0.25, count), 0, 1)
        for start, end, s in zip(foot.tolist(), tip.astype(int).tolist(), shade.tolist(), strict=True):
            colour = [d * (1 - s) + li * s for d, li in zip(dark, light, strict=True)]
            cv2.line(tile, start, end, colour, 1, cv2.LINE_AA)
        return tile

    return draw


def linen(rng: Rng, side: int) -> Picture:
    """A plain weave with slubs and slow folds, in grey; the surface tints it."""
    y, x = np.mgrid[0:side, 0:side].astype(np.float32)
    pitch = 2 * np.pi / rng.uniform(3.5, 6.0)
    weave = np.sin(x * pitch) * 0.5 + np.sin(y * pitch) * 0.5
    slub = noise(rng, side, side / 3, 6, 2) + noise(rng, side, 6, side / 3, 2)
    folds = noise(rng, side, 1.5, 3, 2)
    value = np.clip(0.82 + 0.045 * weave + 0.035 * slub + 0.06 * folds, 0, 1)
    return np.repeat(value[..., None], 3, axis=2)


def grid(rng: Rng, side: int, rows: int, columns: int, offset: float, joint_px: int) -> tuple[Picture, Picture]:
    """A running bond: (side x side joint mask in 0..1, a number per brick in 0..1)."""
    joints, shade = np.zeros((side, side), np.float32), np.zeros((side, side), np.float32)
    y_edges = np.linspace(0, side, rows + 1).astype(int)
    width = side / columns
    for row, (top, bottom) in enumerate(pairwise(y_edges)):
        start = -width * offset * (row % 2)
        for left in np.arange(start, side, width):
            a, b = max(0, int(left)), min(side, int(left + width))
            shade[top:bottom, a:b] = rng.random()
            joints[top:bottom, a : a + joint_px] = 1
        joints[top : top + joint_px] = 1
    return joints, shade


def brick(kind: str) -> Maker:
    """A brick wall in one of three colours; joints a little warped, a tint per brick."""
    dark, light, mortar = {
        "red brick": ((0.42, 0.17, 0.12), (0.72, 0.37, 0.26), (0.70, 0.66, 0.60)),
        "white brick": ((0.80, 0.79, 0.77), (0.95, 0.94, 0.92), (0.66, 0.65, 0.63)),
        "grey brick": ((0.36, 0.37, 0.38), (0.62, 0.62, 0.62), (0.76, 0.76, 0.75)),
    }[kind]

    def draw(rng: Rng, side: int) -> Picture:
        rows = int(rng.integers(8, 14))
        joints, shade = grid(rng, side, rows, max(2, rows // 3), 0.5, max(2, side // 90))
        wall = tinted(
            shade * 0.8 + 0.12 * noise(rng, side, 24, 24, 3),
            np.asarray(dark, np.float32),
            np.asarray(light, np.float32),
        )
        soft = cv2.GaussianBlur(joints, (0, 0), 0.7)[..., None]
        return np.clip(warped(wall * (1 - soft) + soft * np.asarray(mortar, np.float32), rng, side * 0.003, 12), 0, 1)

    return draw


def tiles(word: str) -> Maker:
    """Glazed square or metro tiles of one colour with pale or dark grout."""

    def draw(rng: Rng, side: int) -> Picture:
        metro = rng.random() < 0.35
        rows = int(rng.integers(4, 8))
        joints, shade = grid(rng, side, rows, rows // 2 if metro else rows, 0.5 if metro else 0.0, max(2, side // 80))
        glaze = shade_of(word, rng)[None, None] * (0.90 + 0.16 * shade + 0.02 * noise(rng, side, 5, 5, 2))[..., None]
        grout = np.float32(rng.choice([0.86, 0.62, 0.30]))
        return np.clip(np.where(joints[..., None] > 0.5, grout, glaze), 0, 1).astype(np.float32)

    return draw


def chips(
    ground: tuple[float, float, float], colours: tuple[str, ...], count: int, size: float, *, round_: bool = False
) -> Maker:
    """Small pieces strewn over a ground: terrazzo (angular) and pebbles (round)."""

    def draw(rng: Rng, side: int) -> Picture:
        tile = mottled(tuple(c * 0.95 for c in ground), ground, contrast=0.2, grain=0.05)(rng, side)  # type: ignore[arg-type]
        for _ in range(count):
            colour = shade_of(colours[int(rng.integers(len(colours)))], rng).tolist()
            angles = np.sort(rng.uniform(0, 2 * np.pi, 12 if round_ else 6))
            radius = (
                side
                * size
                * rng.uniform(0.3, 1.0)
                * (rng.uniform(0.92, 1, len(angles)) if round_ else rng.uniform(0.5, 1, len(angles)))
            )
            centre = rng.uniform(0, side, 2)
            outline = centre + np.stack([np.cos(angles) * radius, np.sin(angles) * radius * 0.85], 1)
            if round_:
                cv2.fillPoly(tile, [(outline + side * size * 0.15).astype(np.int32)], (0.12, 0.11, 0.10), cv2.LINE_AA)
            cv2.fillPoly(tile, [outline.astype(np.int32)], colour, cv2.LINE_AA)
        return tile

    return draw
