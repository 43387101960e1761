"""Looks at finished datasets: near-duplicates, colours that their captions claim; python -m scenes.checks FOLDER."""

import sys
from pathlib import Path

import cv2
import numpy as np

from scenes.colours import PAINTS
from scenes.sheets import samples_of

ALIKE = 0.02  # mean difference of small grey pictures, of 1, below which two scenes count as the same
NAMED = ("wall", "sweep", "plaster")


def near_duplicates(thumbnails: np.ndarray) -> int:
    """How many pictures have a neighbour that is all but the same."""
    flat = thumbnails.reshape(len(thumbnails), -1).astype(np.float32) / 255
    count = 0
    for index, picture in enumerate(flat[:-1]):
        count += bool((np.abs(flat[index + 1 :] - picture).mean(1) < ALIKE).any())
    return count


def paint_distance(picture: np.ndarray, mask: np.ndarray, name: str) -> float:
    """How far the top of the picture is from the named paint in hue and chroma; lightness is the lamp's affair."""
    high = max(8, picture.shape[0] // 4)
    region = picture[:high][mask[:high] == 0]
    if region.size == 0:
        return 0.0
    seen = _chroma(np.median(region, 0)[::-1])
    code = PAINTS[name]
    meant = _chroma(np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], float))
    return float(np.hypot(*(seen - meant)))


def _chroma(rgb: np.ndarray) -> np.ndarray:
    lab = cv2.cvtColor((rgb[None, None] / 255).astype(np.float32), cv2.COLOR_RGB2LAB)[0, 0]
    return lab[1:] / max(float(lab[0]), 20.0) * 60


def nearest_paint(picture: np.ndarray, mask: np.ndarray) -> str:
    return min(PAINTS, key=lambda name: paint_distance(picture, mask, name))


def report(folder: Path) -> dict[str, float]:
    thumbnails, agree, named = [], 0, 0
    for picture, mask, facts in samples_of(folder):
        thumbnails.append(cv2.resize(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), (16, 16), interpolation=cv2.INTER_AREA))
        attributes = facts["attributes"]
        if attributes["backdrop"] in NAMED and attributes["backdrop_variant"] in PAINTS:
            named += 1
            agree += paint_distance(picture, mask, attributes["backdrop_variant"]) < 22
    share = agree / named if named else 1.0
    return {"samples": len(thumbnails), "near_duplicates": near_duplicates(np.stack(thumbnails)), "wall_colour": share}


if __name__ == "__main__":
    for name, value in report(Path(sys.argv[1])).items():
        print(f"{name}: {value:.3f}".rstrip("0").rstrip("."))
