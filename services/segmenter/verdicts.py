"""Whether a photo can be used, and why not, in words a person understands. Pure rules over a finished mask."""

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np

from services.segmenter.backdrops import Flags
from shared.contracts.events import Side
from shared.contracts.images import Pixels

Reason = Literal["no_product", "several_products", "product_cut_by_frame", "text_dominant", "low_confidence"]

SMALLEST = 0.002  # of the photo: below this there is nothing to put into a scene
LARGEST = 0.93  # of the photo: above this no room is left for a background
CUT_SIDES, CUT_SHARE = 3, 0.12  # people in garments are cut at top and bottom; the share keeps a mere touch out
RIVAL = 0.6  # of the largest piece's area: a piece this large is an object of its own kind
RIVAL_GAP = 0.08  # of the photo's longer side between them; a pair lies closer
RIVAL_COLOURS = 0.35  # overlap of colour histograms; a pair or a kit shares its colours
LETTERS = 24  # pieces of letter size, in rows, that make a picture a page of text


@dataclass(frozen=True)
class PhotoRefusal:
    """Why the photo cannot be used: a stable word, and the same in words."""

    reason: Reason
    detail: str


REASONS: tuple[str, ...] = get_args(Reason)


def verdict(rgb: Pixels, mask_HW: Flags, confidence: float, *, least_confidence: float) -> PhotoRefusal | None:
    """The first rule that refuses, or None. `rgb` and `mask_HW` have the same size (a reduced one will do)."""
    area = float(mask_HW.mean())
    if area < SMALLEST:
        return PhotoRefusal("no_product", "nothing in the photo stands out from its background")
    pieces = read_pieces(mask_HW)
    if text_dominant(pieces, mask_HW.shape):
        return PhotoRefusal("text_dominant", "the photo is mostly text; submit one that shows the product itself")
    cut = tuple(side for side, share in contact(mask_HW).items() if share >= CUT_SHARE)
    if area > LARGEST or len(cut) >= CUT_SIDES:
        return PhotoRefusal("product_cut_by_frame", _cut_words(area, cut))
    if several(rgb, pieces):
        return PhotoRefusal("several_products", "the photo shows several separate products; submit one photo for each")
    if confidence < least_confidence:
        words = f"the product cannot be told from its background with confidence ({confidence:.2f})"
        return PhotoRefusal("low_confidence", f"{words}; a plainer photo or a mask of your own helps")
    return None


def _cut_words(area: float, cut: tuple[Side, ...]) -> str:
    if len(cut) >= CUT_SIDES:
        return f"the product is cut by the frame at {', '.join(cut)}; it should be seen whole"
    return f"the product fills {area:.0%} of the photo, which leaves no room for a background"


def contact(mask_HW: Flags) -> dict[Side, float]:
    """Share of each side of the photo that the mask touches."""
    sides: dict[Side, Flags] = {
        "left": mask_HW[:, 0],
        "top": mask_HW[0],
        "right": mask_HW[:, -1],
        "bottom": mask_HW[-1],
    }
    return {side: float(line.mean()) for side, line in sides.items()}


@dataclass(frozen=True)
class Pieces:
    """Connected pieces of a mask, the largest first: boxes (left, top, width, height), areas in pixels, label map."""

    boxes: tuple[tuple[int, int, int, int], ...]
    areas: tuple[int, ...]
    labels: tuple[int, ...]
    label_map: np.ndarray[tuple[int, ...], np.dtype[np.int32]]


def read_pieces(mask_HW: Flags) -> Pieces:
    """The mask's connected pieces."""
    count, label_map, stats, _ = cv2.connectedComponentsWithStats(mask_HW.astype(np.uint8))
    order = sorted(range(1, count), key=lambda label: -int(stats[label, cv2.CC_STAT_AREA]))
    boxes = tuple((int(s[0]), int(s[1]), int(s[2]), int(s[3])) for s in (stats[label] for label in order))
    return Pieces(boxes, tuple(int(stats[label, 4]) for label in order), tuple(order), label_map)


def several(rgb: Pixels, pieces: Pieces) -> bool:
    """Two comparable objects, clearly apart and of other colours: neither a pair nor a kit."""
    rivals = [i for i, area in enumerate(pieces.areas) if area >= RIVAL * pieces.areas[0]]
    if len(rivals) < 2 or len(pieces.areas) > 2 * len(rivals):
        return False  # one large thing, or a kit of many parts
    far = RIVAL_GAP * max(rgb.shape[:2])
    tones = [_histogram(rgb, pieces.label_map == pieces.labels[i]) for i in rivals]
    pairs = [(a, b) for a in range(len(rivals)) for b in range(a)]
    apart = [_gap(pieces.boxes[rivals[a]], pieces.boxes[rivals[b]]) >= far for a, b in pairs]
    other = [float(np.minimum(tones[a], tones[b]).sum()) < RIVAL_COLOURS for a, b in pairs]
    return all(apart) and any(other)


def text_dominant(pieces: Pieces, shape: tuple[int, ...]) -> bool:
    """Most of the mask is small pieces of one height standing in rows."""
    letters = [box for box in pieces.boxes if 0.008 < box[3] / shape[0] < 0.12 and box[2] < 3 * box[3]]
    if len(letters) < LETTERS or len(letters) < 0.8 * len(pieces.boxes):
        return False
    if pieces.areas[0] > 0.3 * sum(pieces.areas):
        return False
    bottoms = np.array([box[1] + box[3] for box in letters])
    height = float(np.median([box[3] for box in letters]))
    in_row = [(np.abs(bottoms - bottom) < 0.2 * height).sum() >= 4 for bottom in bottoms]
    return float(np.mean(in_row)) > 0.7


def _histogram(rgb: Pixels, where_HW: Flags) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Share of each of 64 colour cells."""
    cells = (rgb[where_HW].astype(np.int64) // 64) @ np.array([16, 4, 1])
    return np.bincount(cells, minlength=64) / max(1, len(cells))


def _gap(one: tuple[int, int, int, int], two: tuple[int, int, int, int]) -> float:
    """Pixels between two boxes, 0 when they overlap."""
    across = max(one[0] - two[0] - two[2], two[0] - one[0] - one[2], 0)
    down = max(one[1] - two[1] - two[3], two[1] - one[1] - one[3], 0)
    return float(np.hypot(across, down))
