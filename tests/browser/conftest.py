"""One browser and one studio for all tests of pages; each test has a context of its own, and its troubles are told."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import DESKTOP, chromium
from tests.browser.running import RunningStudio

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "photos"
SIDE = 256
HERE = Path(__file__).parent

PATIENCE_MS = 60_000  # nothing is measured with it: a loaded machine is slow
expect.set_options(timeout=PATIENCE_MS)


# while Playwright is open an event loop runs in this thread: no test of another folder could have one of its own
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStudio]:
    """A studio that lets everybody in; tests that must not meet other tests' products start one of their own."""
    running = RunningStudio(tmp_path_factory.mktemp("studio"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[RunningStudio]:
    """A studio of this test alone, which it may stop."""
    running = RunningStudio(tmp_path / "state")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def troubles() -> list[str]:
    """What pages complained of: must be empty, unless a test says otherwise."""
    return []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each wait ends in failure by itself, and has its own reason to tell; all of them together may take longer."""
    for item in items:
        if HERE in item.path.parents and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(600))


OpenContext = Callable[..., BrowserContext]


@pytest.fixture
def context(browser: Browser, troubles: list[str]) -> Iterator[OpenContext]:
    """Opens browser contexts, each like another person's browser."""
    opened: list[BrowserContext] = []

    def open_context(**how: Any) -> BrowserContext:
        made = browser.new_context(**{"viewport": DESKTOP, "reduced_motion": "reduce", **how})
        made.set_default_timeout(PATIENCE_MS)
        made.on("weberror", lambda error: troubles.append(str(error.error)))
        made.on("console", lambda message: troubles.extend([message.text] if message.type == "error" else []))
        opened.append(made)
        return made

    yield open_context
    for one in opened:
        one.close()


@pytest.fixture
def page(context: OpenContext) -> Page:
    return context().new_page()


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample photos, small, so that painting them takes no time."""
    folder = tmp_path_factory.mktemp("photos")
    for photo in SAMPLES.glob("*.jpg"):
        Image.open(photo).resize((SIDE, SIDE)).save(folder / photo.name, quality=92)
    return folder
