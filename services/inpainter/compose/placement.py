"""Where the product stands in the output, and what its outline says about how it stands. Pixels only, no torch."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from services.inpainter.compose.compositing import Edge, edge
from services.inpainter.compose.footing import footing
from services.inpainter.compose.limits import LARGEST_ASKED, check_output
from shared.contracts.errors import BadRequest
from shared.contracts.events import Scene
from shared.contracts.images import Pixels, binary

MOST_ENLARGED = 8  # times, where a scale is asked for: beyond it a product is a blur
MARGIN = 8  # source pixels around what is seen, for the resampling filter
ROOM = 0.12  # of the longer side, around a product that the photo is trimmed to
FILLED = 0.8  # of the frame at most, where a product is made larger than the photo's own margins would have it
FOOT_SHARE = 0.02  # a row belongs to the base when this share of the product's width is in it; straps do not count


@dataclass(frozen=True)
class Placed:
    """The product in the output's frame: `photo` (H, W, 3) and `mask` (H, W). `exact`: pixels moved, not resampled."""

    photo: Pixels
    mask: Pixels
    exact: bool
    notes: tuple[str, ...] = ()

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return int(self.mask.shape[1]), int(self.mask.shape[0])

    @cached_property
    def stands(self) -> "Stance":
        """How the product stands in this frame."""
        return stance(self.mask)

    @cached_property
    def soft(self) -> Edge:
        """The product's soft edge, read once for all its backgrounds."""
        return edge(self.photo, self.mask)


@dataclass(frozen=True)
class Stance:
    """The product's outline in pixels: box (right and bottom exclusive), base row, cut sides, depth of foot."""

    left: int
    top: int
    right: int
    bottom: int
    base: int
    cut: frozenset[str]
    depth: float = 0.0

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


def stance(mask: Pixels) -> Stance:
    """How the product stands; the mask (H, W) must hold at least one product pixel."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    touches = {"top": top == 0, "left": left == 0, "bottom": bottom == mask.shape[0], "right": right == mask.shape[1]}
    filled = (mask[top:bottom] > 0).sum(axis=1)
    broad = np.flatnonzero(filled >= FOOT_SHARE * (right - left))
    base = top + int(broad[-1]) + 1
    touched = frozenset(side for side, there in touches.items() if there)
    cut = frozenset[str]() if len(touched) == len(touches) else touched  # at all sides: trimmed to it, and whole
    return Stance(left, top, right, bottom, base, cut, footing(mask > 0).depth)


def place(photo: Pixels, mask: Pixels, scene: Scene) -> Placed:
    """Put photo (h, w, 3) and mask (h, w) into the frame the scene asks for; resampled at most once.

    No array is larger than the photo or the output. Raises BadRequest for an output that is too large and for a
    placement that leaves nothing of the product in the frame.
    """
    height, width = mask.shape
    stands = stance(mask)
    room = _room(stands, (width, height))
    frame = width + 2 * room, height + 2 * room
    out = output_size(frame, scene)
    check_output(out)
    factor, notes = _factor(stands, frame, out, scene)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    if scene.placement.mode == "custom" and scene.placement.scale is not None:
        x = scene.placement.x * out[0] - factor * (stands.left + stands.right) / 2
        y = scene.placement.y * out[1] - factor * (stands.top + stands.bottom) / 2
    else:
        x = _whole((out[0] - factor * width) / 2, factor * stands.left, factor * stands.right, out[0])
        y = _whole((out[1] - factor * height) / 2, factor * stands.top, factor * stands.bottom, out[1])
    offset = _kept_at_the_edge(stands, (round(x), round(y)), (size[1], size[0]), out)
    photo, mask, offset = _seen(photo, mask, factor, offset, out)
    photo, mask = _resampled(photo, mask, factor)
    placed = _on_canvas(mask, offset, out, cv2.BORDER_CONSTANT)
    if not placed.any():
        raise BadRequest("product_out_of_frame", "at this placement and scale no part of the product is in the picture")
    photo = _on_canvas(photo, offset, out, cv2.BORDER_REPLICATE)
    return Placed(photo, placed, exact=factor == 1.0, notes=(*_cut_notes(stands, scene), *notes, *_room_notes(room)))


def _factor(
    stands: Stance, photo: tuple[int, int], out: tuple[int, int], scene: Scene
) -> tuple[float, tuple[str, ...]]:
    """How much larger the photo becomes, and what the brand should know of it."""
    if scene.placement.mode == "custom" and scene.placement.scale is not None:
        wanted = scene.placement.scale * out[1] / stands.height
        if wanted <= MOST_ENLARGED:
            return wanted, ()
        note = f"the product is {stands.height} pixels tall in the photo, so it was enlarged {MOST_ENLARGED} times only"
        return float(MOST_ENLARGED), (note,)
    if scene.width is None and scene.height is None:
        return 1.0, ()
    return _fitting(stands, photo, out), ()


def _fitting(stands: Stance, photo: tuple[int, int], out: tuple[int, int]) -> float:
    """The whole photo is in the frame; where that leaves strips, its own margins may go so that the product is larger.

    Nothing is enlarged for that: a product is no sharper than its photo.
    """
    across, down = out[0] / photo[0], out[1] / photo[1]
    filling = min(FILLED * out[0] / stands.width, FILLED * out[1] / stands.height)
    return max(min(across, down), min(max(across, down), filling, 1.0))


def _room(stands: Stance, photo: tuple[int, int]) -> int:
    """Pixels to add on each side of a photo that is trimmed to its product, as far as outputs may be large."""
    trimmed = not stands.cut and (stands.width, stands.height) == photo
    room = round(ROOM * max(photo)) if trimmed else 0
    return room if (photo[0] + 2 * room) * (photo[1] + 2 * room) <= LARGEST_ASKED else 0


def _whole(offset: float, first: float, last: float, out: int) -> float:
    """Where a photo that is longer than the frame is put: its middle, unless the product's ends then left the frame."""
    if offset >= 0:
        return offset
    edge = (1 - FILLED) / 2 * out
    return max(edge - first, min(out - edge - last, offset))


