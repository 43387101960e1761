"""The page's sums are the painter's: what the stage shows is where the product and its surface will be."""

import numpy as np
import pytest
from playwright.sync_api import Page

from services.inpainter.compose.placement import place
from services.inpainter.compose.plate_warp import line_for
from shared.contracts.events import Placement, Scene
from tests.browser.running import RunningStudio
from tests.browser.steps import enter

pytestmark = pytest.mark.browser

SUMS = """async ([photo, box, aspect, placement, elevation]) => {
    const {boxIn, frameOf, surfaceLine} = await import("/js/geometry.js");
    const frame = frameOf(photo, aspect);
    const at = boxIn(frame, photo, box, placement);
    return {frame, at, line: surfaceLine(frame, at, elevation)};
}"""
SCENES = [
    (None, Placement()),
    ("16:9", Placement()),
    ("9:16", Placement()),
    ("4:5", Placement(mode="custom", scale=0.4, x=0.3, y=0.7)),
    ("191:100", Placement(mode="custom", scale=0.8, x=0.6, y=0.55)),
]


def test_the_stage_and_the_painter_agree(page: Page, studio: RunningStudio) -> None:
    mask = np.zeros((300, 400), np.uint8)
    mask[60:240, 120:260] = 255
    box = {"x": 120, "y": 60, "width": 140, "height": 180}
    enter(page, studio.url)
    for aspect, placement in SCENES:
        placed = place(np.zeros((300, 400, 3), np.uint8), mask, Scene(aspect=aspect, placement=placement))
        stands, (width, height) = placed.stands, placed.size
        said = page.evaluate(SUMS, [{"width": 400, "height": 300}, box, aspect, placement.model_dump(), 12.0])
        assert (said["frame"]["width"], said["frame"]["height"]) == (width, height), aspect
        assert said["at"]["left"] * width == pytest.approx(stands.left, abs=1.5), aspect
        assert (said["at"]["top"] + said["at"]["height"]) * height == pytest.approx(stands.base, abs=1.5), aspect
        line = line_for(stands, placed.size, 12.0)
        assert said["line"] * height == pytest.approx(line, abs=0.02 * height), (
            f"{aspect}: a foot's depth is the painter's alone to see"
        )
