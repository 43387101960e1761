"""Photos in by form and by URL, how they stand, masks."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.contracts.events import ProductSubmitted, ProductWithdrawn
from shared.contracts.images import decode_mask
from shared.contracts.topics import PRODUCT_SUBMITTED, PRODUCT_WITHDRAWN
from tests.unit.services.gateway.conftest import House, mask, photo


async def test_a_photo_is_submitted_and_known_at_once(house: House) -> None:
    client = house.client("submit", "read")
    answer = await client.post(
        "/v1/products", files={"file": ("mug.png", photo())}, data={"title": "Mug", "may_train": "true"}
    )
    assert answer.status_code == 202, answer.text
    said = answer.json()
    assert (said["stage"], said["title"], said["may_train"]) == ("submitted", "Mug", True)
    (event,) = house.log.events(PRODUCT_SUBMITTED.name, ProductSubmitted)
    assert event.product_id == said["product_id"] and event.image.key is not None
    assert house.blobs.get(event.image.key) == photo()
    again = await client.get(f"/v1/products/{said['product_id']}")
    assert again.json() == said


async def test_a_photo_by_url_is_handed_on_as_it_is(house: House) -> None:
    client = house.client("submit")
    body = {"url": "https://shop.example/mug.jpg", "product_id": "mug-1", "scenes": [{"prompt": "on oak"}]}
    answer = await client.post("/v1/products", json=body)
    assert answer.status_code == 202 and answer.json()["product_id"] == "mug-1"
    (event,) = house.log.events(PRODUCT_SUBMITTED.name, ProductSubmitted)
    assert event.image.url == body["url"] and event.scenes[0].prompt == "on oak"


async def test_what_the_stages_say_is_what_is_shown(house: House) -> None:
    client = house.client("read")
    await house.say(house.segmented("mug"))
    found = (await client.get("/v1/products/mug")).json()
    assert found["stage"] == "segmented" and found["mask"]["box"]["width"] == 32 and found["caption"] is None
    await house.say(house.captioned("mug"))
    read = (await client.get("/v1/products/mug")).json()
    assert read["stage"] == "captioned" and read["caption"]["product_short"] == "a mug"
    assert read["ideas"] == [{"prompt": "on an oak table", "view": "standing"}]


async def test_a_refused_photo_says_why_in_words(house: House) -> None:
    refusal = {"mask": None, "refusal": "several_products", "refusal_detail": "there are two mugs", "box": None}
    await house.say(house.segmented("mug", segmentation=refusal))
    said = (await house.client("read").get("/v1/products/mug")).json()
    assert said["stage"] == "refused"
    assert said["refusal"] == {"reason": "several_products", "detail": "there are two mugs"}


async def test_products_come_in_pages_from_the_newest(house: House) -> None:
    client = house.client("submit", "read")
    for name in ("a", "b", "c"):
        await client.post("/v1/products", json={"url": "https://shop.example/x.jpg", "product_id": name, "title": name})
    first = (await client.get("/v1/products?limit=2")).json()
    assert [one["product_id"] for one in first["items"]] == ["c", "b"]
    second = (await client.get("/v1/products", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [one["product_id"] for one in second["items"]] == ["a"] and second["next_cursor"] is None
    assert [one["title"] for one in (await client.get("/v1/products?title=B")).json()["items"]] == ["b"]
    assert (await client.get("/v1/products?stage=captioned")).json()["items"] == []


async def test_a_mask_is_seen_and_corrected(house: House) -> None:
    client = house.client("submit", "read")
    await house.say(house.captioned("mug"))
    seen = await client.get("/v1/products/mug/mask")
    assert seen.headers["content-type"] == "image/png" and decode_mask(seen.content, (64, 64)).max() == 255
    saved = await client.put("/v1/products/mug/mask", content=mask(), headers={"content-type": "image/png"})
    assert saved.status_code == 202
    (event,) = house.log.events(PRODUCT_SUBMITTED.name, ProductSubmitted)
    assert event.mask is not None and event.mask.key is not None and event.revision > 10 and event.scenes == ()
    assert event.image.key == house.captioned("mug").image.key and event.facts.title == "Mug"
    wrong = await client.put("/v1/products/mug/mask", content=mask(32), headers={"content-type": "image/png"})
    assert wrong.status_code == 422 and wrong.json()["reason"] == "mask_size" and wrong.json()["field"] == "mask"


async def test_clicks_without_a_model_name_the_setting(house: House) -> None:
    await house.say(house.captioned("mug"))
    answer = await house.client("submit").post("/v1/products/mug/mask/clicks", json={"points": [{"x": 0.5, "y": 0.5}]})
    assert answer.status_code == 501 and "GATEWAY_REFINER" in answer.json()["detail"]


async def test_an_owner_opts_out(house: House) -> None:
    await house.say(house.captioned("mug"))
    answer = await house.client("submit", "read").delete("/v1/products/mug")
    assert answer.status_code == 202 and answer.json()["withdrawn"] is True
    assert [one.product_id for one in house.log.events(PRODUCT_WITHDRAWN.name, ProductWithdrawn)] == ["mug"]


BAD: list[tuple[dict[str, Any], int, str, str]] = [
    ({"files": {"file": ("a.png", b"")}}, 422, "file_empty", "file"),
    ({"files": {"file": ("a.jpg", b"GIF89a" + bytes(50))}}, 422, "not_an_image", "file"),
    ({"files": {"file": ("a.png", photo()[:100])}}, 422, "image_broken", "file"),
    ({"files": {"other": ("a.png", photo())}}, 422, "file_missing", "file"),
    ({"files": {"file": ("a.png", photo()), "mask": ("m.png", mask(32))}}, 422, "mask_size", "mask"),
    ({"files": {"file": ("a.png", photo())}, "data": {"scenes": "[{]"}}, 422, "invalid", "scenes"),
    ({"json": {"url": "ftp://x/y"}}, 422, "invalid", "url"),
    ({"json": {"url": "https://x/y", "titel": "x"}}, 422, "invalid", "titel"),
    ({"json": {"url": "https://x/y", "scenes": [{"count": 9}]}}, 422, "invalid", "scenes.0.count"),
    ({"json": {"url": "https://x/y", "product_id": "a/b"}}, 422, "product_id_invalid", "product_id"),
    ({"json": {"url": "https://x/y", "product_id": "acme::b"}}, 422, "product_id_taken", "product_id"),
    ({"content": b"x", "headers": {"content-type": "text/plain"}}, 415, "media_type_unknown", "Content-Type"),
]


async def test_bad_input_is_named(house: House) -> None:
    client = house.client("submit")
    for given, status, reason, field in BAD:
        answer = await client.post("/v1/products", **given)
        assert answer.headers["content-type"] == "application/problem+json"
        said = answer.json()
        assert (answer.status_code, said["reason"], said["field"]) == (status, reason, field), said
    assert house.log.said(PRODUCT_SUBMITTED.name) == []


@pytest.mark.parametrize("house", [{"upload_mb": 1}], indirect=True)
async def test_too_large_an_upload_is_stopped_on_its_way(house: House) -> None:
    answer = await house.client("submit").post("/v1/products", files={"file": ("a.png", bytes(1_100_000))})
    assert (answer.status_code, answer.json()["reason"]) == (413, "body_too_large")


@pytest.mark.parametrize("house", [{"upload_mb": 1}], indirect=True)
async def test_nor_does_it_help_to_keep_the_size_to_oneself(house: House) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"url": "'
        for _ in range(20):
            yield bytes(100_000)

    answer = await house.client("submit").post(
        "/v1/products", content=endless(), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["reason"]) == (413, "body_too_large")
