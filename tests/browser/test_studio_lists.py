"""Many products at once, and what operators and curators see."""

import re
import time
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import PHONE
from tests.browser.running import RunningStudio
from tests.browser.steps import MADE_MS, SETTLED, add, enter, made, noticed, waited

pytestmark = pytest.mark.browser

FITS = "() => [...document.querySelectorAll('.table-room')].every((it) => it.scrollWidth <= it.clientWidth)"


def test_a_style_for_many_products_is_chosen_watched_picked_and_exported(
    page: Page, studio: RunningStudio, photos: Path, tmp_path: Path
) -> None:
    enter(page, studio.url, "#/catalogue")
    aisle = [tmp_path / f"aisle {word}.jpg" for word in ("one", "two", "three")]
    for file in aisle:
        file.write_bytes((photos / "sneaker-white.jpg").read_bytes())
    page.get_by_label("Choose photos").set_input_files(aisle)
    page.get_by_label("Search titles").fill("aisle")
    expect(page.locator(".card")).to_have_count(3)
    for name in ("aisle one", "aisle two"):
        page.get_by_label(f"Choose {name}").check()
    page.get_by_label("Search titles").fill("")
    page.get_by_role("button", name="Choose a style for all").click()
    dialog = page.get_by_role("dialog", name="A style for 2 products")
    dialog.get_by_label("Search styles").fill("terrazzo and sage")
    dialog.get_by_role("radio", name="terrazzo and sage").click()
    dialog.get_by_role("button", name="Make for 2 products").click()
    expect(page.locator(".run")).to_contain_text("All 2 backgrounds are here", timeout=MADE_MS)
    page.get_by_label("Search titles").fill("aisle two")
    engaged = re.compile("/engagement$")
    with page.expect_response(lambda it: engaged.search(it.url) and '"pick"' in (it.request.post_data or "")):
        page.locator(".strip-option").click()
    expect(page.locator(".strip-option")).to_have_attribute("aria-pressed", "true")
    page.reload()
    page.get_by_label("Search titles").fill("aisle two")
    expect(page.locator(".strip-option")).to_have_attribute("aria-pressed", "true")
    with page.expect_download() as download:
        page.get_by_role("link", name="Feed").click()
    with page.expect_download() as pictures:
        page.get_by_role("button", name="Picked pictures").click()
        dialog = page.get_by_role("dialog", name="Picked pictures")
        dialog.get_by_label("Story").check()
        dialog.get_by_role("button", name="Download").click()
    with zipfile.ZipFile(pictures.value.path()) as archive:
        kinds = {name.rpartition("-")[2] for name in archive.namelist() if "aisle-two" in name}
    assert len(kinds) == 2 and all(kind.endswith(".jpg") for kind in kinds), kinds
    rows = Path(download.value.path()).read_text().splitlines()
    assert rows[0].startswith("id,title") and any("aisle two" in row for row in rows[1:])


def submitted(studio: RunningStudio, photo: Path, title: str) -> str:
    """A product that no page has brought; its name."""
    asked = studio.post("v1/products", files={"file": photo.read_bytes()}, data={"title": title})
    return str(asked.json()["product_id"])


def asked_and_made(studio: RunningStudio, product: str) -> str:
    """One background, asked for by somebody else and made; its name."""
    asked = studio.post(f"v1/products/{product}/backgrounds", json={"prompt": "oak table"}).json()
    until = time.monotonic() + MADE_MS / 1000
    while asked["status"] == "requested" and time.monotonic() < until:
        time.sleep(0.05)
        asked = studio.get(f"v1/products/{product}/backgrounds/{asked['request_id']}").json()
    assert asked["status"] == "generated"
    return str(asked["request_id"])


def test_an_option_that_comes_while_the_page_loads_is_not_lost(page: Page, studio: RunningStudio, photos: Path) -> None:
    """Made after the list of products was read and before the page has it; the card knew of no request at first."""
    product = submitted(studio, photos / "cushion-mustard.jpg", "late cushion")

    def late(route: Route) -> None:
        answer = route.fetch(timeout=MADE_MS)
        asked_and_made(studio, product)
        route.fulfill(response=answer)

    page.route(re.compile(r"/v1/products\?"), late, times=1)
    enter(page, studio.url, "#/catalogue")
    card = page.locator(".card").filter(has_text="late cushion")
    expect(card.locator(".strip-option")).to_have_count(1)


def test_an_older_answer_that_comes_late_hides_nothing(page: Page, studio: RunningStudio, photos: Path) -> None:
    """Somebody else picks, then votes; what the page read first, before both, comes last."""
    product = submitted(studio, photos / "cushion-mustard.jpg", "slow cushion")
    request = asked_and_made(studio, product)
    link = f"v1/products/{product}/backgrounds/{request}"
    early = studio.get(link).json()
    enter(page, studio.url, f"#/studio/{product}")
    made(page)
    held: list[Route] = []
    page.route(f"**/{link}", lambda route: held.append(route), times=1)  # it wants a function of its own
    image = early["options"][0]["picture"]["sha256"]
    studio.post(f"{link}/engagement", json={"actions": [{"image": image, "action": "pick"}]}).raise_for_status()
    waited(page, held, 1)
    studio.post(f"{link}/review", json={"image": image}).raise_for_status()
    expect(page.get_by_role("button", name="Download picked (1)")).to_be_visible()
    with page.expect_response(f"**/{link}"):
        held[0].fulfill(json=early)
    page.evaluate(SETTLED)
    expect(page.get_by_role("button", name="Download picked (1)")).to_be_visible()


