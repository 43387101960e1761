"""The guarantees that FastStream does not give by default are on every subscriber, and an end is an orderly one."""

import asyncio
import logging
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaConnectionError
from faststream import ContextRepo
from faststream.exceptions import NackMessage
from faststream.kafka import TestKafkaBroker
from faststream.middlewares import AckPolicy
from faststream.security import SASLScram512
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from shared.contracts.events import ModelPromoted, ProductWithdrawn
from shared.contracts.topics import MODEL_PROMOTED, PRODUCT_WITHDRAWN
from shared.runtime import broker as module
from shared.runtime.broker import MAX_BATCH_BYTES, Broker, make_broker
from shared.runtime.delivery.retry import Reader
from shared.runtime.outbox import MAX_EVENT_BYTES
from shared.runtime.settings import KafkaSettings, TracingSettings
from shared.runtime.telemetry.tracing import NoSpans


@pytest.fixture
def broker() -> Broker:
    broker = make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry())

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None: ...

    return broker


def test_every_subscriber_commits_only_what_succeeded_and_starts_at_the_beginning(broker: Broker) -> None:
    broker.listen_for_retries()
    assert len(broker.subscribers) == 2
    for subscriber in broker.subscribers:
        assert subscriber.ack_policy is AckPolicy.NACK_ON_ERROR
        assert subscriber._connection_args["auto_offset_reset"] == "earliest"  # type: ignore[attr-defined]
        assert subscriber._connection_args["enable_auto_commit"] is False  # type: ignore[attr-defined]
        assert subscriber._connection_args["max_poll_interval_ms"] == 1_800_000  # type: ignore[attr-defined]


def test_the_producer_waits_for_all_replicas_and_never_doubles(broker: Broker) -> None:
    assert broker._connection_kwargs["acks"] == "all"
    assert broker._connection_kwargs["enable_idempotence"] is True


def test_each_handler_also_hears_its_retry_topic_in_a_group_of_its_own(broker: Broker) -> None:
    broker.listen_for_retries()
    broker.listen_for_retries()  # starting twice adds nothing
    heard = {(tuple(s.topic_names), s.group_id) for s in broker.subscribers}  # type: ignore[attr-defined]
    assert heard == {
        (("product.withdrawn.v1",), "curator"),
        (("product.withdrawn.v1.retry",), "curator.retry"),
    }


def test_without_a_group_every_replica_reads_all_and_commits_nothing() -> None:
    broker = make_broker(KafkaSettings(), service="inpainter", registry=CollectorRegistry())

    @broker.subscriber(MODEL_PROMOTED.name)
    async def on_promoted(event: ModelPromoted) -> None: ...

    broker.listen_for_retries()
    (subscriber,) = broker.subscribers
    assert subscriber.ack_policy is AckPolicy.ACK_FIRST
    assert subscriber.group_id is None  # type: ignore[attr-defined]
    assert subscriber._connection_args["auto_offset_reset"] == "earliest"  # type: ignore[attr-defined]


async def test_a_handler_hears_its_events_under_faststreams_own_test_broker() -> None:
    broker, heard = make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry()), []

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        heard.append(event)

    async with TestKafkaBroker(broker) as test_broker:
        await test_broker.publish(ProductWithdrawn(product_id="mug"), topic=PRODUCT_WITHDRAWN.name)
    assert heard == [ProductWithdrawn(product_id="mug")]


def test_the_clients_settings_reach_kafka() -> None:
    settings = KafkaSettings(
        bootstrap_servers="kafka:9",
        request_timeout_ms=11,
        graceful_timeout_s=12.0,
        session_timeout_ms=13,
        heartbeat_interval_ms=14,
        max_poll_interval_ms=15,
        rebalance_timeout_ms=16,
    )
    broker = make_broker(settings, service="curator", registry=CollectorRegistry())
    subscriber = broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    kafka = broker._connection_kwargs
    assert (kafka["bootstrap_servers"], kafka["client_id"]) == (["kafka:9"], "backdrop-curator")
    assert (kafka["request_timeout_ms"], kafka["max_request_size"]) == (11, MAX_EVENT_BYTES)
    assert kafka["max_batch_size"] == MAX_BATCH_BYTES
    assert broker.config.graceful_timeout == 12.0
    consumer = subscriber._connection_args
    names = ("session_timeout_ms", "heartbeat_interval_ms", "max_poll_interval_ms", "rebalance_timeout_ms")
    assert [consumer[name] for name in names] == [13, 14, 15, 16]


def test_what_the_caller_of_a_subscriber_says_wins() -> None:
    broker = make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry())
    subscriber = broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator", auto_offset_reset="latest")
    assert subscriber._connection_args["auto_offset_reset"] == "latest"


