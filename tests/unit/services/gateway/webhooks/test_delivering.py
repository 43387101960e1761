"""Webhooks: signed as the public library verifies, tried again with growing pauses, given up, sent again, guarded."""

import asyncio
import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from standardwebhooks.webhooks import Webhook as Verifier

from services.gateway.app import assemble
from services.gateway.settings import GatewaySettings
from services.gateway.webhooks.book import Delivery, Webhook
from services.gateway.webhooks.delivering import DeliverWebhooks, DeliverySchedule
from services.gateway.webhooks.signing import new_secret
from shared.contracts.errors import BadRequest, Transient
from shared.contracts.events import ProductWithdrawn
from shared.runtime.broker import make_broker
from shared.runtime.settings import KafkaSettings
from tests.fakes.blobs import MemoryBlobs
from tests.unit.services.gateway.conftest import SECRET, House

RUN = DeliverWebhooks.run
URL = "https://shop.example/hook"


class Target:
    """Answers as it is told, and remembers what came."""

    def __init__(self, *answers: int | Exception) -> None:
        self.answers = list(answers)
        self.came: list[tuple[Mapping[str, str], bytes]] = []

    def check(self, url: str) -> None:
        """Everything is public here."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The next answer; 204 when there is none left."""
        self.came.append((headers, body))
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, Exception):
            raise answer
        return answer


def subscribed(house: House, **given: Any) -> Webhook:
    created = datetime.now(UTC) - timedelta(minutes=1)
    known: dict[str, Any] = {"webhook_id": "w1", "tenant": "default", "url": URL, "secret": new_secret()}
    made = Webhook(**(known | {"created": created} | given))
    assert house.parts.store.add_webhook(made, 20)
    return made


def delivering(house: House, target: Target, tries: int = 3) -> DeliverWebhooks:
    return DeliverWebhooks(book=house.parts.store, targets=target, patience=DeliverySchedule(tries=tries, first_s=60.0))


