"""The guarantees that FastStream does not give by default are on every subscriber."""

import pytest
from faststream.kafka import TestKafkaBroker
from faststream.middlewares import AckPolicy
from prometheus_client import CollectorRegistry

from shared.contracts.events import ModelPromoted, ProductWithdrawn
from shared.contracts.topics import MODEL_PROMOTED, PRODUCT_WITHDRAWN
from shared.runtime.broker import Broker, make_broker
from shared.runtime.settings import KafkaSettings


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
