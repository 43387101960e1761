"""The page in front of the real stack, as `make up` gives it: from a photo to a download, in a real browser."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from deploy.local.places import Places
from deploy.local.ports import HOST
from tests.browser.chromium import DESKTOP, chromium
from tests.browser.steps import add, wish
from tests.e2e.ad_platform import packshot, pixels

pytestmark = [pytest.mark.e2e, pytest.mark.connected, pytest.mark.browser, pytest.mark.timeout(900)]

PATIENT_MS = 300_000


def test_somebody_comes_from_a_photo_to_a_download(stack: Places, tmp_path: Path) -> None:
    photo = tmp_path / "box.png"
    photo.write_bytes(packshot(5))
    height, width = pixels(photo.read_bytes()).shape[:2]
    with chromium() as browser:
        page = browser.new_page(viewport=DESKTOP)
        page.set_default_timeout(PATIENT_MS)
        page.goto(f"http://{HOST}:{stack.gateway_port}")
        expect(page.locator("#line")).to_have_text("Live", timeout=PATIENT_MS)
        add(page, photo)
        cut_out = page.locator(".stage-state .tag.good, .stage-state .tag.warn")
        expect(cut_out).to_be_visible(timeout=PATIENT_MS)
        wish(page, "on a wooden table")
        expect(page.locator(".option-picture img")).to_have_count(1, timeout=PATIENT_MS)
        page.locator(".option").hover()
        page.locator(".option").get_by_role("button", name="Download").click()
        with page.expect_download() as download:
            page.get_by_role("dialog").get_by_role("button", name="Download").click()
        assert Image.open(download.value.path()).size == (width, height)
