"""How the main states look, beside committed pictures; a changed look is committed with the change.

STUDIO_LOOKS=new writes them anew. Typefaces come with the page, so they are the same everywhere; edges may differ.
"""

import io
import os
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.running import RunningStudio
from tests.browser.steps import add, enter, found, made, wish

pytestmark = pytest.mark.browser

LOOKS = Path(__file__).resolve().parents[1] / "golden" / "looks"
SCALE = 4  # committed pictures are a quarter of the screen's width: layout and colours, not letters
MOST_APART = 0.02  # share of pixels that may differ by more than
MUCH = 40  # of 255
# the page draws each wish's seed, by which near ties of plates go, and each product's name, by which its ideas go: the
# pictures compared have always these
DRAWN = """Math.random = () => 0.25;
let drawn = 0;
crypto.randomUUID = () => `${String(++drawn).padStart(8, "0")}-0000-4000-8000-000000000000`;
"""
TRIES = 200  # a loaded machine is slow to draw; what looks as it did is not waited for
LIGHTS: dict[Literal["light", "dark"], ViewportSize] = {"light": DESKTOP, "dark": PHONE}


SETTLED = """() => Promise.all([...document.images]
    .filter((image) => image.getBoundingClientRect().top < innerHeight && image.checkVisibility())
    .map((image) => image.decode().catch(() => {})).concat(document.fonts.ready)).then(() => null)"""


def looks(page: Page, name: str) -> None:
    """The page looks as it did, once all that is in sight is there."""
    page.evaluate("document.querySelectorAll('.figures').forEach((node) => node.style.visibility = 'hidden')")
    anew = os.environ.get("STUDIO_LOOKS") == "new"
    page.wait_for_timeout(1000 if anew else 0)  # what moves when the light or the screen changes has come to rest
    for _ in range(TRIES):
        page.evaluate(SETTLED)
        seen = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
        seen = seen.resize((seen.width // SCALE, seen.height // SCALE), Image.Resampling.BOX)
        if anew:
            (LOOKS / f"{name}.png").parent.mkdir(parents=True, exist_ok=True)
            seen.save(LOOKS / f"{name}.png", optimize=True)
        apart = _apart(seen, Image.open(LOOKS / f"{name}.png").convert("RGB"))
        if apart <= MOST_APART:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"{name}: {apart:.1%} of the picture changed")


def _apart(now: Image.Image, before: Image.Image) -> float:
    """The share of pixels that differ by much."""
    assert now.size == before.size
    return float((np.abs(np.asarray(now, np.int16) - np.asarray(before, np.int16)).max(axis=2) > MUCH).mean())


def in_both(page: Page, name: str) -> None:
    """By day on a desk, by night on a phone."""
    for scheme, size in LIGHTS.items():
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate("scrollTo(0, 0)")
        looks(page, f"{scheme}-{name}")
    page.set_viewport_size(DESKTOP)


def test_a_visit_looks_as_it_did(page: Page, photos: Path, own: RunningStudio, troubles: list[str]) -> None:
    page.add_init_script(DRAWN)
    enter(page, own.url)
    expect(page.locator(".sample")).to_have_count(11)
    in_both(page, "welcome")
    add(page, photos / "handbag-brown.jpg")
    found(page)
    page.get_by_label("Search styles").fill("sage studio")
    page.get_by_role("radio", name="sage studio podium").click()
    in_both(page, "placing")
    wish(page, "", count=1)
    made(page)
    page.locator(".option-picture").click()
    in_both(page, "compare")
    page.keyboard.press("Escape")
    enter(page, own.url, "#/catalogue")
    expect(page.locator(".strip-option")).to_have_count(1)
    in_both(page, "catalogue")
    assert troubles == []
