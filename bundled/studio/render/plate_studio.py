"""Draws style plates; the room of plates.py that needs the renderer."""

import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bundled.studio.plan import metering, plates
from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.scene import Plan
from bundled.studio.plan.styles import PlannedStyle
from bundled.studio.render import engine, stage
from bundled.studio.render.camera import Framing


def framing(plan: Plan) -> Framing:
    rng = SeededRng(plan.seed, "framing")
    if plan.view == "flatlay":
        return Framing(frame=rng.between(5.5, 7.0), fstop=11)
    if plan.view == "backdrop":
        return Framing(frame=rng.between(8.0, 10.0), fstop=_open(plan))
    fstop = 2.2 if plan.backdrop in words.FAR and plan.backdrop not in stage.HORIZON else rng.between(5.6, 8)
    if plan.backdrop in words.NIGHT:
        fstop = 1.4
    if plan.surface == "podium":
        return Framing(frame=rng.between(4.8, 5.4), base=0.79, line=0.71, lens=70.0, fstop=8)
    line = rng.between(0.54, 0.59)
    return Framing(frame=rng.between(4.3, 5.0), base=0.775, line=line, lens=rng.pick(60.0, 70.0, 80.0), fstop=fstop)


def _open(plan: Plan) -> float:
    """The aperture behind a person: wide for a room or a garden, less so for lights, which would melt into fog."""
    if plan.backdrop in words.NIGHT:
        return 2.0
    return 0.9 if plan.backdrop in words.FAR else 8.0


def draw(plan: Plan, size: int, samples: int, threads: int = 1) -> tuple[np.ndarray, float | None, float]:
    """The developed picture, the surface line and the camera's elevation."""
    built = stage.build(plan)
    view = framing(plan)
    elevation = stage.frame_plate(built, view)
    engine.prepare(round(size * share(plan)), samples, threads, plan.seed)
    linear = enlarged(engine.picture(), size)
    factor = metering.exposure(linear, plan)
    return engine.develop(linear, factor), view.line if plan.view == "standing" else None, elevation


def share(plan: Plan) -> float:
    """A backdrop far out of focus has nothing that the last pixel would show."""
    return 0.8 if plan.backdrop in words.FAR and plan.view != "flatlay" else 1.0


def enlarged(linear: np.ndarray, size: int) -> np.ndarray:
    if linear.shape[0] == size:
        return linear
    return np.clip(cv2.resize(linear, (size, size), interpolation=cv2.INTER_CUBIC), 0, None)


def make(style: PlannedStyle, number: int, folder: Path, threads: int = 1) -> dict[str, Any]:
    plan = plates.plan_of(style, number)
    pixels, line, elevation = draw(plan, plates.SIZE, plates.samples_for(plan), threads)
    made = plates.entry(style, number, plan, line, elevation)
    save_jpeg(folder / made["file"], pixels)
    plates.write_index(folder, [made])
    return made


def save_jpeg(path: Path, pixels: np.ndarray, limit: int = 90_000) -> None:
    """As good as fits: grass at full quality would be four times the rest."""
    for quality in (88, 86, 84, 80, 76, 72, 66):
        data = cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        if len(data) <= limit:
            break
    path.write_bytes(data.tobytes())


def make_all(styles: tuple[PlannedStyle, ...], folder: Path, threads: int = 1) -> None:
    """Every plate that is not there yet: first one of each style, then the second."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(style, number) for number in (1, 2, 3) for style in styles if number <= len(style.lights)]
    missing = [(style, number) for style, number in wanted if not (folder / f"{style.slug}-{number}.jpg").exists()]
    for done, (style, number) in enumerate(missing, 1):
        started = time.monotonic()
        made = make(style, number, folder, threads)
        print(f"plate {done}/{len(missing)}  {made['id']}  {time.monotonic() - started:.0f} s", flush=True)
