"""Looks at finished datasets: near-duplicates, colours their captions claim. python -m bundled.studio.tools.checks"""

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bundled.studio.plan import metering
from bundled.studio.plan import vocabulary as words
from bundled.studio.plan.colours import PAINTS
from bundled.studio.tools.sheets import samples_of

ALIKE = 0.02  # mean difference of two small pictures, of 1, below which they may show the same scene
SAME_OUTLINE = 0.95  # and how far their products' outlines overlap then: a white mug on white is like any other
SAME_PRODUCT = 0.03  # and how little the products themselves differ
SHIFT = 13.0  # in CIELAB: how far lamp and gloss may take a paint in hue and chroma,
SHARE = 0.5  # or, where that is more, this share of its chroma
SHADE = {"wall": 25.0, "surface": 33.0}  # and how much lighter or darker: what lies under the lamp mirrors the room too
ENOUGH = 0.4  # of the pixels


def near_duplicates(pictures: np.ndarray, masks: np.ndarray) -> int:
    """How many have a later neighbour that is all but the same: small pictures (N, H, W, 3), masks (N, H, W), uint8."""
    bright, solid = pictures.astype(np.float32) / 255, masks > 127
    count = 0
    for index in range(len(bright) - 1):
        close = index + 1 + np.flatnonzero(np.abs(bright[index + 1 :] - bright[index]).mean((1, 2, 3)) < ALIKE)
        count += any(_twins(bright[[index, other]], solid[[index, other]]) for other in close.tolist())
    return count


def _twins(pictures: np.ndarray, masks: np.ndarray) -> bool:
    both, either = masks.all(0), masks.any(0)
    same_outline = both.sum() > SAME_OUTLINE * either.sum()
    return bool(same_outline and np.abs(pictures[0] - pictures[1])[either].mean() < SAME_PRODUCT)


def fits(region: np.ndarray, paint: str, shade: float) -> bool:
    """Whether enough of the pixels (N, 3), BGR, may be called by the paint's name; gloss and shadow take the rest."""
    code = PAINTS[paint]
    meant = _lab(np.array([[int(code[i : i + 2], 16) for i in (4, 2, 0)]]))
    shift = _lab(region[::5]) - meant
    reach = max(SHIFT, SHARE * float(np.hypot(*meant[0, 1:])))
    near = (np.hypot(shift[:, 1], shift[:, 2]) <= reach) & (np.abs(shift[:, 0]) <= shade)
    return bool(near.mean() >= ENOUGH)


def _lab(bgr: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.cvtColor((bgr[None] / 255).astype(np.float32), cv2.COLOR_BGR2LAB)[0])


def claims(picture: np.ndarray, mask: np.ndarray, said: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """What the words say of wall and surface, and whether the picture agrees: (place, paint, agrees)."""
    found = []
    if said["backdrop"] in words.PAINTED_WALLS and said["backdrop_variant"] in PAINTS and said["view"] != "flatlay":
        found.append(("wall", said["backdrop_variant"], metering.wall(picture, mask)))
    if said["surface"] in words.PAINTED_SURFACES and said["surface_variant"] in PAINTS:
        found.append(("surface", said["surface_variant"], metering.table(picture, mask, said["view"])))
    return [(place, paint, fits(region, paint, SHADE[place])) for place, paint, region in found if region.size]


def report(folder: Path) -> dict[str, float]:
    small, outlines, told = [], [], []
    for picture, mask, facts in samples_of(folder):
        small.append(cv2.resize(picture, (48, 48), interpolation=cv2.INTER_AREA))
        outlines.append(cv2.resize(mask, (48, 48), interpolation=cv2.INTER_AREA))
        told += claims(picture, mask, facts["attributes"])
    return {
        "samples": len(small),
        "near_duplicates": near_duplicates(np.stack(small), np.stack(outlines)),
        **{f"{place}_colours": _share(told, place) for place in ("wall", "surface")},
    }


def _share(told: list[tuple[str, str, bool]], place: str) -> float:
    right = [agrees for where, _, agrees in told if where == place]
    return float(np.mean(right)) if right else 1.0


if __name__ == "__main__":
    for name, value in report(Path(sys.argv[1])).items():
        print(f"{name}: {value:.3f}".rstrip("0").rstrip("."))