async def test_kafka_is_waited_for_with_growing_pauses_as_long_as_it_takes(
    broker: Broker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refusals, pauses, waits = [KafkaConnectionError("refused")] * 3, [], []

    async def connect() -> None:
        if refusals:
            raise refusals.pop()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        waits.append(broker.health.waits_for)

    monkeypatch.setattr(broker, "connect", connect)
    monkeypatch.setattr(broker.health, "pause", pause)
    with caplog.at_level(logging.WARNING, "backdrop.kafka"):
        await broker._connect_patiently()
    assert (pauses, waits) == ([0.5, 1.0, 2.0], [("kafka_down",)] * 3)
    assert broker.health.waits_for == ()
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("backdrop.kafka", "waits for Kafka: Kafka does not take the message: KafkaConnectionError('refused')")
    ] * 3


async def test_bytes_are_copied_past_every_codec(broker: Broker) -> None:
    sent: list[tuple[str, dict[str, Any]]] = []

    async def send_and_wait(topic: str, **record: Any) -> None:
        sent.append((topic, record))

    aiokafkas = SimpleNamespace(send_and_wait=send_and_wait)
    broker.config.broker_config.producer = SimpleNamespace(_producer=SimpleNamespace(producer=aiokafkas))  # type: ignore[assignment]
    await broker.copy("t.dead", key=b"mug", value=b"\xff", headers=(("a", b"1"), ("a", None)))
    said = {"key": b"mug", "value": b"\xff", "headers": [("a", b"1"), ("a", None)], "partition": None}
    assert sent == [("t.dead", said)]


async def test_a_copy_goes_to_the_partition_that_is_chosen_among_those_of_its_topic(broker: Broker) -> None:
    sent, asked = list[tuple[str, int | None]](), list[Sequence[int]]()

    async def send_and_wait(topic: str, *, partition: int | None, **_: Any) -> None:
        sent.append((topic, partition))

    async def partitions_for(topic: str) -> set[int]:
        return {2, 0, 1}

    def choose(partitions: Sequence[int]) -> int:
        asked.append(partitions)
        return 1

    aiokafkas = SimpleNamespace(send_and_wait=send_and_wait, partitions_for=partitions_for)
    broker.config.broker_config.producer = SimpleNamespace(_producer=SimpleNamespace(producer=aiokafkas))  # type: ignore[assignment]
    await broker.copy("t.retry", key=b"mug", value=b"", headers=(), choose=choose)
    assert (sent, asked) == ([("t.retry", 1)], [[0, 1, 2]])


@dataclass
class Told:
    """Offsets, deliveries, a consumer and a lock: what a stop does with them, in its order."""

    order: list[str] = field(default_factory=list)
    subscriber: Any = None

    async def flush(self) -> None:
        self.order.append("flush")

    async def release(self) -> None:
        self.order.append("release")

    async def close(self) -> None:
        self.order.append("close")

    def forget(self) -> None:
        self.order.append("forget")

    async def stop(self) -> None:
        self.order.append("consumer stops")

    async def wait_release(self, timeout_s: float) -> None:
        assert self.subscriber.running is False, "and takes no other one"
        self.order.append(f"waits {timeout_s} s for the message in hand")

    def __hash__(self) -> int:
        return id(self)


