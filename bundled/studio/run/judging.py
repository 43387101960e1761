"""Judge pairs: a good photograph spoilt on purpose in one known way, with the score a rater would give."""

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.samples import StudioSample, picture_bytes, sample_of
from bundled.studio.plan.scene import Plan
from bundled.studio.plan.vocabulary import SURFACES
from bundled.training.defects import DEFECTS, EmptyScene, Spoilt, Work
from shared.contracts.vocabulary import LOOKS_LIKE, PASSES_FOR

if TYPE_CHECKING:  # spoiling pictures needs no renderer, and photographs cannot be imported without one
    from bundled.studio.render.photograph import Photograph

OURS = {
    "none": 1.0,
    "wrong surface": 0.3,
    "wrong scale": 0.2,
}  # the others are those of the trainings, and so are scores
WITHOUT_SHADOW = ("floating", "no contact")  # what is behind these is the plate, not the picture with its shadow
ABOVE_ITS_BASE = 0.06  # of the height: lifted so far and a little more, a product hangs in the air

ALSO_CALLED = {"wet stone": "slate", "autumn leaves": "leaves"}  # the studio's name -> the vocabulary's


def spoilt(plan: Plan, key: str, shot: "Photograph") -> StudioSample:
    """The picture to be judged, and beside it the product's photo on white."""
    rng = SeededRng(plan.seed, "defect")
    defect = rng.one_of(possible(plan)) if (shot.mask > 0.5).any() else "none"
    asked = _another_surface(plan, rng) if defect == "wrong surface" else plan
    made = _made(defect, plan, shot, rng)
    picture, photo = _bytes(made.picture), _bytes(on_white(made.work))
    score = round(made.score, 3)
    sample = sample_of(asked, key, "judge", picture, made.work.alpha, defect=defect, score=score)
    return StudioSample(key, {**sample.files, "original.webp": picture_bytes(photo)})


def possible(plan: Plan) -> list[str]:
    """Only what stands can float, and what hangs before a wall has no surface that could be the wrong one."""
    without = {
        "floating": plan.view != "standing",
        "no contact": plan.view == "backdrop",
        "wrong surface": plan.surface in (None, "sweep"),
    }
    return sorted(defect for defect in (*OURS, *DEFECTS) if not without.get(defect))


def _another_surface(plan: Plan, rng: SeededRng) -> Plan:
    """The same picture, but its words ask for a surface that nobody would take it for."""
    name = rng.one_of(sorted(name for name in SURFACES if not _alike(str(plan.surface), name)))
    return replace(plan, surface=name, surface_variant=rng.one_of(SURFACES[name].variants))


def _alike(one: str, other: str) -> bool:
    """The same, or one looks like or passes for the other."""
    a, b = ALSO_CALLED.get(one, one), ALSO_CALLED.get(other, other)
    tables = (LOOKS_LIKE["surface"], PASSES_FOR["surface"])
    return a == b or any(b in table.get(a, ()) or a in table.get(b, ()) for table in tables)


def _made(defect: str, plan: Plan, shot: "Photograph", rng: SeededRng) -> Spoilt:
    work = work_of(plan, shot, shadow=defect not in WITHOUT_SHADOW)
    if defect in DEFECTS:
        return DEFECTS[defect](work, np.random.default_rng(rng.seed()))
    changed = _resized(work, rng.pick(0.45, 1.7)) if defect == "wrong scale" else work
    return Spoilt(changed, changed.picture(), OURS[defect])


def work_of(plan: Plan, shot: "Photograph", *, shadow: bool) -> Work:
    """The photograph taken apart: the product, the plate behind it, around it the picture, with its shadow or not."""
    picture, alpha = _floats(shot.picture), np.asarray(shot.mask, np.float32)
    plate = picture if shot.plate is None else _floats(shot.plate)
    around = picture * (1 - alpha[..., None]) + plate * alpha[..., None] if shadow else plate
    rows = np.flatnonzero((alpha > 0.5).any(1))
    base = rows[-1] / len(alpha) if len(rows) else 1.0
    scene = EmptyScene(plate, max(0.05, float(base) - ABOVE_ITS_BASE), plan.view)
    return Work(np.asarray(around, np.float32), picture, alpha, np.ones_like(alpha), scene)


def on_white(work: Work) -> np.ndarray:
    """The product as it was handed in, where it is now: (H, W, 3) in 0..1."""
    alpha = work.alpha[..., None]
    return np.asarray(work.product * alpha + (1 - alpha), np.float32)


def _resized(work: Work, scale: float) -> Work:
    """The product in another size on the same base, its shadow left out."""
    rows, columns = np.nonzero(work.alpha > 0.5)
    if rows.size == 0:
        return work
    x, base, size = float(columns.mean()), float(rows.max()), work.alpha.shape[::-1]
    move = np.array([[scale, 0, x - scale * x], [0, scale, base - scale * base]], np.float32)
    product = cv2.warpAffine(work.product, move, size, borderMode=cv2.BORDER_REPLICATE)
    alpha = cv2.warpAffine(work.alpha, move, size)
    behind = work.stage.picture
    return replace(work, behind=behind, product=np.asarray(product, np.float32), alpha=np.asarray(alpha, np.float32))


def _floats(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(pixels, np.float32) / np.float32(255)


def _bytes(pixels: np.ndarray) -> np.ndarray:
    return np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