@pytest.fixture(autouse=True)
def nobody_else_delivers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rounds of these tests are their own."""

    async def idle(self: DeliverWebhooks, every_s: float = 1.0) -> None:
        return None

    monkeypatch.setattr(DeliverWebhooks, "run", idle)


async def test_a_delivery_is_the_event_and_its_signature_holds(house: House) -> None:
    webhook, target = subscribed(house), Target()
    event = ProductWithdrawn(product_id="mug")
    await house.say(event)
    assert await delivering(house, target).round(datetime.now(UTC)) == 1
    ((headers, body),) = target.came
    assert Verifier(webhook.secret).verify(body, dict(headers)) == json.loads(body)
    said = json.loads(body)
    assert said["type"] == "backdrop.ProductWithdrawn" and said["data"] == json.loads(event.model_dump_json())
    assert headers["webhook-id"] == said["id"]
    assert await delivering(house, target).round(datetime.now(UTC)) == 0
    (delivery,) = house.parts.store.deliveries("w1")
    assert (delivery.status, delivery.attempts, delivery.answer) == ("delivered", 1, "204")


async def test_only_what_was_asked_for_and_only_ones_own_is_delivered(house: House) -> None:
    subscribed(house, types=("backdrop.ProductCaptioned",))
    subscribed(house, webhook_id="w2", tenant="acme")
    subscribed(house, webhook_id="w3", active=False)
    await house.say(ProductWithdrawn(product_id="mug"), house.captioned("mug"))
    assert [one.type for one in house.parts.store.deliveries("w1")] == ["backdrop.ProductCaptioned"]
    assert house.parts.store.deliveries("w2") == [] and house.parts.store.deliveries("w3") == []


async def test_failures_wait_longer_each_time_and_end_in_a_dead_letter(house: House) -> None:
    subscribed(house)
    target = Target(500, Transient("target_slow", "too slow"), 302)
    work, now = delivering(house, target), datetime.now(UTC) + timedelta(seconds=1)
    await house.say(ProductWithdrawn(product_id="mug"))
    await work.round(now)
    assert await work.round(now + timedelta(seconds=59)) == 0
    await work.round(now + timedelta(seconds=60))
    (waiting,) = house.parts.store.deliveries("w1")
    assert (waiting.status, waiting.attempts, waiting.answer) == ("waiting", 2, "too slow")
    assert waiting.due == now + timedelta(seconds=60 + 300)
    await work.round(waiting.due)
    (dead,) = house.parts.store.deliveries("w1")
    assert (dead.status, dead.attempts, dead.answer) == ("dead", 3, "the target answers 302")
    assert house.parts.store.send_again("w1", now) == 1
    await work.round(now)
    assert house.parts.store.deliveries("w1")[0].status == "delivered" and len(target.came) == 4
    assert house.parts.store.send_again("w1", now, since=now - timedelta(days=1)) == 1


async def test_a_target_that_is_gone_or_private_is_not_asked_again(house: House) -> None:
    subscribed(house)
    await house.say(ProductWithdrawn(product_id="mug"), ProductWithdrawn(product_id="jug"))
    target = Target(BadRequest("url_private", "it is private"), 410)
    await delivering(house, target).round(datetime.now(UTC))
    assert {one.status for one in house.parts.store.deliveries("w1")} == {"dead"}
    kept = house.parts.store.webhook("w1")
    assert kept is not None and kept.active is False


async def test_what_was_changed_or_removed_meanwhile_is_not_undone_by_an_answer_of_before(house: House) -> None:
    store, both = house.parts.store, threading.Barrier(2)

    class Moved(Target):
        def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
            """Gone; in the meantime one webhook got another address, and the other was removed."""
            both.wait(300)  # each of the two is on its way to the address that it had
            store.change_webhook("w1", {"url": "https://shop.example/new"})
            store.remove_webhook("w2")
            return 410

    subscribed(house)
    subscribed(house, webhook_id="w2")
    await house.say(ProductWithdrawn(product_id="mug"))
    await delivering(house, Moved()).round(datetime.now(UTC))
    (kept,) = store.webhooks("default")
    assert (kept.webhook_id, kept.url, kept.active) == ("w1", "https://shop.example/new", True)
    assert store.change_webhook("w2", {"active": True}) is None


@pytest.mark.parametrize("house", [{"webhooks": 1}], indirect=True)
async def test_a_tenant_has_so_many_webhooks_and_no_more(house: House) -> None:
    answers = [await house.client("admin").post("/v1/webhooks", json={"url": "https://1.1.1.1/"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 422] and answers[1].json()["reason"] == "too_many_webhooks"
    other = await house.client("admin", tenant="acme").post("/v1/webhooks", json={"url": "https://1.1.1.1/"})
    assert other.status_code == 201


async def test_hosts_that_photos_may_come_from_are_no_targets(
    tmp_path: Path, migrated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FETCH_PRIVATE_HOSTS", '["10.0.0.0/8"]')
    broker = make_broker(KafkaSettings(), service="gateway", registry=CollectorRegistry())
    known = {"database": f"sqlite:///{migrated}", "secret": SECRET, "webhook_private_hosts": ("10.1.0.0/16",)}
    targets = assemble(GatewaySettings(**known), broker, MemoryBlobs()).gateway.targets
    with pytest.raises(BadRequest):
        targets.check("http://10.0.0.1/")
    targets.check("http://10.1.0.1:8443/")


async def test_two_workers_do_not_deliver_the_same(house: House) -> None:
    subscribed(house)
    await house.say(ProductWithdrawn(product_id="mug"))
    now = datetime.now(UTC)
    until = now + timedelta(minutes=1)
    assert len(house.parts.store.claim(now, until, 10)) == 1 and house.parts.store.claim(now, until, 10) == []
    assert len(house.parts.store.claim(until, until + timedelta(minutes=1), 10)) == 1  # it died over it


async def test_webhooks_are_made_changed_and_removed(house: House) -> None:
    client = house.client("admin")
    for url in ("https://127.0.0.1/x", "https://10.0.0.1/", "https://[::1]/", "http://169.254.169.254/latest"):
        private = await client.post("/v1/webhooks", json={"url": url})
        assert (private.status_code, private.json()["field"]) == (422, "url"), private.text
    bad = await client.post("/v1/webhooks", json={"url": "https://1.1.1.1/", "types": ["backdrop.Nonsense"]})
    assert (bad.status_code, bad.json()["field"]) == (422, "types.0")
    made = (await client.post("/v1/webhooks", json={"url": "https://1.1.1.1/hook"})).json()
    assert made["secret"].startswith("whsec_")
    place = f"/v1/webhooks/{made['webhook_id']}"
    assert (await client.get(place)).json()["secret"] is None
    changed = await client.patch(place, json={"active": False, "new_secret": True})
    assert changed.json()["active"] is False and changed.json()["secret"] != made["secret"]
    assert (await house.client("admin", tenant="acme").get(place)).status_code == 404
    assert (await house.client("submit", "read").get(place)).status_code == 403
    assert (await client.post(f"{place}/replay", json={})).json() == {"accepted": 0}
    assert (await client.get(f"{place}/deliveries")).json() == []
    assert (await client.delete(place)).status_code == 204 and (await client.get("/v1/webhooks")).json() == []


async def test_since_is_a_moment_in_its_own_zone(house: House) -> None:
    subscribed(house)
    await house.say(ProductWithdrawn(product_id="mug"))
    early = (datetime.now(UTC) - timedelta(minutes=5)).astimezone(timezone(timedelta(hours=9)))
    answer = await house.client("admin").post("/v1/webhooks/w1/replay", json={"since": early.isoformat()})
    assert answer.json() == {"accepted": 1}


async def test_a_slow_target_keeps_nobody_elses_events_waiting(house: House) -> None:
    subscribed(house)
    subscribed(house, webhook_id="w2", tenant="acme")
    await house.say(*(ProductWithdrawn(product_id=f"mug-{number}") for number in range(12)))
    await house.say(ProductWithdrawn(product_id="acme::jug"))
    now = datetime.now(UTC)
    until = now + timedelta(minutes=1)
    assert [one.webhook_id for one in house.parts.store.claim(now, until, 10)] == ["w1", "w2", "w1", "w1"]
    assert house.parts.store.claim(now, until, 10, busy={"w1"}) == []
    assert len(house.parts.store.claim(now, until, 10)) == 3


async def test_what_hangs_does_not_hold_up_what_comes_after_it(house: House) -> None:
    class Hanging(Target):
        answer = threading.Event()

        def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
            """Waits for its word on `/slow`."""
            if url.endswith("/slow"):
                self.answer.wait(20)
            return super().post(url, headers, body)

    subscribed(house, url="https://shop.example/slow")
    subscribed(house, webhook_id="w2", tenant="acme")
    target = Hanging()
    await house.say(*(ProductWithdrawn(product_id=f"mug-{number}") for number in range(5)))
    running = asyncio.create_task(RUN(delivering(house, target), 0.01))
    async with asyncio.timeout(60):
        for number in range(5):
            await house.say(ProductWithdrawn(product_id=f"acme::jug-{number}"))
            while len(target.came) <= number:
                await asyncio.sleep(0.01)
        target.answer.set()
        while len(target.came) < 10:
            await asyncio.sleep(0.01)
    running.cancel()


async def test_a_round_that_fails_as_nobody_thought_is_not_the_last(house: House) -> None:
    class Odd:
        """The book of this house, which cannot be opened at first."""

        asked = 0

        def claim(self, *given: Any, **more: Any) -> list[Delivery]:
            self.asked += 1
            if self.asked < 3:
                raise RuntimeError("permission denied for table deliveries")
            return house.parts.store.claim(*given, **more)

        def __getattr__(self, name: str) -> Any:
            return getattr(house.parts.store, name)

    subscribed(house)
    await house.say(ProductWithdrawn(product_id="mug"))
    target = Target()
    book: Any = Odd()
    running = asyncio.create_task(RUN(DeliverWebhooks(book=book, targets=target), 0.01))
    async with asyncio.timeout(60):
        while not target.came and not running.done():
            await asyncio.sleep(0.01)
    assert len(target.came) == 1
    running.cancel()
