"""Scenes asked for, their options, votes, picks, and what leaves for a shop."""

import asyncio
import csv
import io
import json
import re
import zipfile
from typing import Any

import pytest
from sqlalchemy import Engine, event

from services.gateway.exports.slots import SLOTS
from shared.contracts.errors import DependencyDown
from shared.contracts.events import (
    BackgroundGenerated,
    BackgroundRejected,
    BackgroundRequested,
    BackgroundReviewed,
    ProductEngaged,
    Scene,
)
from shared.contracts.images import decode_photo
from shared.contracts.topics import BACKGROUND_REQUESTED, BACKGROUND_REVIEWED, PRODUCT_ENGAGED
from tests.unit.services.gateway.conftest import House, photo

ASK = "/v1/products/mug/backgrounds"
STATEMENT = re.compile(r"^(SELECT|INSERT|UPDATE)\b.*?(?:FROM|INTO|(?<=UPDATE)) (\w+)", re.DOTALL)


async def answered(house: House, **given: Any) -> BackgroundGenerated:
    """A product with one answered request, `r1`."""
    await house.say(house.captioned("mug"), BackgroundRequested(product_id="mug", request_id="r1"))
    event = house.generated("mug", "r1", **given)
    await house.say(event)
    return event


async def test_a_scene_is_asked_for_and_its_options_are_shown(house: House) -> None:
    client = house.client("submit", "read")
    await house.say(house.captioned("mug"))
    asked = await client.post(ASK, json={"prompt": "on oak", "count": 2})
    assert asked.status_code == 202 and asked.json()["status"] == "requested"
    (event,) = house.log.events(BACKGROUND_REQUESTED.name, BackgroundRequested)
    assert (event.scene.prompt, event.scene.count) == ("on oak", 2)
    await house.say(house.generated("mug", event.request_id))
    said = (await client.get(f"{ASK}/{event.request_id}")).json()
    assert said["status"] == "generated" and [one["rank"] for one in said["options"]] == [1, 2]
    assert said["read_as"] == "a mug on an oak table" and said["notes"] == ["`blorb` was not understood"]
    product = (await client.get("/v1/products/mug")).json()
    assert product["backgrounds"] == {"requested": 0, "generated": 1, "rejected": 0}