async def test_a_stop_lets_the_message_in_hand_end_and_commits_before_the_consumer_leaves_and_sends_nothing_later(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    (subscriber,) = broker.subscribers
    told = Told(subscriber=subscriber)
    monkeypatch.setattr(module, "MultiLock", Told)
    monkeypatch.setattr(type(subscriber), "lock", told, raising=False)
    subscriber.consumer, subscriber.running = told, True  # type: ignore[attr-defined]
    broker._readers[told] = Reader(told, told)  # type: ignore[arg-type]
    await broker.stop()
    assert told.order == [
        "waits 60.0 s for the message in hand",
        "flush",
        "release",
        "forget",
        "close",
        "consumer stops",
    ]
    assert broker._readers == {} and subscriber.running is False
    with pytest.raises(NackMessage):
        await broker.health.pause(60)


async def test_partitions_are_handed_over_in_order_when_another_replica_comes(broker: Broker) -> None:
    told = Told()
    broker.listen_for_retries()
    for subscriber in broker.subscribers:
        listener = subscriber._listener  # type: ignore[attr-defined]
        await listener.on_partitions_revoked(set())
        subscriber.consumer = told  # type: ignore[attr-defined]
        broker._readers[told] = Reader(told, told)  # type: ignore[arg-type]
        await listener.on_partitions_revoked(set())
        subscriber.consumer = None  # type: ignore[attr-defined]
    assert told.order == ["flush", "release", "forget"] * 2


async def test_each_consumer_that_commits_has_one_reader_and_others_have_none(broker: Broker) -> None:
    one, other = AIOKafkaConsumer(), AIOKafkaConsumer()
    reader = broker.reader_of(one, "curator")
    assert reader is not None and broker.reader_of(one, "curator") is reader
    assert (reader.offsets._consumer, reader.offsets._health) == (one, broker.health)
    assert (reader.deliveries._marks, reader.deliveries._alone) == (reader.offsets, broker.alone)
    assert broker.reader_of(other, "curator") not in (None, reader)
    assert broker.reader_of(one, "") is None
    assert broker.reader_of(object(), "curator") is None
    for consumer, each in broker._readers.items():
        await each.offsets.close()
        await consumer.stop()
    await other.stop()


async def test_a_commit_that_fails_is_counted_for_its_service() -> None:
    registry = CollectorRegistry()
    broker = make_broker(KafkaSettings(), service="curator", registry=registry)
    consumer = AIOKafkaConsumer()
    reader = broker.reader_of(consumer, "curator")
    assert reader is not None
    reader.offsets._on_failed_commit()
    assert registry.get_sample_value("backdrop_commit_failures_total", {"service": "curator"}) == 1
    await reader.offsets.close()
    await consumer.stop()


def test_a_cluster_of_strangers_is_entered_with_a_password_and_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    trusted: list[str | None] = []
    made = ssl.create_default_context()

    def create_default_context(*, cafile: str | None = None) -> ssl.SSLContext:
        trusted.append(cafile)
        return made

    monkeypatch.setattr(ssl, "create_default_context", create_default_context)
    settings = KafkaSettings(security="scram", username="curator", password=SecretStr("p"), ca_file="/ca.pem")
    security = module.security_of(settings)
    assert isinstance(security, SASLScram512)
    assert (security.username, security.password, security.use_ssl) == ("curator", "p", True)
    assert (security.ssl_context, trusted) == (made, ["/ca.pem"])
    assert module.security_of(KafkaSettings()) is None


def test_a_password_reaches_the_client_of_kafka() -> None:
    settings = KafkaSettings(security="scram", username="curator", password=SecretStr("p"))
    kafka = make_broker(settings, service="curator", registry=CollectorRegistry())._connection_kwargs
    names = ("security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password")
    assert [kafka[name] for name in names] == ["SASL_SSL", "SCRAM-SHA-512", "curator", "p"]


def test_no_topic_is_made_on_the_fly_and_two_lines_per_message_are_for_debugging(broker: Broker) -> None:
    assert broker.config.broker_config.allow_auto_create_topics is False
    state = broker.config.logger
    assert state.log_level == logging.DEBUG
    assert state.params_storage.get_logger(context=ContextRepo()).name == "backdrop.kafka"


def test_all_of_a_broker_is_about_one_service(broker: Broker) -> None:
    letters, watch = broker.letters, broker.watch
    assert (broker.metrics.service, letters.service, letters.settings) == ("curator", "curator", broker.settings)
    assert letters.metrics is broker.metrics and letters.health is broker.health
    assert (letters.publish, letters.copy) == (broker.publish, broker.copy)
    assert watch._metrics is broker.metrics and watch._spans is broker.spans
    assert isinstance(broker.alone, asyncio.Lock) and isinstance(broker.spans, NoSpans)


def test_a_subscriber_that_does_not_last_hears_no_retries(broker: Broker) -> None:
    passing = broker.subscriber(MODEL_PROMOTED.name, group_id="curator", persistent=False)  # the broker holds it weakly

    @passing
    async def on_promoted(event: ModelPromoted) -> None: ...

    broker.listen_for_retries()
    heard = {name for subscriber in broker.subscribers for name in subscriber.topic_names}  # type: ignore[attr-defined]
    assert heard == {"product.withdrawn.v1", "product.withdrawn.v1.retry", *passing.topic_names}


def test_spans_are_those_that_the_settings_of_tracing_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[TracingSettings, str]] = []

    def spans_of(settings: TracingSettings, *, service: str) -> NoSpans:
        asked.append((settings, service))
        return spans

    spans, settings = NoSpans(), TracingSettings()
    monkeypatch.setattr(module, "spans_of", spans_of)
    broker = make_broker(KafkaSettings(), service="curator", registry=CollectorRegistry(), tracing=settings)
    assert (broker.spans is spans, asked) == (True, [(settings, "curator")])


async def test_a_broker_that_never_started_rests_at_once(broker: Broker) -> None:
    assert not broker.resting
    await asyncio.wait_for(broker.rest(), 60)
    assert broker.resting


async def test_a_broker_whose_start_failed_rests_at_once(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse() -> None:
        raise PermissionError("the topic is somebody else's")

    async def connect() -> None: ...

    monkeypatch.setattr(broker, "connect", connect)
    (subscriber,) = broker.subscribers
    broker.listen_for_retries()
    for one in broker.subscribers:
        monkeypatch.setattr(one, "start", refuse)
    resting = asyncio.create_task(broker.rest())
    with pytest.raises(PermissionError):
        await broker.start()
    await asyncio.wait_for(resting, 60)
    assert not subscriber.running


async def test_who_shall_rest_before_its_start_is_over_does_so_right_after_it(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    (subscriber,) = broker.subscribers
    everybody = broker.subscriber(MODEL_PROMOTED.name)

    @everybody
    async def on_promoted(event: ModelPromoted) -> None: ...

    broker.listen_for_retries()

    async def connect() -> None: ...

    async def start_of(one: Any) -> None:
        one.running = True

    monkeypatch.setattr(broker, "connect", connect)
    for one in broker.subscribers:
        monkeypatch.setattr(one, "start", partial(start_of, one))
    await broker.rest()
    await broker.start()
    assert broker.running and not subscriber.running
    assert everybody.running, "it takes nothing from anybody"
