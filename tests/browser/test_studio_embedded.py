"""`backdrop studio` as a new user has it: the real models, from a photo to a download, and on after Ctrl-C."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import OpenContext
from tests.browser.running import ROOT, free_port
from tests.browser.steps import MADE_MS, add, correct, enter, found, made, wish
from tests.forks import python

pytestmark = pytest.mark.browser


def started(state: Path, running: list["subprocess.Popen[str]"], *begins: str) -> tuple["subprocess.Popen[str]", str]:
    """The command, one of those that are running from now on, and the address it prints once it answers."""
    command = [*begins, "-m", "backdrop.cli", "studio", "--state", str(state), "--port", str(free_port())]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    running.append(process)
    assert process.stdout is not None
    for line in process.stdout:
        address = re.search(r"http://\S+", line)
        if address:
            return process, address.group()
    raise AssertionError("the studio ended before it said where it is")


@pytest.fixture
def running(tmp_path: Path) -> Iterator[list["subprocess.Popen[str]"]]:
    """Processes that a test starts; whatever happens they end."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.timeout(1200)
def test_a_new_user_has_a_background_and_finds_it_again_the_next_day(
    context: OpenContext, tmp_path: Path, photos: Path, running: list["subprocess.Popen[str]"]
) -> None:
    process, url = started(tmp_path / "state", running, sys.executable)
    page = context().new_page()
    page.set_default_timeout(MADE_MS)
    enter(page, url)
    expect(page.locator(".sample").first).to_be_visible(timeout=MADE_MS)
    add(page, photos / "handbag-brown.jpg")
    found(page)
    correct(page)
    page.locator("canvas.masking").click()
    expect(page.locator("#announcer")).to_contain_text("Cut-out changed", timeout=MADE_MS)
    page.get_by_role("button", name="Cancel").click()
    wish(page, "on a marble counter, morning light")
    made(page)
    page.locator(".option").hover()
    page.locator(".option").get_by_role("button", name="Download").click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Download").click()
    assert Image.open(download.value.path()).size == (256, 256)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=120) == 0
    process, url = started(tmp_path / "state", running, *python())
    enter(page, url)
    made(page)