async def test_one_more_scene_of_a_product_that_was_met_costs_one_transaction_of_four_statements(house: House) -> None:
    client, said = house.client("submit"), list[str]()
    await house.say(house.captioned("mug"))
    await client.post(ASK, json={"prompt": "on oak"})

    def hear(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.extend(f"{verb} {table}" for verb, table in STATEMENT.findall(statement))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        await client.post(ASK, json={"prompt": "on marble"})
        await house.log.settled()
    finally:
        event.remove(Engine, "before_cursor_execute", hear)
    beside = {"SELECT log", "SELECT head", "SELECT deliveries"}  # pages are told and webhooks delivered meanwhile
    assert [one for one in said if one not in beside] == [
        "UPDATE head",
        "INSERT log",
        "INSERT backgrounds",
        "SELECT webhooks",
    ]


async def test_a_scene_that_came_with_the_photo_waits_for_its_answer_too(house: House) -> None:
    await house.say(house.captioned("mug", scenes=(Scene(prompt="on oak"),)), house.segmented("mug"))
    await house.say(house.segmented("mug", scenes=(Scene(prompt="on oak"),)))
    items = (await house.client("read").get(ASK)).json()["items"]
    assert [(one["status"], one["scene"]["prompt"]) for one in items] == [("requested", "on oak")]


async def test_a_rejected_scene_says_why(house: House) -> None:
    await house.say(house.captioned("mug"))
    await house.say(
        BackgroundRejected(product_id="mug", request_id="r1", reason="style_unknown", detail="no such style")
    )
    said = (await house.client("read").get(f"{ASK}/r1")).json()
    assert said["status"] == "rejected"
    assert said["rejection"] == {"reason": "style_unknown", "detail": "no such style"}


async def test_pictures_are_linked_as_they_are_and_small(house: House) -> None:
    event = await answered(house)
    said = (await house.client("read").get(f"{ASK}/r1")).json()
    picture = said["options"][0]["picture"]
    nobody = house.client()
    full = await nobody.get(picture["url"])
    assert full.content == house.blobs.get(event.images[0].image.key) and full.headers["content-type"] == "image/png"
    small = await nobody.get(picture["thumbnails"]["160"])
    assert small.headers["content-type"] == "image/webp" and decode_photo(small.content).size == (64, 64)
    again = await nobody.get(picture["url"], headers={"If-None-Match": full.headers["etag"]})
    assert again.status_code == 304
    forged = await nobody.get(picture["url"].replace("r1/0", "r1/1"))
    assert (forged.status_code, forged.json()["reason"]) == (403, "link_invalid")


async def test_votes_and_picks_reach_the_topics_and_the_page(house: House) -> None:
    event = await answered(house)
    client = house.client("review", "read")
    sha = event.images[0].image.sha256
    for defect in (True, False):
        vote = await client.post(f"{ASK}/r1/review", json={"image": sha, "background_defect": defect})
        assert vote.status_code == 202, vote.text
    votes = house.log.events(BACKGROUND_REVIEWED.name, BackgroundReviewed)
    assert [(one.raters, one.background_defects) for one in votes] == [(1, 1), (1, 0)]
    assert len({one.rater for one in votes}) == 2
    actions = [{"image": sha, "action": what} for what in ("impression", "click", "pick", "download")]
    assert (await client.post(f"{ASK}/r1/engagement", json={"actions": actions})).status_code == 202
    met, picked = house.log.events(PRODUCT_ENGAGED.name, ProductEngaged)
    assert (met.impressions, met.clicks, met.long_clicks, met.saves) == (1, 1, 1, 0)
    assert (picked.impressions, picked.saves, picked.request_id) == (0, 1, "r1") and picked.image == event.images[
        0
    ].image
    option = (await client.get(f"{ASK}/r1")).json()["options"][0]
    assert option["picked"] is True and option["votes"]["raters"] == 2
    assert option["engagement"] == {"impressions": 1, "clicks": 1, "saves": 1, "downloads": 1}
    await client.post(f"{ASK}/r1/engagement", json={"actions": [{"image": sha, "action": "unpick"}]})
    assert (await client.get(f"{ASK}/r1")).json()["options"][0]["picked"] is False
    await client.post(f"{ASK}/r1/engagement", json={"actions": [{"image": sha, "action": "pick"}]})
    assert (await client.get(f"{ASK}/r1")).json()["options"][0]["picked"] is True  # the same event as the first


async def test_a_picked_option_leaves_as_a_feed_and_as_pictures(house: House) -> None:
    event = await answered(house)
    client = house.client("review", "read")
    sha = event.images[1].image.sha256
    await client.post(f"{ASK}/r1/engagement", json={"actions": [{"image": sha, "action": "pick"}]})
    feed = await client.get("/v1/exports/feed")
    (row,) = csv.DictReader(io.StringIO(feed.text))
    assert (row["id"], row["title"], row["ai_generated"]) == ("mug", "Mug", "yes")
    assert (await house.client().get(row["image_link"])).status_code == 200
    packed = await client.get("/v1/exports/pictures", params={"slot": ["square", "story"], "format": "webp"})
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        sizes = {decode_photo(archive.read(name)).size for name in archive.namelist()}
    assert sizes == {(1080, 1080), (1080, 1920)}


async def test_one_option_is_downloaded_in_a_slots_size(house: House) -> None:
    event = await answered(house)
    place = f"{ASK}/r1/pictures/{event.images[0].image.sha256}"
    client = house.client("read")
    plain = await client.get(place)
    assert (
        plain.content == house.blobs.get(event.images[0].image.key)
        and "attachment" in plain.headers["content-disposition"]
    )
    wide = await client.get(place, params={"slot": "landscape", "format": "jpeg"})
    assert decode_photo(wide.content).size == (1200, 628) and wide.headers["content-type"] == "image/jpeg"
    assert (await client.get(place, params={"slot": "billboard"})).json()["field"] == "slot"
    assert [one["name"] for one in (await client.get("/v1/slots")).json()] == [slot.name for slot in SLOTS]


async def test_one_scene_for_many_products(house: House) -> None:
    await house.say(house.captioned("mug"), house.captioned("jug"))
    client = house.client("submit")
    answer = await client.post(
        "/v1/backgrounds", json={"product_ids": ["mug", "jug", "mug"], "scene": {"style": "oak"}}
    )
    assert [one["product_id"] for one in answer.json()["requests"]] == ["mug", "jug"]
    assert len(house.log.said(BACKGROUND_REQUESTED.name)) == 2
    unknown = await client.post("/v1/backgrounds", json={"product_ids": ["mug", "nobody"]})
    assert unknown.status_code == 404 and len(house.log.said(BACKGROUND_REQUESTED.name)) == 2


async def test_a_reference_is_uploaded_and_only_ones_own_may_be_named(house: House) -> None:
    await house.say(house.captioned("mug"))
    client = house.client("submit")
    uploaded = (await client.post("/v1/references", files={"file": ("a.png", photo())})).json()
    asked = await client.post(ASK, json={"reference": {"key": uploaded["key"]}})
    assert asked.status_code == 202
    foreign = await client.post(ASK, json={"reference": {"key": "uploads/acme/x.png"}})
    assert (foreign.status_code, foreign.json()["reason"]) == (422, "reference_not_yours")


BAD_SCENES: list[tuple[dict[str, Any], str]] = [
    ({"count": 99}, "count"),
    ({"promt": "x"}, "promt"),
    ({"aspect": "wide"}, "aspect"),
    ({"placement": {"mode": "custom"}}, "placement"),
    ({"strength": 2}, "strength"),
]


async def test_a_scene_that_cannot_be_names_the_field(house: House) -> None:
    await house.say(house.captioned("mug"))
    client = house.client("submit")
    for scene, field in BAD_SCENES:
        answer = await client.post(ASK, json=scene)
        assert (answer.status_code, answer.json()["field"]) == (422, field), answer.text


async def unreachable(*_: object, **__: object) -> None:
    raise DependencyDown("kafka_down", "nobody is there")


async def test_a_dead_letter_is_an_answer_and_goes_on_its_way_again_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = house.client("submit", "read", "operate")
    await client.post("/v1/products", json={"url": "https://shop.example/x.jpg", "product_id": "mug"})
    await client.post(ASK, json={})
    record = house.log.said("product.submitted.v1")[0]
    asked = house.log.said(BACKGROUND_REQUESTED.name)[0]
    reason = [("x-reason", b"url_private"), ("x-detail", b"not public"), ("x-service", b"segmenter")]
    house.log.append("product.submitted.v1.dead", record.key, record.value, [*record.headers, *reason])
    house.log.append("background.requested.v1.dead", asked.key, asked.value, reason)
    await house.log.settled()
    said = (await client.get("/v1/products/mug")).json()
    assert said["stage"] == "refused" and said["refusal"] == {"reason": "url_private", "detail": "not public"}
    (background,) = (await client.get(ASK)).json()["items"]
    assert background["status"] == "rejected" and background["rejection"]["reason"] == "url_private"
    letters = (await client.get("/v1/operations/dead-letters")).json()["items"]
    assert {one["topic"] for one in letters} == {"product.submitted.v1", BACKGROUND_REQUESTED.name}
    place = next(one["id"] for one in letters if one["topic"] == "product.submitted.v1")
    replay = f"/v1/operations/dead-letters/{place}/replay"
    with monkeypatch.context() as kafka:
        kafka.setattr(house.broker.letters, "copy", unreachable)
        assert (await client.post(replay)).status_code == 503
    both = await asyncio.gather(client.post(replay), client.post(replay))  # two operators at one letter
    assert sorted(one.status_code for one in both) == [202, 409]
    assert len(house.log.said("product.submitted.v1")) == 2
    again = house.log.said("product.submitted.v1")[1]
    assert again.value == record.value and (b"x-reason" not in dict(again.headers))
    assert dict(again.headers)["x-replay-of"] == place.encode()
    assert (await client.post(replay)).json()["reason"] == "replayed_before"
    totals = (await client.get("/v1/operations")).json()
    assert totals["stages"] == {"refused": 1} and totals["dead_letters"] == {BACKGROUND_REQUESTED.name: 1}


async def test_a_manifest_is_taken_line_by_line(house: House) -> None:
    client = house.client("submit", "read")
    lines = [
        json.dumps({"url": "https://a.example/1.jpg", "product_id": "one"}),
        "{",
        "",
        json.dumps({"url": "ftp://b", "product_id": "two"}),
        json.dumps({"url": "https://a.example/3.jpg"}),
        json.dumps({"url": "https://a.example/4.jpg", "product_id": "x/y"}),
    ]
    answer = await client.post(
        "/v1/batches",
        params={"scene": '{"style": "oak"}'},
        content="\n".join(lines),
        headers={"content-type": "application/x-ndjson"},
    )
    said = answer.json()
    assert answer.status_code == 202 and said["accepted"] == 2
    assert [(one["line"], one["field"]) for one in said["refused"]] == [(2, None), (4, "url"), (6, "product_id")]
    batch = (await client.get(f"/v1/batches/{said['batch_id']}")).json()
    assert batch["stages"] == {"submitted": 2} and batch["items"][0]["product_id"] == "one"
    table = "product_id,url,title\nfour,https://a.example/4.jpg,Four\nfive,nothing,\n"
    by_csv = await client.post("/v1/batches", content=table, headers={"content-type": "text/csv"})
    assert by_csv.json()["accepted"] == 1 and by_csv.json()["refused"][0]["line"] == 3
    assert (await client.get("/v1/products/four")).json()["title"] == "Four"
