"""Judge pairs: a good photograph spoilt on purpose in one known way, with the score a rater would give."""

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from bundled.studio.plan.rng import SeededRng
from bundled.studio.plan.samples import StudioSample, picture_bytes, sample_of
from bundled.studio.plan.scene import Plan
from bundled.studio.plan.vocabulary import SURFACES
from shared.contracts.vocabulary import LOOKS_LIKE, PASSES_FOR

if TYPE_CHECKING:  # spoiling pictures needs no renderer, and photographs cannot be imported without one
    from bundled.studio.render.photograph import Photograph

SCORES = {
    "none": 1.0,
    "halo": 0.45,
    "seam": 0.4,
    "wrong light": 0.35,
    "floating": 0.25,
    "wrong surface": 0.3,
    "wrong scale": 0.2,
    "grown product": 0.1,
}

ALSO_CALLED = {"wet stone": "slate", "autumn leaves": "leaves"}  # the studio's name -> the vocabulary's


def spoilt(plan: Plan, key: str, shot: "Photograph") -> StudioSample:
    """The picture to be judged, and the original beside it."""
    rng = SeededRng(plan.seed, "defect")
    defect = rng.one_of(possible(plan))
    asked = _another_surface(plan, rng) if defect == "wrong surface" else plan
    picture = apply(defect, shot, rng)
    sample = sample_of(asked, key, "judge", picture, shot.mask, defect=defect, score=SCORES[defect])
    return StudioSample(key, {**sample.files, "original.webp": picture_bytes(shot.picture)})


def possible(plan: Plan) -> list[str]:
    """Only what stands can float, and what hangs before a wall has no surface that could be the wrong one."""
    without = {"floating": plan.view != "standing", "wrong surface": plan.surface in (None, "sweep")}
    return sorted(defect for defect in SCORES if not without.get(defect))


def _another_surface(plan: Plan, rng: SeededRng) -> Plan:
    """The same picture, but its words ask for a surface that nobody would take it for."""
    name = rng.one_of(sorted(name for name in SURFACES if not _alike(str(plan.surface), name)))
    return replace(plan, surface=name, surface_variant=rng.one_of(SURFACES[name].variants))


def _alike(one: str, other: str) -> bool:
    """The same, or one looks like or passes for the other."""
    a, b = ALSO_CALLED.get(one, one), ALSO_CALLED.get(other, other)
    tables = (LOOKS_LIKE["surface"], PASSES_FOR["surface"])
    return a == b or any(b in table.get(a, ()) or a in table.get(b, ()) for table in tables)


def apply(defect: str, shot: "Photograph", rng: SeededRng) -> np.ndarray:
    plate = shot.plate if shot.plate is not None else shot.picture
    matte = shot.mask[..., None].astype(np.float32)
    return {
        "none": lambda: shot.picture,
        "wrong surface": lambda: shot.picture,
        "halo": lambda: _halo(shot.picture, shot.mask, rng),
        "seam": lambda: _seam(shot.picture, rng),
        "wrong light": lambda: _relit(shot.picture, matte, rng),
        "floating": lambda: _moved(shot.picture, plate, shot.mask, 1.0, -rng.between(0.05, 0.12)),
        "wrong scale": lambda: _moved(shot.picture, plate, shot.mask, rng.pick(0.45, 1.7), 0.0),
        "grown product": lambda: _grown(shot.picture, shot.mask, rng),
    }[defect]()


def _halo(picture: np.ndarray, mask: np.ndarray, rng: SeededRng) -> np.ndarray:
    """A pale rim, as a bad cut-out leaves it."""
    reach = 2 * rng.whole(2, 4) + 1
    rim = cv2.dilate(mask.astype(np.float32), np.ones((reach, reach))) - mask
    rim = cv2.GaussianBlur(np.clip(rim, 0, 1), (5, 5), 0)[..., None] * rng.between(0.6, 0.95)
    return _whole(picture * (1 - rim) + rng.pick(245.0, 250.0, 20.0) * rim)


def _seam(picture: np.ndarray, rng: SeededRng) -> np.ndarray:
    """Two halves that do not quite belong together."""
    edge = int(picture.shape[1] * rng.between(0.2, 0.8))
    out = picture.astype(np.float32)
    out[:, edge:] = np.roll(out[:, edge:], rng.sign() * rng.whole(3, 8), axis=0) * rng.pick(0.85, 1.15)
    return _whole(out)


def _relit(picture: np.ndarray, matte: np.ndarray, rng: SeededRng) -> np.ndarray:
    """The product in another light than its surroundings."""
    gain = np.array(rng.pick((1.35, 1.0, 0.65), (0.7, 0.95, 1.4), (0.5, 0.5, 0.5), (1.5, 1.5, 1.5)), np.float32)
    return _whole(picture * (1 - matte) + picture * gain * matte)


def _moved(picture: np.ndarray, plate: np.ndarray, mask: np.ndarray, scale: float, rise: float) -> np.ndarray:
    """The product pasted elsewhere or in another size, its shadow left out."""
    height, width = mask.shape
    rows, columns = np.nonzero(mask > 0.5)
    if rows.size == 0:
        return picture
    x, base = float(columns.mean()), float(rows.max())
    move = np.array([[scale, 0, x - scale * x], [0, scale, base - scale * base + rise * height]], np.float32)
    cut = cv2.warpAffine(picture, move, (width, height), borderMode=cv2.BORDER_REPLICATE)
    matte = cv2.warpAffine(mask.astype(np.float32), move, (width, height))[..., None]
    return _whole(plate * (1 - matte) + cut * matte)


def _grown(picture: np.ndarray, mask: np.ndarray, rng: SeededRng) -> np.ndarray:
    """The product reaches past its own outline: its edge colours run outwards, lumpily."""
    reach = rng.whole(6, 16)
    shift = np.array([[1, 0, rng.sign() * reach], [0, 1, rng.pick(-1, 0) * reach]], np.float32)
    size = mask.shape[::-1]
    matte = cv2.warpAffine(mask.astype(np.float32), shift, size)[..., None]
    return _whole(
        picture * (1 - matte * (1 - mask[..., None]))
        + cv2.warpAffine(picture, shift, size) * matte * (1 - mask[..., None])
    )


def _whole(pixels: np.ndarray) -> np.ndarray:
    return np.clip(pixels + 0.5, 0, 255).astype(np.uint8)
