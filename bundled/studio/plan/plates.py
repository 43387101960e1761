"""Style plates: product-free scenes at 768 px, each with its surface line, light and words, listed in plates.json."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan
from bundled.studio.plan.styles import PlannedStyle

SIZE = 768


TAKES: dict[str, int] = {}  # plates whose first take was not good enough


def plan_of(style: PlannedStyle, number: int, take: int | None = None) -> Plan:
    take = take if take is not None else TAKES.get(f"{style.slug}-{number}", 0)
    seed = SeededRng("plate", style.slug, number, take).seed()
    surface, surface_variant = style.surface or (None, "")
    backdrop, backdrop_variant = style.backdrop or (None, "")
    light = style.lights[number - 1]
    return Plan(seed, style.view, surface, surface_variant, backdrop, backdrop_variant, light)


def samples_for(plan: Plan) -> int:
    """Foliage and lights in the dark need more rays than a plain wall."""
    if plan.backdrop in words.NIGHT:
        return 10
    leafy = ("garden", "forest", "window", "curtain")
    return 6 if plan.backdrop in leafy or plan.surface in ("grass", "moss") else 4


def captions(style: PlannedStyle) -> list[str]:
    on, before = style.surface_phrase, style.backdrop_phrase
    light = style.lights[0]
    glow = {"warm": "warm light", "neutral": "natural light", "cool": "cool light"}[light.colour]
    if on and before:
        long = f"{before}, {on}, {light.hardness} shadows"
        return [f"on {on}, {before} behind", f"{on} in front of {before}, {glow}", style.name, long]
    if on:
        return [f"flat lay on {on}, {glow}", f"lying on {on}, seen from above", style.name]
    return [f"in front of {before}", f"{before}, {glow}", style.name]


def entry(style: PlannedStyle, number: int, plan: Plan, line: float | None, elevation: float) -> dict[str, Any]:
    light = plan.light
    return {
        "id": f"{style.slug}-{number}",
        "style": style.name,
        "file": f"{style.slug}-{number}.jpg",
        "width": SIZE,
        "height": SIZE,
        "view": style.view,
        "surface_line": None if line is None else round(line, 4),
        "camera_elevation_deg": round(elevation, 1),
        "light": {"colour": light.colour, "direction": light.direction, "hardness": light.hardness},
        "surface": style.surface_phrase,
        "backdrop": style.backdrop_phrase,
        "words": list(style.words),
        "captions": captions(style),
        "seed": plan.seed,
    }


def write_index(folder: Path, entries: Iterable[dict[str, Any]]) -> None:
    """Merge into plates.json; whole or not at all."""
    path = folder / "plates.json"
    known = {plate["id"]: plate for plate in json.loads(path.read_text())["plates"]} if path.exists() else {}
    known.update({plate["id"]: plate for plate in entries})
    kept = [plate for _, plate in sorted(known.items()) if (folder / plate["file"]).exists()]
    fresh = path.with_suffix(".tmp")
    fresh.write_text(json.dumps({"plates": kept}, indent=1, ensure_ascii=False) + "\n")
    fresh.replace(path)
