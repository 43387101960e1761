"""An alert rolls a model back once, and only for whoever has the token."""

import itertools
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from backdrop.commands.alerts import Asked, rollbacks, server
from services.trainer.rollback import rolled_back
from services.trainer.store.registry import ModelRegistry
from shared.contracts.errors import BadRequest, DependencyDown
from shared.contracts.events import ModelPromoted, RollbackRequested
from tests.fakes.blobs import MemoryBlobs

ALERT = {
    "status": "firing", "startsAt": "2026-11-26T10:00:00Z", "annotations": {"summary": "the judge refuses half"},
    "labels": {"alertname": "ManyRefused", "action": "rollback", "model": "mini-inpainter"},
}  # fmt: skip


def body(*alerts: dict[str, Any]) -> bytes:
    return json.dumps({"version": "4", "alerts": alerts}).encode()


def test_a_firing_alert_with_the_labels_asks_for_a_rollback_and_told_again_for_the_same() -> None:
    (asked,) = rollbacks(body(ALERT)).rollbacks
    assert (asked.model, asked.revision, asked.reason) == (
        "mini-inpainter",
        None,
        "ManyRefused: the judge refuses half",
    )
    assert rollbacks(body(ALERT)).rollbacks == (asked,)
    assert rollbacks(body(ALERT | {"startsAt": "2026-11-27T10:00:00Z"})).rollbacks != (asked,)


def notification() -> dict[str, Any]:
    """Version 4 with all its fields: two alerts of one model fire, one of another, one is over, one is of no model."""
    summary = {"summary": "the judge refuses half", "runbook_url": "docs/runbooks/JudgeDropsAfterPromotion.md"}
    labels = {"alertname": "JudgeDropsAfterPromotion", "severity": "ticket", "action": "rollback"}

    def alert(status: str, starts: str, **more: str) -> dict[str, Any]:
        ends = "2026-11-26T11:00:00Z" if status == "resolved" else "0001-01-01T00:00:00Z"
        facts = {"status": status, "labels": labels | more, "annotations": summary, "startsAt": starts, "endsAt": ends}
        return facts | {"generatorURL": "http://prometheus:9090/graph?g0.expr=1", "fingerprint": "1a30ba71cca2921f"}

    return {
        "version": "4",
        "groupKey": '{}/{action="rollback"}:{alertname="JudgeDropsAfterPromotion"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "backdrop-models-hook",
        "groupLabels": {"alertname": "JudgeDropsAfterPromotion"},
        "commonLabels": labels,
        "commonAnnotations": summary,
        "externalURL": "http://alertmanager:9093",
        "alerts": [
            alert("firing", "2026-11-26T10:30:00.828Z", model="mini", instance="inpainter-1"),
            alert("firing", "2026-11-26T10:00:00.828Z", model="mini", instance="inpainter-0"),
            alert("firing", "2026-11-26T10:10:00.828Z", model="other", revision="o1"),
            alert("resolved", "2026-11-26T09:00:00Z", model="third"),
            alert("firing", "2026-11-26T10:00:00Z", model="fourth", action="page"),
        ],
    }


@pytest.mark.parametrize(
    ("nonsense", "words"),
    [
        (b"{", "no notification of Alertmanager's, version 4: Invalid JSON"),
        (b"[]", "no notification"),
        (b'{"version": "4"}', "alerts: Field required"),
        (b'{"version": "3", "alerts": []}', "version: Input should be '4'"),
        (body(ALERT | {"labels": "x"}), "alerts.0.labels: Input should be"),
    ],
)
def test_nonsense_is_refused_with_what_is_wrong(nonsense: bytes, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        rollbacks(nonsense)


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ({"alertname": "Odd"}, r"Odd has `action: rollback`.* model: String should"),
        ({"model": "a\nb"}, r"an alert has .* model: String should match"),
    ],
)
def test_labels_that_can_name_no_model_are_told(labels: dict[str, str], words: str) -> None:
    asked = rollbacks(body(ALERT | {"labels": labels | {"action": "rollback"}}))
    assert asked.rollbacks == () and re.match(words, *asked.unusable)


