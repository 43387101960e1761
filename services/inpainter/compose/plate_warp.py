"""A plate brought into the output's frame, its surface under the product; two plates joined at the line. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from services.inpainter.compose.placement import Stance
from services.inpainter.compose.strips import strips
from shared.contracts.images import Pixels

MOST_STRETCH = 1.45  # height against width of a stretched part; beyond it bricks and planks look wrong
ABOVE_FRAME = -0.06  # where it goes when only the surface is to be seen
BELOW_FRAME = 1.02  # where the line goes, in frame heights, when only the backdrop is to be seen


@dataclass(frozen=True)
class View:
    """How a plate is shown: `line_at` is the row of the surface line in the output, None where there is none."""

    size: tuple[int, int]
    line_at: float | None
    sideways: float = 0.5
    flipped: bool = False


def line_for(stands: Stance, size: tuple[int, int], elevation_deg: float) -> float:
    """The row where the surface should end: behind the product's footprint, well above its base, inside the frame."""
    _, height = size
    footprint = 0.5 * stands.width * np.sin(np.radians(elevation_deg + 4.0)) + 0.05 * height
    margin = max(
        0.10 * height, min(0.30 * stands.height, 0.22 * height), min(footprint, 0.30 * height), 1.15 * stands.depth
    )
    return float(np.clip(stands.base - margin, 0.22 * height, 0.90 * height))


def stage(plate: Pixels, line: float | None, view: View) -> Pixels:
    """The plate (h, w, 3) filling the frame, its surface line (fraction of its height) moved to `view.line_at`.

    Above and below the line are scaled apart in height, within MOST_STRETCH, so that no pixel has to be invented.
    """
    if view.flipped:
        plate = np.ascontiguousarray(plate[:, ::-1])
    if line is None or view.line_at is None or not 0.02 < line < 0.98:
        return _cover(plate, view)
    height, width = plate.shape[:2]
    out_width, out_height = view.size
    rows_above, rows_below = line * height, (1 - line) * height
    above = max(view.line_at, 1.0) / rows_above
    below = max(out_height - view.line_at, 1.0) / rows_below
    across = max(out_width / width, above / MOST_STRETCH, below / MOST_STRETCH)
    above, below = max(above, across), max(below, across)
    return _warped(plate, view, line * height, (across, above, below))


def _warped(plate: Pixels, view: View, line_row: float, scales: tuple[float, float, float]) -> Pixels:
    """Sample the plate row by row: two vertical scales that meet at the line, one horizontal scale."""
    across, above, below = scales
    out_width, out_height = view.size
    assert view.line_at is not None
    spare = plate.shape[1] - out_width / across
    columns = (np.arange(out_width, dtype=np.float32) / across + spare * view.sideways).astype(np.float32)
    warped = np.empty((out_height, out_width, 3), np.uint8)
    for part in strips(out_height):
        offsets = np.arange(part.start, part.stop, dtype=np.float32) - np.float32(view.line_at)
        source_rows = line_row + np.where(offsets < 0, offsets / above, offsets / below)
        map_x, map_y = np.meshgrid(columns, source_rows.astype(np.float32))
        warped[part] = cv2.remap(plate, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
    return warped


def _cover(plate: Pixels, view: View) -> Pixels:
    """Scale until the frame is covered, crop the rest; the lower part of a plate is where its surface is."""
    height, width = plate.shape[:2]
    factor = max(view.size[0] / width, view.size[1] / height)
    cut_width, cut_height = min(width, round(view.size[0] / factor)), min(height, round(view.size[1] / factor))
    x, y = round((width - cut_width) * view.sideways), round((height - cut_height) * 0.5)
    how = cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(plate[y : y + cut_height, x : x + cut_width], view.size, interpolation=how), np.uint8)


def join(surface: Pixels, backdrop: Pixels, line_at: float) -> Pixels:
    """The surface of one staged plate under the backdrop of another (both H, W, 3), with the shade where they meet."""
    height = surface.shape[0]
    feather, gain = max(1.0, height / 700), _matching(surface, backdrop)
    joined = np.empty_like(surface)
    for part in strips(height):
        rows = np.arange(part.start, part.stop, dtype=np.float32)[:, None, None]
        under = np.clip((rows - line_at) / feather + 0.5, 0, 1)
        both = under * np.asarray(surface[part] * gain, np.float32) + (1 - under) * backdrop[part]
        shade = 1 - 0.16 * np.exp(-np.abs(rows - line_at) / (0.012 * height))
        joined[part] = np.clip(both * shade, 0, 255)
    return joined


def _matching(surface: Pixels, backdrop: Pixels) -> NDArray[np.float64]:
    """Gains (3,) that bring the surface a little way to the backdrop's brightness and cast; it keeps its colour."""
    means = [np.maximum(picture.reshape(-1, 3).mean(axis=0), 12.0) for picture in (surface, backdrop)]
    return np.asarray(np.clip((means[1] / means[0]) ** 0.12, 0.85, 1.15), np.float64)
