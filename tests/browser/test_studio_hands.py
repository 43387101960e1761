"""Placing the product and correcting its cut-out: with a pointer, and with the keyboard alone."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from shared.contracts.images import decode_mask
from tests.browser.running import RunningStudio
from tests.browser.steps import MADE_MS, SETTLED, add, correct, enter, found, made, noticed, product_of, waited, wish

pytestmark = pytest.mark.browser


@pytest.fixture
def bag(page: Page, studio: RunningStudio, photos: Path) -> str:
    """A product on the stage; its name."""
    enter(page, studio.url)
    add(page, photos / "handbag-brown.jpg")
    found(page)
    return product_of(page)


def asked(page: Page, words: str) -> dict[str, Any]:
    """The scene that the page asks for with these words."""
    with page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/backgrounds")) as request:
        wish(page, words)
    expect(page.locator(".make")).to_be_enabled()
    return dict(request.value.post_data_json)


def mask_of(studio: RunningStudio, product_id: str) -> np.ndarray:
    """The stored mask (H, W)."""
    return decode_mask(studio.get(f"v1/products/{product_id}/mask").content, (256, 256))


def mask_when(page: Page, studio: RunningStudio, product: str, holds: Callable[[np.ndarray], bool]) -> np.ndarray:
    """The stored mask, once it is so: a saved one was taken in by the page before the segmenter has stored it."""
    until = time.monotonic() + MADE_MS / 1000
    while not holds(mask := mask_of(studio, product)):
        assert time.monotonic() < until, f"the stored mask of {product} has not become what was saved"
        page.wait_for_timeout(50)
    return mask


def at(canvas: Locator, x: float, y: float) -> tuple[float, float]:
    """A point of the page, from fractions of a canvas."""
    box = canvas.bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def drag(page: Page, canvas: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*at(canvas, *start))
    page.mouse.down()
    page.mouse.move(*at(canvas, *end), steps=5)
    page.mouse.up()


def test_where_the_product_is_put_is_where_it_is_asked(page: Page, bag: str) -> None:
    canvas = page.locator("canvas.placing")
    canvas.focus()
    before = canvas.get_attribute("aria-label")
    for key in ("Shift+ArrowRight", "ArrowRight", "ArrowDown", "+"):
        page.keyboard.press(key)
    expect(canvas).not_to_have_attribute("aria-label", before or "")
    expect(page.locator("#announcer")).to_contain_text("percent from the left")
    assert asked(page, "moved by keys")["placement"]["x"] == pytest.approx(0.56, abs=0.02)
    page.get_by_role("button", name="As in the photo").click()

    page.get_by_role("radio", name="Wide, 16:9").click()
    drag(page, canvas, (0.5, 0.5), (0.75, 0.55))
    scene = asked(page, "oak table")
    assert scene["aspect"] == "16:9" and scene["placement"]["mode"] == "custom"
    assert 0.70 < scene["placement"]["x"] < 0.80
    page.get_by_role("button", name="As in the photo").click()
    assert "placement" not in asked(page, "oak table, again")

    page.get_by_role("radio", name="As photo, Photo").click()
    drag(page, canvas, (0.5, 0.5), (0.6, 0.5))
    drag(page, canvas, (0.6, 0.5), (0.504, 0.5))
    assert asked(page, "in the middle, to which it snaps")["placement"]["x"] == 0.5


def saved(page: Page, product: str) -> None:
    """Keep the cut-out, and wait until the stage shows the saved one."""
    with page.expect_response(lambda answer: answer.url.endswith(f"{product}/mask") and answer.ok):
        save = page.get_by_role("button", name="Save cut-out")
        expect(save).to_be_enabled()  # it hears of corrections with the next frame; a key waits for nothing
        save.press("Enter")
    expect(page.get_by_role("tab", name="Place")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".stage-state")).to_contain_text("your cut-out")


def elsewhere_and_back(page: Page, product: str, photos: Path) -> None:
    """Another photo and a reload: what was corrected waits, and is told to be unsaved."""
    page.get_by_label("Backdrop may learn from photos I add").check()
    with noticed(page, "kept, but not saved"):
        add(page, photos / "mug-terracotta.jpg")
    found(page)
    page.goto(f"{page.url.partition('#')[0]}#/studio/{product}")
    page.reload()
    expect(page.locator(".stage-state")).to_contain_text("corrections not saved")
    expect(page.get_by_label("Backdrop may learn from photos I add")).to_be_checked()
    correct(page)


def test_the_cut_out_is_corrected_by_strokes_by_clicks_and_by_keys(
    page: Page, studio: RunningStudio, bag: str, photos: Path
) -> None:
    before = mask_of(studio, bag)
    canvas = page.locator("canvas.masking")
    correct(page)
    page.get_by_role("button", name="Brush").click()
    drag(page, canvas, (0.05, 0.05), (0.3, 0.05))
    page.get_by_role("button", name="Eraser").click()
    drag(page, canvas, (0.4, 0.6), (0.6, 0.6))
    page.get_by_role("button", name="Undo").click()
    elsewhere_and_back(page, bag, photos)
    saved(page, bag)
    after = mask_of(studio, bag)
    assert not before[12, 13:76].any() and after[12, 13:76].all()
    assert (after[30:] == before[30:]).all(), "the eraser's stroke was undone"

    correct(page)
    canvas.click(position={"x": 30, "y": 30})
    expect(page.locator("#announcer")).to_contain_text("Cut-out changed")
    saved(page, bag)
    mask_when(page, studio, bag, lambda mask: bool(mask[10, 10] == 255))

    page.get_by_role("tab", name="Place").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("canvas.masking:not([aria-busy])")).to_be_visible(timeout=MADE_MS)
    editor = page.get_by_role("application")
    expect(editor).to_have_attribute("aria-label", "Cut-out, Keep here, cross at 50, 50 percent")
    editor.focus()
    for _ in range(8):
        page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator("#announcer")).to_contain_text("Cut-out changed")
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator(".asking")).to_have_count(0)
    page.keyboard.press("Control+z")
    saved(page, bag)
    mask_when(page, studio, bag, lambda mask: bool(mask[128, 25] == 255))


def test_what_a_photo_is_answered_while_another_is_on_the_stage_is_its_own(
    page: Page, studio: RunningStudio, bag: str, photos: Path
) -> None:
    """A save and a click are under way; meanwhile another photo's cut-out is opened, and then the first one's again."""
    before, canvas = mask_of(studio, bag), page.locator("canvas.masking")
    save, held = page.get_by_role("button", name="Save cut-out"), held_back(page)
    correct(page)
    painted(page, (0.05, 0.05), (0.3, 0.05))
    save.click()
    waited(page, held, 1)
    add(page, photos / "cushion-mustard.jpg")
    found(page)
    other = product_of(page)
    correct(page)
    canvas.click(position={"x": 30, "y": 30})  # asked for the other photo, and answered when the first is there again
    waited(page, held, 2)
    answered(page, held[0])
    expect(canvas).to_be_visible()
    expect(save).to_be_disabled()

    chosen(page, bag)
    expect(page.locator(".stage-state")).to_contain_text("your cut-out")
    expect(page.locator(".stage-state")).not_to_contain_text("not saved")
    assert mask_of(studio, bag)[12, 13:76].all() and not before[12, 13:76].any()
    correct(page)
    answered(page, held[1])
    expect(save).to_be_disabled()
    painted(page, (0.05, 0.9), (0.3, 0.9))
    save.click()
    waited(page, held, 3)
    chosen(page, other)  # and back before the answer: what was drawn since is not taken for saved
    chosen(page, bag)
    correct(page)
    expect(save).to_be_enabled()
    painted(page, (0.7, 0.9), (0.95, 0.9))
    chosen(page, other)
    answered(page, held[2])
    chosen(page, bag)
    expect(page.locator(".stage-state")).to_contain_text("corrections not saved")
    page.unroute_all()
    correct(page)
    painted(page, (0.7, 0.1), (0.95, 0.1))
    saved(page, bag)
    expect(page.locator(".stage-state")).not_to_contain_text("not saved")
    after = mask_when(page, studio, bag, lambda mask: bool(mask[26, 180:240].all()))
    assert after[230, 13:76].all() and after[230, 180:240].all()


def held_back(page: Page) -> list[Route]:
    """Saves and clicks that are not answered yet, as they come; the editor's own first click goes on."""
    held = list[Route]()

    def hold(route: Route) -> None:
        asked = route.request.method == "PUT" or '"x":0.5,' not in (route.request.post_data or '"x":0.5,')
        held.append(route) if asked else route.continue_()

    page.route(re.compile("/mask"), hold)
    return held


