"""Restarts, slow lines, several people: nothing that was typed or asked is lost, and nobody sees another tenant's."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import OpenContext
from tests.browser.running import RunningStudio
from tests.browser.slow_line import slow_line
from tests.browser.steps import MADE_MS, add, enter, found, made, make, product_of, waited, wish

pytestmark = pytest.mark.browser


def test_a_crash_of_the_server_loses_nothing_and_the_page_goes_on_by_itself(
    page: Page, own: RunningStudio, photos: Path
) -> None:
    enter(page, own.url)
    add(page, photos / "handbag-brown.jpg")
    found(page)
    wish(page, "oak table")
    made(page)
    own.stop(kill=True)
    expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
    page.get_by_label("Describe the scene").fill("typed while it was away")
    own.start()
    expect(page.locator("#line")).to_have_text("Live", timeout=MADE_MS)
    expect(page.locator("#banner")).to_be_hidden()
    expect(page.get_by_label("Describe the scene")).to_have_value("typed while it was away")
    page.get_by_role("radio", name="8 options").click()
    make(page)
    expect(page.locator(".option-wait, .option-picture")).to_have_count(9)
    own.stop(kill=True)  # what was asked before a crash is made after it
    own.start()
    made(page, 9)
    said = own.get(f"v1/products/{product_of(page)}/backgrounds").json()["items"]
    assert {one["status"] for one in said} == {"generated"} and sorted(len(one["options"]) for one in said) == [1, 1, 7]
    page.reload()
    made(page, 9)
    expect(page.get_by_label("Describe the scene")).to_have_value("typed while it was away")


def test_two_people_see_each_others_options_arrive(context: OpenContext, studio: RunningStudio, photos: Path) -> None:
    one, other = context().new_page(), context().new_page()
    enter(one, studio.url)
    add(one, photos / "handbag-brown.jpg")
    found(one)
    enter(other, studio.url, f"#/studio/{product_of(one)}")
    found(other)
    wish(one, "oak table")
    made(other)
    wish(other, "marble counter")
    made(one, 2)


def test_tenants_come_in_with_a_key_and_see_their_own_products_alone(
    context: OpenContext, tmp_path: Path, photos: Path
) -> None:
    running = RunningStudio(tmp_path / "state", tenants=("red", "blue"))
    running.start()
    try:
        red, blue = context().new_page(), context().new_page()
        for page, key in ((red, running.keys["red"]), (blue, running.keys["blue"])):
            page.goto(running.url)
            page.get_by_label("Access key").fill("bk_000000000000_" + 64 * "0")
            page.get_by_role("button", name="Enter").click()
            expect(page.locator("#key-trouble")).to_contain_text("not known")
            page.get_by_label("Access key").fill(key)
            page.get_by_role("button", name="Enter").click()
            expect(page.locator("#line")).to_have_text("Live")
        add(red, photos / "handbag-brown.jpg")
        found(red)
        blue.goto(f"{running.url}#/studio/{product_of(red)}")
        blue.reload()
        expect(blue.locator("#line")).to_have_text("Live")
        expect(blue.locator(".tray-photo")).to_have_count(0)
        red.reload()
        expect(red.locator(".tray-photo")).to_have_count(1)
    finally:
        running.stop()


def test_a_slow_line_shows_the_photo_at_once_and_ends_with_an_option(
    context: OpenContext, studio: RunningStudio, photos: Path
) -> None:
    page = context().new_page()
    with slow_line(studio.port) as port:
        enter(page, f"http://127.0.0.1:{port}/")
        held: list[Route] = []
        page.route("**/v1/products", lambda route: held.append(route))  # the line is not as slow as a machine may be
        add(page, photos / "handbag-brown.jpg")
        expect(page.locator(".tray-photo[aria-current]")).to_have_attribute("data-stage", "uploading")
        expect(page.locator(".tray-photo[aria-current] img")).to_have_attribute("src", re.compile("^blob:"))
        waited(page, held, 1)
        held[0].continue_()
        found(page)
        wish(page, "oak table")
        made(page)
        page.close()


def test_an_upload_that_fails_is_tried_again(context: OpenContext, studio: RunningStudio, photos: Path) -> None:
    page = context().new_page()
    enter(page, studio.url)
    page.route("**/v1/products", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    add(page, photos / "handbag-brown.jpg")
    expect(page.locator(".stage-message h3")).to_contain_text("does not answer")
    page.unroute("**/v1/products")
    page.get_by_role("button", name="Try again").click()
    found(page)


def test_a_vote_whose_answer_was_lost_counts_once_and_a_changed_mind_is_a_new_one(
    context: OpenContext, studio: RunningStudio, photos: Path
) -> None:
    page = context().new_page()
    enter(page, studio.url)
    add(page, photos / "handbag-brown.jpg")
    found(page)
    wish(page, "oak table")
    made(page)
    page.locator(".option-picture").click()
    viewer, wrong = page.get_by_role("dialog"), page.get_by_role("button", name="Background looks wrong")
    lost: list[int] = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)  # it is counted, and the page does not hear of it
        route.abort()

    page.route("**/review", lose)
    wrong.click()
    expect(page.locator("#notices")).to_contain_text("does not answer", timeout=MADE_MS)
    page.unroute("**/review")
    assert lost == [202] * 4
    wrong.click()
    expect(viewer).to_contain_text("1 vote: 0 saw the product wrong, 1 the background.")
    page.get_by_role("button", name="Right", exact=True).click()
    expect(viewer).to_contain_text("2 votes: 0 saw the product wrong, 1 the background.")
    wrong.click()
    expect(viewer).to_contain_text("3 votes: 0 saw the product wrong, 2 the background.")
