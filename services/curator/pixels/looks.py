"""What a photo looks like in numbers: sharpness, exposure, drawn text, parts of the product, a perceptual hash."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.curator.pixels.collages import dividers
from services.curator.pixels.embedding import Embedding
from shared.contracts.images import Pixels

LONG_SIDE = 512  # all but the hash is measured at this size, so that thresholds mean the same for every photo
TILES = 8
HASH_SIDE = 32
PART_SHARE = 0.05  # smaller pieces of a product are straps, laces and reflections


@dataclass(frozen=True, kw_only=True)
class Looks:
    """Measured on one photo and its mask. Shares are 0..1; `sharpness` is the variance of the Laplacian (0..255²).

    `text`: under blobs in a row, as letters lie; `words`: under lines that were read.
    """

    width: int
    height: int
    sharpness: float
    brightness: float
    contrast: float
    clipped: float
    text: float
    parts: int
    phash: int
    dividers: int = 0
    words: float | None = None  # None: nobody has read them
    embedding: Embedding | None = None


def looks(rgb_HW3: Pixels, mask_HW: Pixels) -> Looks:
    """Measure a photo (H, W, 3) with its mask (H, W) of 0 and 255."""
    height, width = rgb_HW3.shape[:2]
    grey_HW = cv2.cvtColor(rgb_HW3, cv2.COLOR_RGB2GRAY)
    small_HW, mask_small_HW = _small(grey_HW), _small(mask_HW)
    dark, light = np.percentile(small_HW, (2, 98)) / 255.0
    return Looks(
        width=width,
        height=height,
        sharpness=sharpness(small_HW),
        brightness=float(small_HW.mean()) / 255.0,
        contrast=float(light - dark),
        clipped=float(((small_HW <= 2) | (small_HW >= 253)).mean()),
        text=text_share(small_HW, mask_small_HW),
        parts=parts(mask_small_HW),
        phash=phash(grey_HW),
        dividers=dividers(small_HW),
    )


def _small(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """At most LONG_SIDE; never enlarged, since that would blur."""
    height, width = image.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def sharpness(grey_HW: Pixels) -> float:
    """Variance of the Laplacian (Pech-Pacheco et al. 2000) in the sharpest tenth of the tiles.

    A product photo may have a soft backdrop on purpose; it is blurred only when nothing in it is sharp.
    """
    laplacian_HW = cv2.Laplacian(grey_HW, cv2.CV_64F)
    rows = [row for row in np.array_split(laplacian_HW, TILES, axis=0) if row.size]
    tiles = [float(tile.var()) for row in rows for tile in np.array_split(row, TILES, axis=1) if tile.size]
    return float(np.percentile(tiles, 90))


def parts(mask_HW: Pixels) -> int:
    """How many separate pieces the product has, each at least PART_SHARE of it."""
    mask = (np.asarray(mask_HW) >= 128).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    return int((areas >= PART_SHARE * max(1, mask.sum())).sum())


def phash(grey_HW: Pixels) -> int:
    """64-bit perceptual hash (Zauner 2010): signs of the lowest 8 x 8 DCT coefficients around their median."""
    small = cv2.resize(grey_HW, (HASH_SIDE, HASH_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].ravel()
    bits = low > np.median(low[1:])  # without the mean brightness
    return int("".join("1" if bit else "0" for bit in bits), 2)


def text_share(grey_HW: Pixels, mask_HW: Pixels) -> float:
    """Share of the picture outside the product that lines of drawn letters cover: 0 for a photo, more for an advert.

    Letters are blobs of one tone with a hard edge in a row of equal height, from about 3 % of the picture's height;
    smaller print is not found. Text on the product is its own.
    """
    outside = cv2.dilate(mask_HW, np.ones((5, 5), np.uint8)) < 128
    letters = [box for tone in (grey_HW, 255 - grey_HW) for box in _letters(tone, outside)]
    covered = np.zeros(grey_HW.shape, dtype=bool)
    for line in _lines(letters):
        x0, y0 = min(box[0] for box in line), min(box[1] for box in line)
        x1, y1 = max(box[0] + box[2] for box in line), max(box[1] + box[3] for box in line)
        covered[y0:y1, x0:x1] = True
    return float((covered & outside).sum() / max(1, outside.sum()))


Rectangle = tuple[int, int, int, int]  # x, y, width, height


def _letters(grey_HW: Pixels, outside: NDArray[np.bool_]) -> list[Rectangle]:
    """Blobs brighter than their surroundings that have a letter's size, proportions and even tone."""
    surround_HW = cv2.medianBlur(grey_HW, 31)
    blob = ((cv2.subtract(grey_HW, surround_HW) > 48) & outside).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(blob, connectivity=8)
    height = grey_HW.shape[0]
    found = []
    for number in range(1, len(stats)):
        x, y, w, h, area = (int(value) for value in stats[number])
        if not (7 <= h <= 0.12 * height and 0.1 <= w / h <= 1.6 and 0.15 <= area / (w * h) <= 0.95):
            continue
        tone = grey_HW[y : y + h, x : x + w][labels[y : y + h, x : x + w] == number]
        if float(np.percentile(tone, 90) - np.percentile(tone, 40)) < 90:
            found.append((x, y, w, h))
    return found


def _lines(letters: list[Rectangle], at_least: int = 5) -> list[list[Rectangle]]:
    """Runs of letters side by side: equal height, one baseline, gaps no wider than a letter is high."""
    lines: list[list[Rectangle]] = []
    for box in sorted(letters):
        home = next((line for line in lines if _follows(line[-1], box)), None)
        if home is None:
            lines.append([box])
        else:
            home.append(box)
    return [line for line in lines if len(line) >= at_least]


def _follows(before: Rectangle, box: Rectangle) -> bool:
    low, high = sorted((before[3], box[3]))
    gap = box[0] - (before[0] + before[2])
    overlap = min(before[1] + before[3], box[1] + box[3]) - max(before[1], box[1])
    return low >= 0.45 * high and overlap >= 0.6 * low and -0.2 * high <= gap <= 1.2 * high
