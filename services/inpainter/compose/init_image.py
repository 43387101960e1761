"""The picture a painter starts from: plate under product, colours as asked, shadows drawn. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.inpainter.compose import plate_warp, recolouring, shadows
from services.inpainter.compose.placement import Placed, Stance
from services.inpainter.compose.reflections import Mirror, mirror_in
from services.inpainter.compose.strips import Enlarged
from services.inpainter.plates.attributes import NEAR_WALLS, attributes_of
from services.inpainter.plates.matching import PlateMatch
from shared.contracts.images import Pixels
from shared.contracts.styles import Light, Plate
from shared.contracts.vocabulary import Tone, View

Floats = NDArray[np.float32]
REDRAWN = 0.7  # of the shade, where the painter may have drawn some of its own
PLAIN = (206, 204, 200)  # what stands behind where there is no plate at all
TONES: Mapping[Tone, float] = {"dark": 0.62, "bright": 1.08, "pure": 1.0}  # of the plate's own brightness
LIGHT_GAINS = {"warm": (1.08, 1.0, 0.86), "neutral": (1.0, 1.0, 1.0), "cool": (0.90, 0.99, 1.09)}


@dataclass(frozen=True)
class InitImage:
    """The background without the product: `staged` (H, W, 3) plates, the gain of their white balance, and their shade.

    Its float pixels are made a strip of rows at a time, whenever they are asked for.
    """

    staged: Pixels
    gain: Floats
    dark: Enlarged
    light: Light
    mirror: Mirror | None = None

    def rows(self, rows: slice) -> Floats:
        """Those rows (n, W, 3), 0..255, with shadows and mirror image."""
        shaded = shadows.darken(self.staged[rows] * self.gain, self.dark.rows(rows), self.light)
        return self.mirror.over(shaded, rows) if self.mirror else shaded

    def shaded(self, picture: Floats, share: float, rows: slice) -> Floats:
        """Rows of a picture that left the plate, and so its shade, by `share` get that much of the shade again."""
        if share <= 0:
            return picture
        return shadows.darken(picture, self.dark.rows(rows) * share * REDRAWN, self.light)


def draw(
    match: PlateMatch | None,
    pictures: Mapping[str, Pixels],
    placed: Placed,
    *,
    view: View,
    light_colour: str | None = None,
    tone: Tone | None = None,
    sideways: float = 0.5,
) -> InitImage:
    """Stage the chosen plates (by id in `pictures`) in the product's frame and draw its shade.

    `light_colour`: warm, neutral or cool where it was asked; `tone`: dark or bright, the same; `sideways`: which part
    of a wide plate is seen, 0..1.
    """
    stands, light = placed.stands, match.light if match else Light()
    line_at = _line(match, placed, stands, view)
    if match is None:
        staged: Pixels = np.broadcast_to(np.array(PLAIN, np.uint8), (*placed.mask.shape, 3))
    else:
        staged = _staged(match, pictures, placed.size, line_at, sideways)
    dark = shadows.shade(placed.mask, light, _shaded_as(match, stands, view), line_at)
    surface = attributes_of(match.plate).surface if match is not None and view == "standing" else None
    gain = _gain(light, light_colour) * np.float32(TONES[tone] if tone else 1)
    return InitImage(staged, gain, dark, light, mirror_in(placed, surface))


def _shaded_as(match: PlateMatch | None, stands: Stance, view: View) -> View:
    """What hangs before a wall shades it as what lies on a cloth shades the cloth."""
    if view != "backdrop" or "bottom" in stands.cut or match is None:
        return view
    return "flatlay" if attributes_of(match.plate).backdrop in NEAR_WALLS else view


def _line(match: PlateMatch | None, placed: Placed, stands: Stance, view: View) -> float | None:
    if match is None or match.plate.surface_line is None:
        return None
    if view in ("backdrop", "flatlay"):
        return placed.size[1] * (plate_warp.BELOW_FRAME if view == "backdrop" else plate_warp.ABOVE_FRAME)
    return plate_warp.line_for(stands, placed.size, match.plate.camera_elevation_deg)


def _staged(
    match: PlateMatch, pictures: Mapping[str, Pixels], size: tuple[int, int], line_at: float | None, sideways: float
) -> Pixels:
    behind = match.behind or match.plate
    view = plate_warp.View(size, line_at, sideways, match.flipped)
    whole = match.behind is None
    front = _painted(pictures[match.plate.id], match.plate, match, surface=True, backdrop=whole)
    surface = plate_warp.stage(front, match.plate.surface_line, view)
    if whole or line_at is None:
        return surface
    far = _painted(pictures[behind.id], behind, match, surface=False, backdrop=True)
    far_view = plate_warp.View(size, line_at, sideways, match.behind_flipped)
    return plate_warp.join(surface, plate_warp.stage(far, behind.surface_line, far_view), line_at)


def _painted(picture: Pixels, plate: Plate, match: PlateMatch, *, surface: bool, backdrop: bool) -> Pixels:
    """The plate in the colours that were asked: its surface below the line, its backdrop above it.

    Each is painted on the plate as it was, and the changes are added up: the row where both meet gets all of them.
    """
    below = _below(picture, plate)
    near, far = match.surface_coat if surface else None, match.backdrop_coat if backdrop else None
    shown = picture.astype(np.int16)
    for coat, where in ((near, below), (far, 1 - below)):
        if coat:
            shown += np.subtract(recolouring.repaint(picture, coat, where), picture, dtype=np.int16)
    return np.asarray(np.clip(shown, 0, 255), np.uint8)


def _below(picture: Pixels, plate: Plate) -> Floats:
    """1 on the plate's surface (h, w), 0 on its backdrop."""
    height, width = picture.shape[:2]
    line = {"flatlay": 0.0, "backdrop": 1.0}.get(plate.view, 1.0) if plate.surface_line is None else plate.surface_line
    rows = np.arange(height, dtype=np.float32)[:, None] / height
    return np.asarray(np.clip((rows - line) * 350 + 0.5, 0, 1) * np.ones((1, width)), np.float32)


def _gain(light: Light, wanted: str | None) -> Floats:
    """Gains (3,) that shift the white balance where the plate's light has another colour than was asked."""
    if wanted is None or wanted == light.colour:
        return np.ones(3, np.float32)
    gain = np.array(LIGHT_GAINS[wanted], np.float32) / np.array(LIGHT_GAINS[light.colour], np.float32)
    return np.asarray(gain, np.float32)
