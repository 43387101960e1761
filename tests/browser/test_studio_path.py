"""From a dropped photo to a downloaded picture, in a real browser over the real gateway."""

import base64
import io
import json
import re
import time
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.running import RunningStudio
from tests.browser.steps import MADE_MS, add, enter, found, made, product_of, wish

pytestmark = pytest.mark.browser

DROP = """async ([data, name]) => {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, {type: "image/jpeg"}));
    const how = {bubbles: true, cancelable: true};
    const make = (kind) => kind === "paste" ? new ClipboardEvent("paste", {...how, clipboardData: transfer})
        : new DragEvent(kind, {...how, dataTransfer: transfer});
    for (const kind of KINDS) document.body.dispatchEvent(make(kind));
}"""


def hand_over(page: Page, photo: Path, *kinds: str) -> None:
    """Drop or paste a file as a browser tells of it."""
    data = base64.b64encode(photo.read_bytes()).decode()
    page.evaluate(DROP.replace("KINDS", json.dumps(kinds)), [data, photo.name])


def test_a_dropped_photo_becomes_a_downloaded_background_and_opinions_reach_the_events(
    page: Page, studio: RunningStudio, photos: Path, troubles: list[str]
) -> None:
    enter(page, studio.url)
    hand_over(page, photos / "jar-mint.jpg", "dragenter", "dragover", "drop")
    found(page)
    wish(page, "on a marble counter, blorb")
    made(page)
    expect(page.locator(".round").first).to_contain_text("Not understood: blorb")
    page.get_by_role("button", name="Pick this option").click()
    expect(page.get_by_role("button", name="Download picked (1)")).to_be_visible()
    page.locator(".option-picture").click()
    viewer = page.get_by_role("dialog")
    expect(viewer).to_contain_text("untouched, checked pixel by pixel")
    page.get_by_role("button", name="Background looks wrong").click()
    expect(viewer).to_contain_text("1 vote: 0 saw the product wrong, 1 the background.")
    viewer.get_by_role("button", name="Download").click()
    dialog = page.get_by_role("dialog", name="Download")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    expect(dialog).to_have_count(0)
    assert download.value.suggested_filename == "jar-mint-1.png"
    assert Image.open(download.value.path()).size == (256, 256)
    several_sizes_come_as_one_zip(page)
    heard(page, studio, product_of(page))
    page.get_by_role("dialog").get_by_role("button", name="More like this").click()
    made(page, 5)
    expect(page.locator(".round")).to_have_count(2)
    assert troubles == []


def heard(page: Page, studio: RunningStudio, product: str) -> None:
    """The pick, the vote, the look and the opening of the one option: each goes its own way to the events."""
    until = time.monotonic() + MADE_MS / 1000
    while True:
        (asked,) = studio.get(f"v1/products/{product}/backgrounds").json()["items"]
        (option,) = asked["options"]
        seen = option["engagement"]
        if option["picked"] and option["votes"]["background_defects"] == 1 and seen["impressions"] and seen["clicks"]:
            return
        assert time.monotonic() < until, option
        page.wait_for_timeout(50)


def several_sizes_come_as_one_zip(page: Page) -> None:
    """From the option that is open."""
    page.get_by_role("dialog").get_by_role("button", name="Download").click()
    dialog = page.get_by_role("dialog", name="Download")
    dialog.get_by_label("Story").check()
    dialog.get_by_label("JPEG").check()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Download").click()
    expect(dialog).to_have_count(0)
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["jar-mint-1.jpg", "jar-mint-1-story.jpg"]
        sizes = [Image.open(io.BytesIO(archive.read(name))).size for name in archive.namelist()]
    assert sizes == [(256, 256), (1080, 1920)]


def test_photos_are_pasted_and_several_are_chosen_at_once(
    page: Page, studio: RunningStudio, photos: Path, tmp_path: Path
) -> None:
    mine = [tmp_path / f"{word}.jpg" for word in ("pasted", "chosen", "another")]
    for photo in mine:
        photo.write_bytes((photos / "watch-black.jpg").read_bytes())
    enter(page, studio.url)
    hand_over(page, mine[0], "paste")
    add(page, *mine[1:])
    for photo in mine:
        expect(page.get_by_role("button", name=f"{photo.stem}, ready")).to_have_count(1)


def test_a_style_and_a_reference_are_wishes_and_a_scene_that_cannot_be_is_turned_down_in_words(
    page: Page, studio: RunningStudio, photos: Path
) -> None:
    enter(page, studio.url)
    add(page, photos / "handbag-brown.jpg")
    found(page)
    page.get_by_label("Search styles").fill("pink podium")
    page.get_by_role("radio", name="pink podium").click()
    page.get_by_role("radio", name="1 options").click()
    page.locator(".make").click()
    made(page)
    expect(page.locator(".round h3").first).to_have_text("pink podium")
    page.get_by_role("button", name="Without the style pink podium").click()
    page.locator("#reference").set_input_files(photos / "teapot-kitchen.jpg")
    expect(page.locator(".reference-name")).to_have_text("teapot-kitchen.jpg")
    page.locator(".make").click()
    made(page, 2)
    expect(page.locator(".round h3").first).to_have_text("Like the reference picture")
    too_wide = {"prompt": "oak table", "height": 4096, "aspect": "5:1"}
    asked = studio.post(f"v1/products/{product_of(page)}/backgrounds", json=too_wide)
    assert asked.status_code == 202
    expect(page.locator(".option-none")).to_contain_text("The output would be 20480 x 4096 pixels")
    expect(page.get_by_role("button", name="Try another")).to_be_visible()


def test_html_in_a_title_is_text(page: Page, studio: RunningStudio, photos: Path) -> None:
    title = "<img src=x onerror=alert(1)>"
    studio.post("v1/products", files={"file": (photos / "jar-mint.jpg").read_bytes()}, data={"title": title})
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    enter(page, studio.url, "#/catalogue")
    expect(page.get_by_role("link", name=title)).to_be_visible()
    assert asked == []


def test_hostile_files_are_refused_in_words_and_the_next_photo_is_served(
    page: Page, studio: RunningStudio, photos: Path, tmp_path: Path
) -> None:
    photo = (photos / "jar-mint.jpg").read_bytes()
    frames = [Image.new("RGB", (320, 320), shade) for shade in ("red", "blue")]
    moving = io.BytesIO()
    frames[0].save(moving, "WEBP", save_all=True, append_images=frames[1:])
    hostile = {
        "0 bytes": b"",
        "a page": b"<html><script>alert(1)</script>",
        "half a photo": photo[: len(photo) // 2],
        "an animation": moving.getvalue(),
        "too heavy": photo + bytes(6_000_000),
    }
    enter(page, studio.url)
    for what, data in hostile.items():
        file = tmp_path / f"{what}.jpg"
        file.write_bytes(data)
        add(page, file)
        photo_of = page.get_by_role("button", name=re.compile(f"^{what}, (not uploaded|cannot be used)"))
        expect(photo_of).to_have_count(1)
        photo_of.click()
        expect(photo_of).to_have_attribute("aria-current", "true")  # the words of this one, not of the one before
        expect(page.locator(".stage-message h3")).to_be_visible()
        expect(page.locator(".stage-message p")).not_to_be_empty()
    (tmp_path / "a good one.jpg").write_bytes(photo)
    add(page, tmp_path / "a good one.jpg")
    page.get_by_role("button", name="a good one, ready").click()
    found(page)