def _seen(
    photo: Pixels, mask: Pixels, factor: float, offset: tuple[int, int], out: tuple[int, int]
) -> tuple[Pixels, Pixels, tuple[int, int]]:
    """The part of an enlarged photo that lands in the frame, and its own offset: the rest is never resampled."""
    if factor <= 1:
        return photo, mask, offset
    columns, x = _span(mask.shape[1], factor, offset[0], out[0])
    rows, y = _span(mask.shape[0], factor, offset[1], out[1])
    return photo[rows, columns], mask[rows, columns], (x, y)


def _span(length: int, factor: float, offset: int, out: int) -> tuple[slice, int]:
    """Which of `length` source pixels are seen in `out` output pixels, with a margin, and where the first one lands."""
    first = min(length - 1, max(0, int(-offset / factor) - MARGIN))
    last = max(first + 1, min(length, int((out - offset) / factor) + 1 + MARGIN))
    return slice(first, last), offset + round(first * factor)


def shrunk(picture: Pixels, side: int) -> Pixels:
    """A picture (h, w, 3) whose long side is at most `side`."""
    factor = side / max(picture.shape[:2])
    if factor >= 1:
        return picture
    size = max(1, round(picture.shape[1] * factor)), max(1, round(picture.shape[0] * factor))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def output_size(photo: tuple[int, int], scene: Scene) -> tuple[int, int]:
    """Width and height of the output: the photo's own, or what the scene asks; an aspect alone only adds canvas."""
    width, height = photo
    ratio = _ratio(scene.aspect) if scene.aspect else width / height
    if scene.width and scene.height:
        return scene.width, scene.height
    if scene.width:
        return scene.width, _within(scene.width / ratio)
    if scene.height:
        return _within(scene.height * ratio), scene.height
    if not scene.aspect:
        return width, height
    return (width, _within(width / ratio)) if ratio < width / height else (_within(height * ratio), height)


def _ratio(aspect: str) -> float:
    width, height = (max(1, int(part)) for part in aspect.split(":"))
    return float(np.clip(width / height, 0.2, 5.0))


def _within(side: float) -> int:
    return max(64, round(side))


def _resampled(photo: Pixels, mask: Pixels, factor: float) -> tuple[Pixels, Pixels]:
    if factor == 1.0:
        return photo, mask
    height, width = mask.shape
    size = max(1, round(width * factor)), max(1, round(height * factor))
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LANCZOS4
    smaller = binary(cv2.resize(mask, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR))
    if not smaller.any():  # a sliver thinner than one output pixel is still there
        smaller = cv2.resize(cv2.dilate(mask, np.ones((3, 3))), size, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.resize(photo, size, interpolation=how), np.uint8), np.asarray(smaller, np.uint8)


def _kept_at_the_edge(
    stands: Stance, offset: tuple[int, int], placed: tuple[int, ...], out: tuple[int, int]
) -> tuple[int, int]:
    """A product the photo cuts stays at that edge of the output, else its cut would be seen."""
    x, y = offset
    height, width = placed[:2]
    x = 0 if "left" in stands.cut else out[0] - width if "right" in stands.cut else x
    y = out[1] - height if "bottom" in stands.cut else 0 if "top" in stands.cut else y
    return x, y


def _on_canvas(picture: Pixels, offset: tuple[int, int], out: tuple[int, int], border: int) -> Pixels:
    """Shift (h, w, ...) by whole pixels into a canvas of `out` (width, height), cropping what falls outside."""
    x, y = offset
    height, width = picture.shape[:2]
    kept = picture[max(0, -y) : max(1, min(height, out[1] - y)), max(0, -x) : max(1, min(width, out[0] - x))]
    x, y = min(max(0, x), out[0] - kept.shape[1]), min(max(0, y), out[1] - kept.shape[0])
    if kept.shape[:2] == (out[1], out[0]):
        return np.ascontiguousarray(kept)
    ends = out[1] - y - kept.shape[0], out[0] - x - kept.shape[1]
    return np.asarray(cv2.copyMakeBorder(kept, y, ends[0], x, ends[1], border), np.uint8)


def _room_notes(room: int) -> tuple[str, ...]:
    return ("the photo is trimmed to the product, so it got room around it",) if room else ()


def _cut_notes(stands: Stance, scene: Scene) -> tuple[str, ...]:
    moved = scene.placement.mode == "custom" or bool(scene.aspect or scene.width or scene.height)
    if not stands.cut or not moved:
        return ()
    sides = " and ".join(sorted(stands.cut))
    return (f"the photo cuts the product at the {sides}, so it stays at that edge",)
