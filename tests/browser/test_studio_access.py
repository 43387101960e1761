"""Everybody can use it: axe finds nothing on any view, light or dark, desktop or phone; and the page weighs little."""

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.chromium import DESKTOP, PHONE
from tests.browser.conftest import OpenContext
from tests.browser.running import RunningStudio
from tests.browser.steps import add, correct, enter, found, made, wish

pytestmark = pytest.mark.browser

AT_ONCE = "*, *::before, *::after { transition: none !important; }"  # else colours are measured while they fade over
WIDTH = "() => document.fonts.ready.then(() => document.documentElement.scrollWidth)"
HEAVIEST = 300_000  # bytes of page, styles, scripts and fonts, as they lie on the disk
PARTS = ("samples", "datasets", "styles", "trainings", "models")
LIGHTS: dict[Literal["light", "dark"], ViewportSize] = {"light": DESKTOP, "dark": PHONE}
VIEWS = ("catalogue", "operations", *(f"curation/{part}" for part in PARTS))
PAGE = Path(__file__).resolve().parents[2] / "services" / "gateway" / "page"


def complaints(page: Page) -> list[str]:
    """What axe has against the page as it stands, of any impact."""
    found = Axe().run(page).response["violations"]
    return [f"{one['impact']} {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def in_both(page: Page) -> None:
    """Nothing to complain of by day on a desk, nor by night on a phone."""
    page.add_style_tag(content=AT_ONCE)
    for scheme, size in LIGHTS.items():
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert complaints(page) == [], scheme
    page.set_viewport_size(DESKTOP)


def test_axe_finds_nothing_in_the_studio(context: OpenContext, studio: RunningStudio, photos: Path) -> None:
    page = context(bypass_csp=True).new_page()
    enter(page, studio.url)
    add(page, photos / "handbag-brown.jpg")
    found(page)
    wish(page, "on a marble counter, blorb")
    made(page)
    in_both(page)
    correct(page)
    in_both(page)
    page.get_by_role("button", name="Cancel").click()
    page.locator(".option-picture").click()
    in_both(page)
    page.get_by_role("dialog").get_by_role("button", name="Download").click()
    expect(page.get_by_role("dialog", name="Download")).to_be_visible()
    in_both(page)


def test_axe_finds_nothing_in_the_other_views(context: OpenContext, studio: RunningStudio) -> None:
    page = context(bypass_csp=True).new_page()
    for view in VIEWS:
        enter(page, studio.url, f"#/{view}")
        expect(page.get_by_role("heading", level=1)).to_have_text(view.partition("/")[0].capitalize())
        in_both(page)


def test_axe_finds_nothing_in_datasets_that_are_there(context: OpenContext, studio: RunningStudio) -> None:
    page = context(bypass_csp=True).new_page()
    first = {"dataset": "product", "version": "v1", "at": "2026-03-01T12:00:00Z", "samples": 41, "counts": {"kept": 41}}
    second = {**first, "version": "v2", "at": "2026-03-02T12:00:00Z", "samples": 42, "counts": {"kept": 42}}
    versions = [first, second]
    page.route("**/v1/curation/datasets", lambda route: route.fulfill(json=versions))
    enter(page, studio.url, "#/curation/datasets")
    expect(page.locator("tbody .number")).to_have_text(["42", "41"])
    in_both(page)


def test_the_page_fits_a_phone_weighs_less_than_300_kilobytes_and_asks_nobody_else(
    context: OpenContext, studio: RunningStudio
) -> None:
    studio.post("v1/products", json={"url": "https://10.0.0.1/x.jpg", "product_id": "too-wide"})
    page = context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for view in ("studio", *VIEWS):
        enter(page, studio.url, f"#/{view}")
        expect(page.get_by_role("heading", level=1)).to_have_text(view.partition("/")[0].capitalize())
        if view == "operations":
            expect(page.get_by_role("row").filter(has_text="too-wide").first).to_be_visible()
        assert page.evaluate(WIDTH) <= PHONE["width"], view
    assert all(url.startswith((studio.url, "blob:", "data:")) for url in asked)
    counted = [file for file in PAGE.rglob("*") if file.suffix in {".html", ".css", ".js", ".woff2", ".svg"}]
    assert sum(file.stat().st_size for file in counted) < HEAVIEST


def test_every_file_of_the_page_begins_with_its_sign_and_is_short() -> None:
    for file in [*PAGE.rglob("*.js"), *PAGE.rglob("*.css")]:
        lines = file.read_text().splitlines()
        assert lines[0].startswith(("// ", "/* ")), file
        assert len(lines) < 250, file
