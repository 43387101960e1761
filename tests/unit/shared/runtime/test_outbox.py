"""What leaves a service: events in their envelope, bytes as they are, each counted under its topic."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from faststream.kafka.response import KafkaPublishCommand
from faststream.response.publish_type import PublishType
from prometheus_client import CollectorRegistry

from shared.contracts.events import ProductWithdrawn
from shared.contracts.topics import PRODUCT_WITHDRAWN
from shared.runtime.broker import Broker, make_broker
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings

MUG = ProductWithdrawn(product_id="mug")


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def broker(registry: CollectorRegistry) -> Broker:
    return make_broker(KafkaSettings(), service="curator", registry=registry)


def published(registry: CollectorRegistry, topic: str) -> float | None:
    return registry.get_sample_value("backdrop_published_total", {"service": "curator", "topic": topic})


async def test_bytes_leave_as_they_are(broker: Broker, registry: CollectorRegistry) -> None:
    async with memory_broker(broker) as log:
        await broker.publish(b"\xff raw", topic="elsewhere.v1", key=b"k", headers={"a": "b"})
    (record,) = log.records
    assert (record.topic, record.key, record.value) == ("elsewhere.v1", b"k", b"\xff raw")
    said = dict(record.headers)
    assert said["a"] == b"b" and not any(name.startswith("ce_") for name in said)
    assert published(registry, "elsewhere.v1") == 1


async def test_an_event_is_told_to_kafka_by_its_key_with_its_headers_and_waited_for(
    broker: Broker, registry: CollectorRegistry
) -> None:
    sent: list[tuple[Any, ...]] = []
    kafkas = asyncio.get_running_loop().create_future()

    async def send(*record: Any, headers: list[tuple[str, bytes]]) -> "asyncio.Future[str]":
        sent.append((*record, dict(headers)))
        kafkas.set_result("it is there")
        return kafkas

    aiokafkas = SimpleNamespace(producer=SimpleNamespace(send=send))
    broker.config.broker_config.producer = SimpleNamespace(_producer=aiokafkas)  # type: ignore[assignment]
    assert await broker.publish(MUG, topic=PRODUCT_WITHDRAWN.name, partition=3) == "it is there"
    ((topic, body, key, partition, headers),) = sent
    assert (topic, key, partition) == (PRODUCT_WITHDRAWN.name, b"mug", 3)
    assert ProductWithdrawn.model_validate_json(body) == MUG
    assert headers["ce_type"] == b"backdrop.ProductWithdrawn" and headers["ce_source"] == b"backdrop/curator"
    assert published(registry, PRODUCT_WITHDRAWN.name) == 1


async def test_a_partition_that_is_asked_for_reaches_kafka_whatever_is_published(broker: Broker) -> None:
    commands: list[KafkaPublishCommand] = []

    async def publish(command: KafkaPublishCommand) -> None:
        commands.append(command)

    broker.config.broker_config.producer = SimpleNamespace(publish=publish)  # type: ignore[assignment]
    await broker.publish(b"raw", topic="elsewhere.v1", partition=3)
    await broker.publish(MUG, topic=PRODUCT_WITHDRAWN.name, partition=4)
    assert [(one.destination, one.partition, one.publish_type) for one in commands] == [
        ("elsewhere.v1", 3, PublishType.PUBLISH),
        (PRODUCT_WITHDRAWN.name, 4, PublishType.PUBLISH),
    ]