def test_a_list_of_addresses_is_imported_and_what_is_refused_is_named_by_line(
    page: Page, studio: RunningStudio
) -> None:
    enter(page, studio.url, "#/catalogue")
    page.get_by_role("button", name="Import list").click()
    page.get_by_label("Or paste").fill(
        "product_id,url,title\ncup-1,https://shop.example/cup.jpg,Cup\ncup-2,nonsense,Cup\n"
    )
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".refused-lines")).to_contain_text("Line 3")
    expect(page.get_by_role("link", name="Cup", exact=True)).to_be_visible()


def test_operators_see_the_stages_and_replay_a_dead_letter(page: Page, studio: RunningStudio) -> None:
    asked = studio.post("v1/products", json={"url": "https://10.0.0.1/x.jpg", "product_id": "inside"})
    assert asked.status_code == 202
    enter(page, studio.url, "#/operations")
    rows = page.get_by_role("row").filter(has=page.get_by_role("cell", name="inside", exact=True))
    with noticed(page, "Sent again"):
        rows.get_by_role("button", name="Replay inside", exact=True).click()
    expect(rows.filter(has_text="replayed")).not_to_have_count(0)  # it may have come back by now, to another row


def test_the_curators_verdicts_have_their_reasons(page: Page, studio: RunningStudio, photos: Path) -> None:
    enter(page, studio.url)
    add(page, photos / "teapot-kitchen.jpg")
    enter(page, studio.url, "#/curation")
    expect(page.locator(".sample-card").first).to_be_visible()
    expect(page.get_by_role("button", name="no consent").first).to_be_visible()
    page.get_by_role("tab", name="Models").click()
    expect(page.get_by_role("heading", name="No trained model yet")).to_be_visible()


TRAINED = {"model": "mini", "stage": "product", "base": "b", "job_id": "j", "at": "2026-03-01T12:00:00Z"}
JOB = {"job_id": "j", "stage": "product", "step": 1000, "steps": 1000, "at": "2026-03-01T12:00:00Z", "failure": None}


def test_a_model_that_was_trained_is_not_in_use_and_its_figures_are_read_on_a_phone_too(
    page: Page, studio: RunningStudio
) -> None:
    trained = {
        **TRAINED,
        "revision": "r1",
        "promoted": False,
        "sequence": 0,
        "metrics": {"pictures": 1000, "kid": 0.25},
    }
    page.route("**/v1/models", lambda route: route.fulfill(json=[trained]))
    page.route("**/v1/trainings", lambda route: route.fulfill(json=[{**JOB, "loss": 1234.5}]))
    enter(page, studio.url, "#/curation/models")
    row = page.get_by_role("row").filter(has_text="r1")
    expect(row.locator(".number")).to_have_text(["1,000", "0.25"])
    expect(row.locator(".tag")).to_have_text("not in use")
    page.get_by_role("tab", name="Trainings").click()
    expect(row.locator(".number")).to_have_text(["1,230"])
    expect(row.locator(".tag")).to_have_text("not in use")
    page.set_viewport_size(PHONE)
    page.wait_for_function(FITS)
    expect(row.locator("[data-head=Loss]")).to_have_text("1,230")
    page.get_by_role("tab", name="Models").click()
    expect(row.locator("[data-head=Kid]")).to_have_text("0.25")
    page.wait_for_function(FITS)


def test_an_earlier_revision_is_rolled_back_to_and_one_that_was_rolled_back_is_used_again(
    page: Page, studio: RunningStudio
) -> None:
    """The later of two was promoted second, and then the earlier one again."""
    made = [
        {**TRAINED, "revision": "later", "at": "2026-03-02T12:00:00Z", "promoted": False, "sequence": 2, "metrics": {}},
        {**TRAINED, "revision": "earlier", "promoted": True, "sequence": 3, "metrics": {}},
        {**TRAINED, "revision": "first", "at": "2026-02-01T12:00:00Z", "promoted": False, "sequence": 1, "metrics": {}},
    ]
    page.route("**/v1/models", lambda route: route.fulfill(json=made))
    page.route("**/v1/models/mini/rollback", lambda route: route.fulfill(status=202, json={"accepted": 1}))
    enter(page, studio.url, "#/curation/models")
    expect(page.get_by_role("button", name="Roll mini back to first")).to_have_text("Roll back")
    expect(page.get_by_role("row").filter(has_text="earlier").locator(".tag")).to_have_text("in use")
    page.get_by_role("button", name="Use later of mini again").click()
    with noticed(page, "mini uses later again, from the next batch on"), page.expect_request("**/rollback") as asked:
        page.get_by_role("dialog", name="Use later again?").get_by_role("button", name="Use again").click()
    assert asked.value.post_data_json == {"revision": "later"}