@pytest.mark.parametrize("change", [{"status": "resolved"}, {"labels": {"alertname": "x"}}])
def test_other_alerts_ask_for_nothing(change: dict[str, Any]) -> None:
    assert rollbacks(body(ALERT | change)) == Asked(())


class Kafka:
    def __init__(self) -> None:
        self.said: list[RollbackRequested] = []
        self.down = False

    def publish(self, events: Sequence[RollbackRequested]) -> None:
        if self.down:
            raise DependencyDown("kafka_down", "Kafka does not answer")
        self.said += events


@pytest.fixture
def kafka() -> Kafka:
    return Kafka()


@pytest.fixture
def address(kafka: Kafka) -> Iterator[str]:
    with server("127.0.0.1", 0, "secret", kafka.publish) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{receiver.server_port}/"
        receiver.shutdown()
        thread.join()


def posted(address: str, data: bytes, token: str = "secret") -> int:
    request = urllib.request.Request(address, data, {"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_hook_asks_kafka(address: str, kafka: Kafka) -> None:
    assert posted(address, body(ALERT)) == 202 and [event.model for event in kafka.said] == ["mini-inpainter"]


def test_strangers_nonsense_and_an_outage_are_told_apart(address: str, kafka: Kafka) -> None:
    assert posted(address, body(ALERT), token="guess") == 401
    assert posted(address, b"{") == 400
    kafka.down = True
    assert posted(address, body(ALERT)) == 503 and kafka.said == []


def test_a_token_may_have_any_letters_and_an_address_that_is_taken_is_named(kafka: Kafka) -> None:
    with server("127.0.0.1", 0, "schlüssel", kafka.publish) as receiver:
        port = receiver.server_address[1]
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{port}"
        try:
            told = [posted(address, body(), token) for token in ("schlüssel".encode().decode("latin-1"), "schlussel")]
            with pytest.raises(BadRequest, match=f"127.0.0.1:{port} cannot be had"):
                server("127.0.0.1", int(port), "other", kafka.publish)
        finally:
            receiver.shutdown()
            thread.join()
    assert told == [202, 401]


def test_what_can_be_obeyed_is_asked_for_beside_what_cannot(address: str, kafka: Kafka) -> None:
    odd, worse = (
        {"labels": {"alertname": name, "action": "rollback", "model": f"{name}\n"}} for name in ("Odd", "Worse")
    )
    mixed = body(ALERT | odd, ALERT, ALERT | worse)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(address, mixed, {"Authorization": "Bearer secret"}), timeout=60)
    words = refused.value.read().decode()
    assert refused.value.code == 400 and [event.model for event in kafka.said] == ["mini-inpainter"]
    assert "Odd has `action: rollback`" in words and "Worse has" in words and "ManyRefused" not in words


def test_a_whole_notification_puts_each_model_back_by_one(address: str, kafka: Kafka) -> None:
    """From Alertmanager's body to what is in use, by the trainer's own registry; told twice, it is done once."""
    ticks = itertools.count(1)
    registry = ModelRegistry(MemoryBlobs(), clock=lambda: float(next(ticks)))
    for model, revisions in {"mini": ("m1", "m2", "m3"), "other": ("o1", "o2"), "third": ("t1", "t2")}.items():
        for revision in revisions:
            weights = registry.blobs.put(f"models/{model}/{revision}/lora.safetensors", revision.encode(), "x/x")
            one = ModelPromoted(model=model, revision=revision, stage="product", base="b", weights=weights)
            registry.put_into_use(registry.promotion(one))
    body = json.dumps(notification()).encode()
    assert posted(address, body) == 202 and posted(address, body) == 202
    for event in kafka.said:
        rolled_back(registry, event)
    used = {model: registry.in_use(model, "product", "b") for model in ("mini", "other", "third")}
    assert {model: one and one.revision for model, one in used.items()} == {"mini": "m2", "other": "o1", "third": "t2"}


def test_a_group_that_is_over_asks_for_nothing(address: str, kafka: Kafka) -> None:
    over = notification() | {"status": "resolved"}
    over["alerts"] = [alert | {"status": "resolved"} for alert in over["alerts"]]
    assert posted(address, json.dumps(over).encode()) == 202 and kafka.said == []
