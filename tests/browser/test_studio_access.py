"""Everybody can use it: axe finds nothing on any view, light or dark, desktop or phone; and the page weighs little."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenContext
from tests.browser.running import RunningStudio
from tests.browser.steps import add, enter, found, made, wish

pytestmark = pytest.mark.browser

HEAVIEST = 300_000  # bytes of page, styles, scripts and fonts, as they lie on the disk
PAGE = Path(__file__).resolve().parents[2] / "services" / "gateway" / "page"


def complaints(page: Page) -> list[str]:
    """What axe has against the page as it stands, of any impact."""
    found = Axe().run(page).response["violations"]
    return [f"{one['impact']} {one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_studio(
    context: OpenContext, studio: RunningStudio, photos: Path, scheme: str
) -> None:
    size = DESKTOP if scheme == "light" else PHONE
    page = context(color_scheme=scheme, viewport=size, bypass_csp=True).new_page()
    enter(page, studio.url)
    add(page, photos / "handbag-brown.jpg")
    found(page)
    wish(page, "on a marble counter, blorb")
    made(page)
    assert complaints(page) == []
    page.get_by_role("tab", name="Cut-out").click()
    expect(page.locator("canvas.masking")).to_be_visible()
    assert complaints(page) == []
    page.get_by_role("button", name="Cancel").click()
    page.locator(".option-picture").click()
    assert complaints(page) == []
    page.get_by_role("dialog").get_by_role("button", name="Download").click()
    expect(page.get_by_role("dialog", name="Download")).to_be_visible()
    assert complaints(page) == []


@pytest.mark.parametrize("view", ["catalogue", "operations", "curation", "curation/datasets", "curation/models"])
def test_axe_finds_nothing_in_the_other_views(context: OpenContext, studio: RunningStudio, view: str) -> None:
    page = context(color_scheme="dark" if "/" in view else "light", bypass_csp=True).new_page()
    enter(page, studio.url, f"#/{view}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert complaints(page) == []


def test_nothing_sticks_out_on_a_phone(context: OpenContext, studio: RunningStudio) -> None:
    page = context(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
    for view in ("studio", "catalogue", "operations", "curation", "curation/datasets"):
        enter(page, studio.url, f"#/{view}")
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], view


def test_the_whole_page_weighs_less_than_300_kilobytes_and_asks_nobody_else(
    context: OpenContext, studio: RunningStudio
) -> None:
    page = context().new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for view in ("studio", "catalogue", "operations", "curation"):
        enter(page, studio.url, f"#/{view}")
    assert all(url.startswith((studio.url, "blob:", "data:")) for url in asked)
    counted = [file for file in PAGE.rglob("*") if file.suffix in {".html", ".css", ".js", ".woff2", ".svg"}]
    assert sum(file.stat().st_size for file in counted) < HEAVIEST


def test_every_file_of_the_page_begins_with_its_sign_and_is_short() -> None:
    for file in [*PAGE.rglob("*.js"), *PAGE.rglob("*.css")]:
        lines = file.read_text().splitlines()
        assert lines[0].startswith(("// ", "/* ")), file
        assert len(lines) < 250, file
