"""What a person does in the studio, in the words of the tests."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Route, expect

MADE_MS = 240_000  # how slow the machine may be; what is there sooner is not waited for

# a question asked later was answered and a frame was drawn: what came before it has been taken in
SETTLED = "() => fetch('v1/session').then((it) => it.text()).then(() => new Promise(requestAnimationFrame))"
WATCHED = f"""(words) => {{
    const shelf = document.getElementById("notices");
    window.noticed = new Promise((done) => {{
        new MutationObserver(() => shelf.innerText.includes(words) && done(true)).observe(shelf, {{childList: true}});
        setTimeout(() => done(false), {MADE_MS});
    }});
}}"""


def enter(page: Page, url: str, place: str = "") -> None:
    """Open the page and wait until it is live."""
    page.goto(url + place)
    expect(page.locator("#line")).to_have_text("Live", timeout=MADE_MS)


def add(page: Page, *files: Path) -> None:
    """Choose photos with the file picker, wherever it is."""
    page.locator("#more-photos, #first-photos").first.set_input_files(list(files))


def found(page: Page) -> None:
    """Wait until the product on the stage is cut out, and can be moved."""
    expect(page.locator(".stage-state .tag.good, .stage-state .tag.warn").first).to_be_visible(timeout=MADE_MS)
    expect(page.locator("canvas.placing")).to_have_attribute("aria-label", re.compile("^Product"), timeout=MADE_MS)


def correct(page: Page) -> None:
    """Open the cut-out's tools, and wait until there is something to correct."""
    page.get_by_role("tab", name="Cut-out").click()
    expect(page.locator("canvas.masking:not([aria-busy])")).to_be_visible(timeout=MADE_MS)


def sample(page: Page, number: int = 0) -> None:
    """Take a sample photo, and wait until its product is found."""
    page.locator(".sample").nth(number).click()
    found(page)


def wish(page: Page, words: str, count: int = 1) -> None:
    """Type a scene and ask for it."""
    page.get_by_label("Describe the scene").fill(words)
    page.get_by_role("radio", name=f"{count} options", exact=True).click()
    make(page)


def make(page: Page) -> None:
    """Press the button that asks."""
    page.locator(".make").click()


def made(page: Page, count: int = 1) -> None:
    """Wait until so many options are there."""
    expect(page.locator(".option-picture")).to_have_count(count, timeout=MADE_MS)


@contextmanager
def noticed(page: Page, words: str) -> Iterator[None]:
    """What is done in the block shows these words in a notice, which may be gone again before anybody looks."""
    page.evaluate(WATCHED, words)
    yield
    assert page.evaluate("window.noticed"), f"no notice said: {words}"


def waited(page: Page, held: list[Route], count: int) -> None:
    """Until so many questions are under way."""
    until = time.monotonic() + MADE_MS / 1000
    while len(held) < count:
        assert time.monotonic() < until, f"the page asked {len(held)} of {count} questions"
        page.wait_for_timeout(20)


def product_of(page: Page) -> str:
    """The product that the address names."""
    page.wait_for_url("**#/studio/*")
    return page.url.rpartition("/")[2]
