"""The pictures of docs/studio.md, taken from a studio that runs: python -m tests.browser.pictures http://127.0.0.1:8080/

Start from an empty state; it takes as long as some twenty backgrounds take.
"""

import argparse
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import DESKTOP, PHONE, chromium
from tests.browser.steps import add, enter, found, made, wish

ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "docs" / "pictures" / "studio"
PHOTOS = ROOT / "samples" / "photos"
WIDTHS = {"desktop": 1080, "phone": 390}
PATIENT_MS = 400_000
VIEWS = ("operations", "curation")


def keep(page: Page, name: str) -> None:
    """One picture, small enough to be committed."""
    page.wait_for_timeout(2000)  # pictures in sight come in one by one
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    width = WIDTHS["phone" if image.width < 800 or "phone" in name else "desktop"]
    image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
    image.save(PICTURES / f"{name}.webp", quality=80, method=6)
    print(name, flush=True)


@contextmanager
def opened(browser: Browser, scheme: str, *, phone: bool = False) -> Iterator[Page]:
    """A page of its own."""
    how = (
        {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
        if phone
        else {"viewport": DESKTOP}
    )
    context = browser.new_context(color_scheme=scheme, **how)
    context.set_default_timeout(PATIENT_MS)
    yield context.new_page()
    context.close()


def first_visit(page: Page, url: str) -> None:
    """From nothing to a product with its options."""
    enter(page, url)
    expect(page.locator(".sample").last).to_be_visible()
    keep(page, "welcome")
    page.get_by_role("button", name="Try with Brown leather handbag").or_(page.locator(".sample").nth(3)).first.click()
    found(page)
    expect(page.locator(".ideas .chip").first).to_be_visible()
    keep(page, "found")
    page.get_by_label("Search styles").fill("podium")
    page.get_by_role("radio", name="sage studio podium").click()
    page.get_by_role("radio", name="Portrait, 4:5").click()
    page.locator("canvas.placing").focus()
    for key in ("+", "+", "+", "ArrowDown"):
        page.keyboard.press(key)
    keep(page, "placing")
    page.get_by_role("radio", name="Photo", exact=False).first.click()
    page.get_by_role("button", name="As in the photo").click()
    page.get_by_role("button", name="Without the style sage studio podium").click()
    page.get_by_label("Search styles").fill("")
    wish(page, "on terrazzo, sage green wall, golden blorb light", count=4)
    made(page, 1)
    keep(page, "arriving")
    made(page, 4)
    page.locator(".option-pick").nth(1).click()
    keep(page, "options")


def closer(page: Page) -> None:
    """One option large, what can be downloaded, the cut-out's tools."""
    page.locator(".option-picture").first.click()
    page.get_by_role("slider", name="Between before and after").fill("42")
    keep(page, "compare")
    page.get_by_role("dialog").get_by_role("button", name="Download").click()
    keep(page, "downloads")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Cut-out").click()
    page.mouse.wheel(0, -3000)
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Brush").click()
    keep(page, "cut-out")
    page.get_by_role("button", name="Cancel").click()


def many(page: Page, url: str) -> None:
    """The catalogue, and what operators and curators see."""
    names = ["watch-black", "sneaker-white", "headphones-cream", "jar-mint", "teapot-kitchen", "flask-garden"]
    add(page, *[PHOTOS / f"{name}.jpg" for name in names])
    expect(page.locator(".tray-photo[data-stage=captioned]")).to_have_count(7, timeout=PATIENT_MS)
    enter(page, url, "#/catalogue")
    page.get_by_label("All", exact=True).check()
    page.get_by_role("button", name="Choose a style for all").click()
    page.get_by_role("dialog").get_by_role("radio", name="beige podium").click()
    keep(page, "style-for-all")
    page.get_by_role("dialog").get_by_role("button", name="Make for 7 products").click()
    expect(page.locator(".run")).to_contain_text(re.compile("[2-6] of 7"), timeout=PATIENT_MS)
    keep(page, "catalogue")
    expect(page.locator(".run")).to_contain_text("All 7", timeout=PATIENT_MS)
    for place in (*VIEWS, "curation/styles"):
        enter(page, url, f"#/{place}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        keep(page, place.rpartition("/")[2])


def elsewhere(browser: Browser, url: str) -> None:
    """In the dark, and on a phone."""
    with opened(browser, "dark") as page:
        enter(page, url)
        page.locator(".tray-photo").last.click()
        page.get_by_role("radio", name="Wide, 16:9").click()
        page.get_by_label("Search styles").fill("navy")
        with page.expect_response(lambda answer: "size=960" in answer.url):
            page.get_by_role("radio", name="navy wall oak").click()
        keep(page, "dark-placing")
        page.locator(".option-picture").first.click()
        keep(page, "dark-compare")
    for scheme in ("light", "dark"):
        with opened(browser, scheme, phone=True) as page:
            enter(page, url)
            page.locator(".tray-photo").last.click()
            keep(page, f"phone-{scheme}-stage")
            page.locator(".option-picture").first.scroll_into_view_if_needed()
            keep(page, f"phone-{scheme}-options")
            page.locator(".option-picture").first.click()
            keep(page, f"phone-{scheme}-compare")
            for place in ("catalogue", *VIEWS):
                enter(page, url, f"#/{place}")
                expect(page.get_by_role("heading", level=1)).to_be_visible()
                keep(page, f"phone-{scheme}-{place}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Take the pictures of docs/studio.md.")
    parser.add_argument("url")
    address = parser.parse_args().url
    PICTURES.mkdir(parents=True, exist_ok=True)
    with chromium() as running:
        with opened(running, "light") as first:
            first_visit(first, address)
            closer(first)
            many(first, address)
        elsewhere(running, address)
