"""The picture a painter starts from: plate under product, colours as asked, shadows drawn. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.inpainter import recolouring, shadows, staging
from services.inpainter.placement import Placed, Stance
from services.inpainter.plates import Choice
from shared.contracts.images import Pixels
from shared.contracts.styles import Light, View

Floats = NDArray[np.float32]
REDRAWN = 0.7  # of the shade, where the painter may have drawn some of its own
PLAIN = (206, 204, 200)  # what stands behind where there is no plate at all
LIGHT_GAINS = {"warm": (1.08, 1.0, 0.86), "neutral": (1.0, 1.0, 1.0), "cool": (0.90, 0.99, 1.09)}


@dataclass(frozen=True)
class Sketch:
    """`background` (H, W, 3) with its shadows, 0..255, without the product; `dark` (H, W) is the shade in it."""

    background: Floats
    dark: Floats
    light: Light

    def shaded(self, picture: Floats, share: float) -> Floats:
        """A picture that left the plate, and so its shade, by `share` gets that much of the shade again."""
        return picture if share <= 0 else shadows.darken(picture, self.dark * share * REDRAWN, self.light)


def sketch(
    choice: Choice | None, pictures: Mapping[str, Pixels], placed: Placed, stands: Stance, *, view: View,
    light_colour: str | None = None, sideways: float = 0.5,
) -> Sketch:  # fmt: skip
    """Stage the chosen plates (by id in `pictures`) in the product's frame and draw its shade.

    `light_colour`: warm, neutral or cool where it was asked; `sideways`: which part of a wide plate is seen, 0..1.
    """
    light = choice.light if choice else Light()
    line_at = _line(choice, placed, stands, view)
    if choice is None:
        staged: Pixels = np.full((*placed.mask.shape, 3), PLAIN, np.uint8)
    else:
        staged = _staged(choice, pictures, placed.size, line_at, sideways)
    background = _relit(staged.astype(np.float32), light, light_colour)
    dark = shadows.shade(placed.mask, light, view, line_at)
    return Sketch(shadows.darken(background, dark, light), dark, light)


def _line(choice: Choice | None, placed: Placed, stands: Stance, view: View) -> float | None:
    if choice is None or choice.plate.surface_line is None:
        return None
    if view == "backdrop":
        return placed.size[1] * staging.BELOW_FRAME
    return staging.line_for(stands, placed.size, choice.plate.camera_elevation_deg)


def _staged(
    choice: Choice, pictures: Mapping[str, Pixels], size: tuple[int, int], line_at: float | None, sideways: float
) -> Pixels:
    view = staging.View(size, line_at, sideways, choice.flipped)
    surface = staging.stage(pictures[choice.plate.id], choice.plate.surface_line, view)
    above, below = _regions(size, line_at, choice)
    if choice.surface_colour:
        surface = recolouring.repaint(surface, choice.surface_colour, below)
    backdrop = surface
    if choice.behind is not None and line_at is not None:
        behind = staging.View(size, line_at, sideways, choice.behind_flipped)
        backdrop = staging.stage(pictures[choice.behind.id], choice.behind.surface_line, behind)
    if choice.backdrop_colour:
        backdrop = recolouring.repaint(backdrop, choice.backdrop_colour, above)
    return staging.join(surface, backdrop, line_at) if choice.behind is not None and line_at is not None else backdrop


def _regions(size: tuple[int, int], line_at: float | None, choice: Choice) -> tuple[Floats, Floats]:
    """Weights (H, W) of what lies above the surface line and below it."""
    width, height = size
    if line_at is None:
        whole = np.ones((height, width), np.float32)
        return (np.zeros_like(whole), whole) if choice.plate.view == "flatlay" else (whole, np.zeros_like(whole))
    rows = np.arange(height, dtype=np.float32)[:, None]
    below = np.clip((rows - line_at) / max(2.0, height / 350) + 0.5, 0, 1) * np.ones((1, width), np.float32)
    return np.asarray(1 - below, np.float32), np.asarray(below, np.float32)


def _relit(background: Floats, light: Light, wanted: str | None) -> Floats:
    """Shift the white balance where the plate's light has another colour than was asked."""
    if wanted is None or wanted == light.colour:
        return background
    gain = np.array(LIGHT_GAINS[wanted], np.float32) / np.array(LIGHT_GAINS[light.colour], np.float32)
    return np.asarray(background * np.sqrt(gain), np.float32)
