"""How the main states look, beside committed pictures; a changed look is committed with the change.

STUDIO_LOOKS=new writes them anew. Typefaces come with the page, so they are the same everywhere; edges may differ.
"""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenContext
from tests.browser.running import RunningStudio
from tests.browser.steps import add, enter, found, made, wish

pytestmark = pytest.mark.browser

LOOKS = Path(__file__).resolve().parents[1] / "golden" / "looks"
SCALE = 4  # committed pictures are a quarter of the screen's width: layout and colours, not letters
MOST_APART = 0.02  # share of pixels that may differ by more than
MUCH = 40  # of 255


SETTLED = """() => Promise.all([...document.images]
    .filter((image) => image.getBoundingClientRect().top < innerHeight && image.checkVisibility())
    .map((image) => image.decode().catch(() => {})).concat(document.fonts.ready)).then(() => null)"""


def looks(page: Page, name: str) -> None:
    """The page looks as it did, once all that is in sight is there."""
    page.evaluate(SETTLED)
    page.wait_for_timeout(300)
    page.evaluate("document.querySelectorAll('.figures').forEach((node) => node.style.visibility = 'hidden')")
    seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    seen = seen.resize((seen.width // SCALE, seen.height // SCALE), Image.Resampling.BOX)
    path = LOOKS / f"{name}.png"
    if os.environ.get("STUDIO_LOOKS") == "new":
        path.parent.mkdir(parents=True, exist_ok=True)
        seen.save(path, optimize=True)
    before = np.asarray(Image.open(path).convert("RGB"), np.int16)
    now = np.asarray(seen, np.int16)
    assert now.shape == before.shape
    apart = (np.abs(now - before).max(axis=2) > MUCH).mean()
    assert apart <= MOST_APART, f"{name}: {apart:.1%} of the picture changed"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_visit_looks_as_it_did(
    context: OpenContext, scheme: str, photos: Path, own: RunningStudio, troubles: list[str]
) -> None:
    size = DESKTOP if scheme == "light" else PHONE
    page = context(color_scheme=scheme, viewport=size).new_page()
    enter(page, own.url)
    expect(page.locator(".sample")).to_have_count(11)
    looks(page, f"{scheme}-welcome")
    add(page, photos / "handbag-brown.jpg")
    found(page)
    page.get_by_label("Search styles").fill("sage studio")
    page.get_by_role("radio", name="sage studio podium").click()
    page.evaluate("scrollTo(0, 0)")
    looks(page, f"{scheme}-placing")
    wish(page, "", count=1)
    made(page)
    page.locator(".option-picture").click()
    looks(page, f"{scheme}-compare")
    page.keyboard.press("Escape")
    enter(page, own.url, "#/catalogue")
    expect(page.locator(".strip-option")).to_have_count(1)
    looks(page, f"{scheme}-catalogue")
    assert troubles == []
