"""An alert rolls a model back once, and only for whoever has the token."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from backdrop.commands.alerts import rollbacks, server
from shared.contracts.errors import DependencyDown
from shared.contracts.events import RollbackRequested

ALERT = {
    "status": "firing", "startsAt": "2026-11-26T10:00:00Z", "annotations": {"summary": "the judge refuses half"},
    "labels": {"alertname": "ManyRefused", "action": "rollback", "model": "mini-inpainter"},
}  # fmt: skip


def body(*alerts: dict[str, Any]) -> bytes:
    return json.dumps({"version": "4", "alerts": alerts}).encode()


def test_a_firing_alert_with_the_labels_asks_for_a_rollback_and_told_again_for_the_same() -> None:
    (asked,) = rollbacks(body(ALERT))
    assert (asked.model, asked.revision, asked.reason) == (
        "mini-inpainter",
        None,
        "ManyRefused: the judge refuses half",
    )
    assert rollbacks(body(ALERT)) == (asked,)
    assert rollbacks(body(ALERT | {"startsAt": "2026-11-27T10:00:00Z"})) != (asked,)


@pytest.mark.parametrize("change", [{"status": "resolved"}, {"labels": {"alertname": "x"}}])
def test_other_alerts_ask_for_nothing(change: dict[str, Any]) -> None:
    assert rollbacks(body(ALERT | change)) == ()


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
        with urllib.request.urlopen(request, timeout=5) as answer:
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
