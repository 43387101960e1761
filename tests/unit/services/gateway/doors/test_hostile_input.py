"""What strangers send on purpose: each gets an answer that names what is wrong, and never an error of ours."""

import base64
import json

import pytest

from shared.contracts.errors import DependencyDown
from tests.unit.services.gateway.conftest import House, photo

DEEP = "[" * 60_000


async def test_a_signature_of_other_letters_is_a_wrong_one(house: House) -> None:
    link = await house.client().get("/v1/files/images/x.png", params={"until": 9_999_999_999, "signature": "\xe9"})
    assert (link.status_code, link.json()["reason"]) == (403, "link_invalid")
    house.client("read")
    (key,) = house.parts.store.all_keys()
    page = house.client()
    forged = f"backdrop_session={key.key_id}.9999999999.\xe9".encode("latin-1")
    answer = await page.get("/v1/products", headers={b"Cookie": forged})
    assert (answer.status_code, answer.json()["reason"]) == (401, "session_over")


async def test_an_outage_tells_strangers_nothing_of_who_is_down(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object) -> None:
        raise DependencyDown("projection_down", 'connection to "10.0.3.4" failed for user "gateway"')

    monkeypatch.setattr(house.parts.store, "key", down)
    answer = await house.client(Authorization=f"Bearer bk_{'0' * 12}_{'0' * 64}").get("/v1/products")
    assert (answer.status_code, answer.json()["reason"]) == (503, "projection_down")
    assert "10.0.3.4" not in answer.text and "gateway" not in answer.json()["detail"].replace("this gateway", "")


async def test_json_is_small_before_anybody_knows_who_asks(house: House) -> None:
    nobody = house.client()
    for path in ("/v1/backgrounds", "/v1/session", "/v1/products/mug/backgrounds", "/v1/products"):
        heavy = await nobody.post(path, content=b" " * 1_100_000, headers={"Content-Type": "application/json"})
        assert (heavy.status_code, heavy.json()["reason"]) == (413, "body_too_large"), path
    picture = await nobody.post("/v1/references", content=b" " * 1_100_000, headers={"Content-Type": "image/png"})
    assert picture.status_code == 401


async def test_json_without_a_bottom_is_no_json(house: House) -> None:
    client = house.client("submit", "read")
    form = await client.post("/v1/products", files={"file": ("a.png", photo())}, data={"scenes": DEEP})
    assert (form.status_code, form.json()["field"]) == (422, "scenes")
    good = json.dumps({"url": "https://shop.example/x.jpg", "product_id": "mug"})
    kind = {"Content-Type": "application/x-ndjson"}
    taken = (await client.post("/v1/batches", content=f"{DEEP}\n{good}", headers=kind)).json()
    assert taken["accepted"] == 1 and [one["line"] for one in taken["refused"]] == [1]


async def test_a_cursor_that_no_list_gave_is_named(house: House) -> None:
    client = house.client("read")
    for said in (DEEP[:9000], json.dumps(["2026-03-01", "\ud800"]), json.dumps(["2026-03-01", "a\0"])):
        cursor = base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")
        answer = await client.get("/v1/products", params={"cursor": cursor})
        assert (answer.status_code, answer.json()["reason"]) == (422, "cursor_invalid"), said[:30]


async def test_a_title_may_hold_what_unicode_takes_for_the_end_of_a_line(house: House) -> None:
    client = house.client("submit", "read")
    line = json.dumps(
        {"url": "https://shop.example/x.jpg", "product_id": "mug", "title": "a\u2028b"}, ensure_ascii=False
    )
    taken = await client.post("/v1/batches", content=line.encode(), headers={"Content-Type": "application/x-ndjson"})
    assert (taken.json()["accepted"], taken.json()["refused"]) == (1, [])
    assert (await client.get("/v1/products/mug")).json()["title"] == "a\u2028b"


async def test_a_nul_is_named_before_a_database_chokes_on_it(house: House) -> None:
    client = house.client("read")
    for path in ("/v1/products/%00", "/v1/products?title=%00", "/v1/curation/samples?reason=a%00b"):
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["reason"]) == (422, "character_invalid"), path


async def test_an_outage_in_the_middle_of_a_zip_is_told_as_one(house: House) -> None:
    made = house.generated("mug", "r1")
    await house.say(house.captioned("mug"), made)
    client, place = house.client("review", "read"), "/v1/products/mug/backgrounds/r1"
    picks = {"actions": [{"image": made.images[0].image.sha256, "action": "pick"}]}
    assert (await client.post(f"{place}/engagement", json=picks)).status_code == 202
    assert (await client.get("/v1/exports/pictures")).content[:2] == b"PK"
    house.blobs.down = True
    answer = await client.get("/v1/exports/pictures")
    assert (answer.status_code, answer.json()["reason"]) == (503, "blobs_down")
