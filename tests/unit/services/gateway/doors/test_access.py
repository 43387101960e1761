"""Who comes in: keys, scopes, tenants, sessions, other sites, rates, quotas, and the same request twice."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from services.curator.core import RecordReview
from services.curator.datasets.contents import judge_items
from services.curator.records import Review
from services.gateway.callers import administration
from services.gateway.callers.keys import make_key
from services.gateway.ports import Announce, Usage
from shared.contracts.errors import DependencyDown
from shared.contracts.events import BackgroundGenerated, BackgroundReviewed, Event
from shared.contracts.identity import event_id
from shared.contracts.topics import BACKGROUND_REQUESTED, BACKGROUND_REVIEWED, PRODUCT_ENGAGED, PRODUCT_SUBMITTED
from tests.fakes.catalogue import MemoryCatalogue
from tests.unit.services.gateway.conftest import ORIGIN, SECRET, House, mask, photo

URL = {"url": "https://shop.example/x.jpg"}


async def shown_to_a_reviewer(house: House) -> tuple[BackgroundGenerated, httpx.AsyncClient, str]:
    """Options of a mug, somebody who may judge them, and where."""
    made = house.generated("mug", "r1")
    await house.say(house.captioned("mug"), made)
    return made, house.client("review", "read"), "/v1/products/mug/backgrounds/r1"


async def test_without_a_key_nobody_is_in(house: House) -> None:
    answer = await house.client().get("/v1/products")
    assert (answer.status_code, answer.json()["reason"]) == (401, "key_missing")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    for words in ("Bearer nonsense", "Basic YTpi", f"Bearer bk_{'0' * 12}_{'0' * 64}"):
        wrong = await house.client(Authorization=words).get("/v1/products")
        assert (wrong.status_code, wrong.json()["reason"]) == (401, "key_unknown")


async def test_an_expired_and_a_revoked_key_say_so(house: House) -> None:
    now = datetime.now(UTC)
    old, words = make_key(
        tenant="default", name="x", scopes=["read"], pepper=SECRET, now=now, expires=now - timedelta(days=1)
    )
    house.parts.store.put_key(old)
    assert (await house.client(Authorization=f"Bearer {words}").get("/v1/products")).json()["reason"] == "key_over"
    client = house.client("read")
    (key_id,) = [key.key_id for key in house.parts.store.all_keys() if key.key_id != old.key_id]
    assert (await client.get("/v1/products")).status_code == 200
    moment = house.parts.access.recognised.clock()
    house.parts.access.recognised.clock = lambda: moment
    assert (await client.get("/v1/session")).status_code == 200
    administration.revoke_key(house.parts.store, key_id, now)
    assert (await client.get("/v1/session")).status_code == 200  # who was recognised is asked for again after 5 s
    moment += 5.0
    assert (await client.get("/v1/products")).json()["detail"].startswith("this key was revoked")


async def test_a_scope_that_is_missing_is_named(house: House) -> None:
    answer = await house.client("read").post("/v1/products", json=URL)
    assert answer.status_code == 403 and "`submit`" in answer.json()["detail"]


async def test_tenants_do_not_know_of_each_other(house: House) -> None:
    acme, other = house.client("submit", "read", "review", tenant="acme"), house.client("submit", "read", "review")
    made = (await acme.post("/v1/products", json={**URL, "product_id": "mug"})).json()["product_id"]
    assert made == "acme::mug"
    await house.say(house.captioned(made, revision=2**52), house.generated(made, "r1"))
    assert (await acme.get(f"/v1/products/{made}")).json()["stage"] == "captioned"
    place = f"/v1/products/{made}"
    reads = [place, f"{place}/mask", f"{place}/backgrounds", f"{place}/backgrounds/r1", f"/v1/events?product_id={made}"]
    for path in reads:
        hidden = await other.get(path)
        assert (hidden.status_code, hidden.json()["reason"]) == (404, "product_unknown"), path
    writes: list[tuple[str, Any]] = [
        (f"{place}/backgrounds", {}),
        (f"{place}/mask/clicks", {"points": [{"x": 0, "y": 0}]}),
        (f"{place}/backgrounds/r1/review", {"image": "0" * 64}),
    ]
    for path, body in writes:
        assert (await other.post(path, json=body)).status_code == 404, path
    assert (await other.delete(place)).status_code == 404
    assert (await other.get("/v1/products")).json()["items"] == []
    assert (await other.get("/v1/exports/feed")).text.count("\n") == 1
    assert house.log.said(BACKGROUND_REQUESTED.name) == []


async def test_who_asks_too_often_is_told_when_to_come_back(house: House) -> None:
    house.parts.access.limits._burst, house.parts.access.limits._rate = 2, 0.5
    client = house.client("read")
    codes = [(await client.get("/v1/products")).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    last = await client.get("/v1/products")
    assert last.json()["reason"] == "rate_limited" and last.headers["retry-after"] == "2"
    assert (await house.client("read").get("/v1/products")).status_code == 200  # another key has its own


@pytest.mark.parametrize("house", [{"products_a_day": 1, "pictures_a_day": 3}], indirect=True)
async def test_a_quota_ends_at_midnight_and_counts_what_came_of_a_request(house: House) -> None:
    client = house.client("submit")
    assert (await client.post("/v1/products", files={"file": ("a.png", b"x")})).status_code == 422
    assert (await client.post("/v1/products", json={**URL, "scenes": [{"count": 4}]})).status_code == 429
    assert (await client.post("/v1/products", json={**URL, "product_id": "mug"})).status_code == 202
    over = await client.post("/v1/products", json=URL)
    assert (over.status_code, over.json()["reason"]) == (429, "quota_exceeded")
    assert 0 < int(over.headers["retry-after"]) <= 86_400
    codes = [(await client.post("/v1/products/mug/backgrounds", json={"count": 2})).status_code for _ in range(2)]
    assert codes == [202, 429]
    other = house.client("submit", tenant="acme")
    assert (await other.post("/v1/products", json=URL)).status_code == 202


@pytest.mark.parametrize("house", [{"uploads_a_day": 2}], indirect=True)
async def test_masks_and_references_have_a_quota_and_an_outage_costs_nothing(house: House) -> None:
    await house.say(house.captioned("mug"))
    client, file = house.client("submit"), {"file": ("a.png", photo())}
    house.blobs.down = True
    assert (await client.post("/v1/references", files=file)).status_code == 503
    house.blobs.down = False
    png = {"content-type": "image/png"}
    assert (await client.post("/v1/references", content=b"x", headers=png)).status_code == 422
    assert (await client.post("/v1/references", files=file)).status_code == 201
    assert (await client.put("/v1/products/mug/mask", content=mask(), headers=png)).status_code == 202
    assert (await client.put("/v1/products/mug/mask", content=mask(), headers=png)).status_code == 429
    assert (await client.post("/v1/references", files=file)).json()["reason"] == "quota_exceeded"


@dataclass
class OutForPictures:
    """Quotas of which the database does not answer for pictures."""

    usage: Usage

    def use(self, tenant: str, what: str, count: int, most: int, now: datetime) -> bool:
        if what == "pictures":
            raise DependencyDown("projection_down", "the projection does not answer")
        return self.usage.use(tenant, what, count, most, now)

    def give_back(self, tenant: str, what: str, count: int, now: datetime) -> None:
        self.usage.give_back(tenant, what, count, now)


@pytest.mark.parametrize("house", [{"products_a_day": 1, "pictures_a_day": 9}], indirect=True)
async def test_an_outage_between_two_quotas_costs_nothing_of_the_first(house: House) -> None:
    client, allowances = house.client("submit"), house.parts.gateway.allowances
    asked, usage = {**URL, "scenes": [{"count": 4}]}, allowances.usage
    allowances.usage = OutForPictures(usage)
    assert (await client.post("/v1/products", json=asked)).status_code == 503
    allowances.usage = usage
    assert (await client.post("/v1/products", json=asked)).status_code == 202


@pytest.mark.parametrize("house", [{"products_a_day": 2}], indirect=True)
async def test_a_line_that_is_refused_costs_nothing(house: House) -> None:
    client = house.client("submit")
    lines = "\n".join(json.dumps({**URL, "product_id": name}) for name in ("one", "x/y"))
    taken = await client.post("/v1/batches", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert taken.json()["accepted"] == 1
    assert [(await client.post("/v1/products", json=URL)).status_code for _ in range(2)] == [202, 429]


@pytest.mark.parametrize("house", [{"pictures_a_day": 3}], indirect=True)
async def test_scenes_of_a_manifests_lines_count_as_any_others(house: House) -> None:
    line = json.dumps({**URL, "scenes": [{"count": 4}]})
    answer = await house.client("submit").post(
        "/v1/batches", content=line, headers={"Content-Type": "application/x-ndjson"}
    )
    assert (answer.status_code, answer.json()["reason"]) == (429, "quota_exceeded")


async def test_the_same_request_again_is_answered_and_not_done_again(house: House) -> None:
    client = house.client("submit")
    once = {"Idempotency-Key": "order-7"}
    first = await client.post("/v1/products", files={"file": ("a.png", photo())}, headers=once)
    again = await client.post("/v1/products", files={"file": ("a.png", photo())}, headers=once)
    assert first.json() == again.json() and len(house.log.said(PRODUCT_SUBMITTED.name)) == 1
    other = await client.post("/v1/products", files={"file": ("a.png", photo(shade=9))}, headers=once)
    assert (other.status_code, other.json()["reason"]) == (422, "idempotency_key_reused")
    assert (await client.post("/v1/products", json=URL, headers={"Idempotency-Key": "a b"})).status_code == 422
    stranger = await house.client("submit", tenant="acme").post("/v1/products", json=URL, headers=once)
    assert stranger.status_code == 202


async def test_a_request_that_failed_gives_its_key_back(house: House) -> None:
    client = house.client("submit")
    once = {"Idempotency-Key": "order-8"}
    assert (await client.post("/v1/products", files={"file": ("a.png", b"x")}, headers=once)).status_code == 422
    assert (await client.post("/v1/products", json=URL, headers=once)).status_code == 202


async def test_a_vote_that_is_sent_again_counts_once_and_of_two_at_once_none_is_lost(house: House) -> None:
    made, client, place = await shown_to_a_reviewer(house)
    image, once = made.images[0].image.sha256, {"Idempotency-Key": "vote-1"}
    looks = {"actions": [{"image": image, "action": "impression", "count": 3}]}
    for _ in range(2):
        await client.post(f"{place}/review", json={"image": image}, headers=once)
        await client.post(f"{place}/engagement", json=looks, headers={"Idempotency-Key": "looks-1"})
    await asyncio.gather(*(client.post(f"{place}/review", json={"image": image}) for _ in range(2)))
    option = (await client.get(place)).json()["options"][0]
    assert (option["votes"]["raters"], option["engagement"]["impressions"]) == (3, 3)


@dataclass
class AnnouncedThenGone:
    """Announces one event and finds nobody there from then on; where it is `lost`, not even to say that it is out."""

    announce: Announce
    lost: bool = False
    told: int = 0

    async def __call__(self, event: Event) -> datetime:
        self.told += 1
        if self.told > 1:
            raise DependencyDown("kafka_down", "nobody is there")
        told = await self.announce(event)
        if self.lost:
            raise DependencyDown("kafka_down", "nobody is there")
        return told


def unreachable(*_: object) -> None:
    raise DependencyDown("projection_down", "the projection does not answer")


async def test_looks_are_counted_once_though_their_answer_was_lost_half_way(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, client, place = await shown_to_a_reviewer(house)
    actions = [{"image": one.image.sha256, "action": "impression", "count": 3} for one in made.images]
    gateway, start = house.parts.gateway, datetime.now(UTC)

    async def tell(moment: datetime) -> int:
        monkeypatch.setattr("services.gateway.doors.entry.once.now", lambda: moment)
        once = {"Idempotency-Key": "looks-1"}
        return (await client.post(f"{place}/engagement", json={"actions": actions}, headers=once)).status_code

    with monkeypatch.context() as outage:  # Kafka takes the first event, and not the second
        outage.setitem(vars(gateway), "announce", AnnouncedThenGone(gateway.announce))
        assert await tell(start) == 503
    with monkeypatch.context() as death:  # both are out, and the process dies before it keeps its answer
        death.setattr(house.parts.store, "finish", unreachable)
        assert await tell(start + timedelta(minutes=1)) == 503
    assert await tell(start + timedelta(minutes=4)) == 202
    await house.log.settled()
    assert len({record.value for record in house.log.said(PRODUCT_ENGAGED.name)}) == 2
    options = (await client.get(place)).json()["options"]
    assert [one["engagement"]["impressions"] for one in options] == [3, 3]


async def test_a_vote_is_counted_once_though_its_answer_was_lost_twice_and_others_voted_meanwhile(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, client, place = await shown_to_a_reviewer(house)
    image, gateway, start = made.images[0].image.sha256, house.parts.gateway, datetime.now(UTC)

    async def vote(key: str, moment: datetime, *, defect: bool) -> int:
        monkeypatch.setattr("services.gateway.doors.entry.once.now", lambda: moment)
        said, once = {"image": image, "product_defect": defect}, {"Idempotency-Key": key}
        return (await client.post(f"{place}/review", json=said, headers=once)).status_code

    with monkeypatch.context() as outage:  # Kafka took the vote, and nobody could say so
        outage.setitem(vars(gateway), "announce", AnnouncedThenGone(gateway.announce, lost=True))
        assert await vote("ann-1", start, defect=True) == 503
    assert await vote("bob-1", start, defect=False) == 202
    with monkeypatch.context() as death:  # the vote is out, and the process dies before it keeps its answer
        death.setattr(house.parts.store, "finish", unreachable)
        assert await vote("ann-1", start + timedelta(minutes=1), defect=True) == 503
    assert await vote("ann-1", start + timedelta(minutes=4), defect=True) == 202
    assert await vote("ann-2", start + timedelta(minutes=4), defect=False) == 202  # she has changed her mind
    await house.log.settled()
    votes = (await client.get(place)).json()["options"][0]["votes"]
    assert votes == {"raters": 3, "product_defects": 1, "background_defects": 0}
    told = house.log.events(BACKGROUND_REVIEWED.name, BackgroundReviewed)
    assert (len(told), len({event_id(one) for one in told})) == (5, 3)
    catalogue = MemoryCatalogue()
    for one in told:
        RecordReview(catalogue)(one)
    (lesson,) = judge_items(catalogue.votes.values())
    assert isinstance(lesson.source, Review)
    assert (lesson.source.raters, lesson.source.product_defects) == (3, 1)


async def test_a_key_that_is_free_again_names_what_is_asked_then(house: House) -> None:
    client, once = house.client("submit"), {"Idempotency-Key": "order-9"}
    made = []
    for shade in (200, 9):
        photos = await client.post("/v1/products", files={"file": ("a.png", photo(shade=shade))}, headers=once)
        house.parts.store.begin("default", "tomorrow", "x" * 64, datetime.now(UTC) + timedelta(hours=25))
        asked = await client.post("/v1/products", json={**URL, "product_id": f"mug-{shade}"})
        scene = await client.post(f"/v1/products/{asked.json()['product_id']}/backgrounds", json={}, headers=once)
        house.parts.store.begin("default", "tomorrow-too", "x" * 64, datetime.now(UTC) + timedelta(hours=25))
        made += [photos.json()["product_id"], scene.json()["request_id"]]
    assert len(set(made)) == 4


async def test_a_request_that_is_still_running_is_not_begun_twice(house: House) -> None:
    client = house.client("submit")
    mark = "x" * 64
    house.parts.store.begin("default", "busy", mark, datetime.now(UTC))
    answer = await client.post("/v1/products", json=URL, headers={"Idempotency-Key": "busy"})
    assert answer.status_code == 422  # another body; the same one is told apart by its fingerprint
    house.parts.store.abandon("default", "busy")
    assert (await client.post("/v1/products", json=URL, headers={"Idempotency-Key": "busy"})).status_code == 202


async def test_a_page_comes_in_with_a_key_and_stays_in_by_cookie(house: House) -> None:
    now = datetime.now(UTC)
    key, words = make_key(tenant="acme", name="shop", scopes=["read", "submit"], pepper=SECRET, now=now)
    house.parts.store.put_key(key)
    page = house.client()
    assert (await page.get("/v1/session")).status_code == 401
    entered = await page.post("/v1/session", json={"key": words}, headers={"Origin": ORIGIN})
    assert entered.json()["tenant"] == "acme" and entered.json()["single_user"] is False
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert (await page.get("/v1/session")).json()["scopes"] == ["read", "submit"]
    ours = await page.post("/v1/products", json=URL, headers={"Origin": ORIGIN})
    assert ours.status_code == 202
    for headers in ({"Origin": "https://evil.example"}, {}, {"Origin": "null"}):
        foreign = await page.post("/v1/products", json=URL, headers=headers)
        assert foreign.status_code == 403, headers
    assert "secure" not in cookie
    kept = page.cookies["backdrop_session"]
    assert (await page.delete("/v1/session", headers={"Origin": ORIGIN})).status_code == 204
    copied = house.client(Cookie=f"backdrop_session={kept}")
    assert (await copied.get("/v1/session")).json()["reason"] == "session_over"
    await page.post("/v1/session", json={"key": words}, headers={"Origin": ORIGIN})
    administration.revoke_key(house.parts.store, key.key_id, now)
    assert (await page.get("/v1/session")).json()["reason"] == "key_over"


async def test_behind_a_proxy_with_tls_the_cookie_is_for_tls_alone(house: House) -> None:
    words = house.client("read").headers["Authorization"].removeprefix("Bearer ")
    entered = await house.client().post("/v1/session", json={"key": words}, headers={"Origin": "https://localhost"})
    assert "secure" in entered.headers["set-cookie"].lower()


async def test_a_forged_cookie_opens_nothing(house: House) -> None:
    house.client("read")
    (key,) = house.parts.store.all_keys()
    page = house.client(Cookie=f"backdrop_session={key.key_id}.9999999999.{'0' * 64}")
    assert (await page.get("/v1/products")).json()["reason"] == "session_over"


@pytest.mark.parametrize("house", [{"single_user": True}], indirect=True)
async def test_on_ones_own_machine_no_key_is_needed_and_no_other_site_and_machine_gets_in(house: House) -> None:
    for peer in ("172.18.0.5", "10.0.0.1", "::ffff:172.18.0.5", "2001:db8::1", "testclient"):
        stranger = await house.client(peer=peer).get("/v1/session")
        assert (stranger.status_code, stranger.json()["reason"]) == (401, "key_missing"), peer
    keyed = await house.client("read", peer="172.18.0.5").get("/v1/session")
    assert keyed.json()["single_user"] is False
    client = house.client()
    assert (await client.get("/v1/session")).json()["single_user"] is True
    assert (await client.post("/v1/products", json=URL)).status_code == 202
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        assert (await client.post("/v1/products", json=URL, headers=headers)).status_code == 403, headers
    rebound = await client.get("/v1/products", headers={"Host": "evil.example"})
    assert (rebound.status_code, rebound.json()["reason"]) == (403, "host_unknown")


async def test_every_answer_forbids_what_is_not_ours(house: House) -> None:
    for answer in (await house.client().get("/v1/products"), await house.client().get("/nothing")):
        assert answer.headers["content-type"] == "application/problem+json"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers


async def test_html_in_a_title_is_text(house: House) -> None:
    title = "<img src=x onerror=alert(1)>"
    answer = await house.client("submit").post("/v1/products", json={**URL, "title": title})
    assert answer.json()["title"] == title and answer.headers["content-type"] == "application/json"


async def test_what_goes_wrong_inside_stays_inside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("password=hunter2")

    client = house.client("read")
    monkeypatch.setattr(house.parts.store, "products", broken)
    answer = await client.get("/v1/products")
    assert answer.status_code == 500 and "hunter2" not in answer.text and answer.json()["reason"] == "unexpected"


async def test_an_outage_asks_to_come_again(house: House) -> None:
    client = house.client("submit")
    house.blobs.down = True
    answer = await client.post("/v1/products", files={"file": ("a.png", photo())})
    assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