def painted(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """A stroke of the brush on the open cut-out."""
    page.get_by_role("button", name="Brush").click()
    drag(page, page.locator("canvas.masking"), begin, end)


def chosen(page: Page, product: str) -> None:
    """Put another photo of the tray on the stage."""
    page.goto(f"{page.url.partition('#')[0]}#/studio/{product}")
    name = product.rpartition("-")[0].replace("-", " ")
    expect(page.locator(".tray-photo[aria-current]")).to_have_attribute("title", name)
    expect(page.locator("canvas.placing")).to_be_visible()


def answered(page: Page, route: Route) -> None:
    """Let a question go on its way, and wait until the page has taken its answer in."""
    with page.expect_response(route.request.url):
        route.continue_()
    page.evaluate(SETTLED)


ASKED_FOUR_TIMES = """async () => {
    const [{freshly}, {Refused}] = [await import("/js/answers.js"), await import("/js/api.js")];
    let asked = 0;
    const ask = async () => {
        if (++asked <= 4) throw new Refused({status: 0});
    };
    await Promise.all([1, 2, 3, 4].map(() => freshly("a product", ask)));
    return asked;
}"""


def test_the_whole_way_by_keyboard(page: Page, bag: str) -> None:
    page.get_by_label("Describe the scene").focus()
    page.keyboard.type("oak table")
    page.keyboard.press("Control+Enter")
    made(page, 4)
    page.locator(".option-picture").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.get_by_role("slider", name="Between before and after").press("End")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".option-picture").first).to_be_focused()
    assert page.evaluate(ASKED_FOUR_TIMES) == 5, "all at once, and one of them goes on in an outage"
