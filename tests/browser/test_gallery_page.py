"""The gallery in a real browser, opened from the disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from backdrop.output.gallery import write_gallery
from backdrop.output.results import ResultsFolder
from backdrop.submitting.progress import SubmissionProgress
from backdrop.submitting.submissions import Refusal
from tests.browser.conftest import PATIENCE_MS
from tests.fakes.answers import generated, never_submitted, product, stored, submission

pytestmark = pytest.mark.browser


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cup, film = product(), never_submitted()
    progress = SubmissionProgress(submission(cup, film))
    progress.hear(generated(cup, 0, turned_down=1), seconds=2.0)
    progress.hear(generated(cup, 1), seconds=3.0)
    progress.give_up(Refusal(reason="judge_rejected", detail="each had a seam"), seconds=3.0)
    ResultsFolder(tmp_path, stored(cup)).write(progress)
    write_gallery(tmp_path)
    return tmp_path


@pytest.fixture
def page(browser: Browser, folder: Path, troubles: list[str]) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1400, "height": 900})
    opened.set_default_timeout(PATIENCE_MS)
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("requestfailed", lambda request: troubles.append(f"failed: {request.url}"))
    opened.goto((folder / "index.html").as_uri())
    yield opened
    opened.close()


def load_all(page: Page) -> None:
    page.evaluate("""async () => { for (const image of document.querySelectorAll("main img")) {
        image.loading = "eager"; await image.decode(); } }""")


def test_it_opens_without_a_server_and_every_picture_loads(page: Page, troubles: list[str], tmp_path: Path) -> None:
    load_all(page)
    widths = page.eval_on_selector_all("main img", "images => images.map(image => image.naturalWidth)")
    assert len(widths) >= 4 and min(widths) > 0
    assert troubles == []
    page.screenshot(path=tmp_path / "gallery.png", full_page=True)
    assert (tmp_path / "gallery.png").stat().st_size > 10_000


def test_pictures_open_large_and_the_keyboard_walks_through_them(page: Page, troubles: list[str]) -> None:
    page.locator("[data-view]").first.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog")
    expect(dialog).to_be_visible()
    first = page.locator("dialog img").get_attribute("src")
    page.keyboard.press("ArrowRight")
    expect(page.locator("dialog img")).not_to_have_attribute("src", first or "")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert troubles == []


def test_it_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_nothing_is_asked_of_the_network(browser: Browser, folder: Path) -> None:
    asked: list[str] = []
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.on("request", lambda request: asked.append(request.url))
    page.goto((folder / "index.html").as_uri())
    page.close()
    assert asked and all(url.startswith(("file:", "data:")) for url in asked)
