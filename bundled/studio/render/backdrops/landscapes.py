"""Open country: the sea to the horizon, the sky alone, mountains."""

from typing import Any

import numpy as np

from bundled.studio.plan.colours import from_hex, from_hsv, scaled, varied
from bundled.studio.plan.rng import SeededRng
from bundled.studio.render.materials.plain import plain
from bundled.studio.render.meshes import field, hills, plane, put
from bundled.studio.render.nodes import Graph

SEAS = {"turquoise": ("1f7f92", "2b8f98"), "blue": ("1f6f9c", "1c66a0")}


def beach(rng: SeededRng, variant: str, depth: float) -> None:
    plane(_sea(rng, variant), 220, 90, (0, depth + 92, -rng.between(0.3, 0.6)))


def _sea(rng: SeededRng, variant: str) -> Any:
    graph = Graph(rng, name="sea")
    colour = varied(rng, from_hex(rng.pick(*SEAS[variant])), 0.08)
    here = graph.place(scale=(0.35, 1.0, 1.0))
    waves = graph.noise(graph.warp(here, 0.6, 0.5), 0.8, 6, 0.6)
    away = graph.xyz()[1]  # from -90 at the shore
    tone = graph.mix(graph.step(away, -90, -55), scaled(colour, 1.5), colour)
    surf = graph.noise(graph.stretched(here, (0.4, 1.2, 1)), 0.55, 7, 0.7)
    foam = graph.times(graph.step(surf, 0.53, 0.63), graph.step(away, -89, -80, 1, 0.0))
    tone = graph.mix(foam, tone, (0.9, 0.93, 0.95))
    return graph.done(graph.surface(tone, graph.spread(foam, 0.28, 0.8), graph.bump(waves, 0.06, 0.5)))


def open_sky(rng: SeededRng, variant: str, depth: float) -> None:
    """Nothing but the sky itself: below the horizon it goes on as haze, without an edge."""


def mountains(rng: SeededRng, variant: str, depth: float) -> None:
    """Three ranges, each paler than the one before, over a valley."""
    snowy = variant == "snowy"
    plane(
        plain(rng, from_hsv(0.26, 0.35, 0.3) if not snowy else (0.75, 0.8, 0.86), 1.0), 400, 140, (0, 145 + depth, -12)
    )
    for i, (near, tall) in enumerate(((80, 22), (140, 48), (230, 70))):
        _range(rng, depth + near, tall * rng.between(0.8, 1.1), haze=0.16 + 0.2 * i, snowy=snowy and i > 0)


def _range(rng: SeededRng, near: float, tall: float, haze: float, snowy: bool) -> None:
    seed = rng.seed()

    def height(x: Any, y: Any) -> Any:
        ridge = np.exp(-((y / 26) ** 2))
        peaks = 0.55 + 0.3 * hills(x, y, 0.035, 2, seed)
        crags = sum((1 - np.abs(hills(x, y, 0.09 * 2**k, 2, seed + k))) * 0.5**k for k in range(4)) / 2.2
        return tall * ridge * np.clip(peaks + 0.4 * crags - 0.3, 0, None)

    put(field(220, 45, 320, 90, height), _rock(rng, tall, haze, snowy), (0, near, -12))


def _rock(rng: SeededRng, tall: float, haze: float, snowy: bool) -> Any:
    graph = Graph(rng, name="rock")
    height = graph.xyz()[2]
    here = graph.place(scale=(0.12, 0.12, 0.12))
    rough = graph.noise(here, 1.0, 9, 0.65)
    stone = graph.mix(rough, from_hsv(0.6, 0.25, 0.22), from_hsv(0.08, 0.2, 0.5))
    meadow = from_hsv(0.27, 0.5, 0.3)
    line = graph.add(height, graph.times(rough, tall * 0.5))
    tone = graph.mix(graph.step(line, tall * 0.3, tall * 0.5), meadow, stone)
    if snowy:
        tone = graph.mix(graph.step(line, tall * 0.5, tall * 0.62), stone, (0.92, 0.94, 0.97))
    tone = graph.mix(haze, tone, (0.6, 0.72, 0.88))
    return graph.done(graph.surface(tone, 0.95, graph.bump(rough, 1.5, 0.6), Specular_IOR_Level=0.05))
