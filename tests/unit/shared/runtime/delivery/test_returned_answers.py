"""Answers that a handler returns leave as those that it publishes: what goes wrong is decided in the same place."""

from collections.abc import Iterator

import pytest
import structlog
from aiokafka.errors import KafkaTimeoutError, MessageSizeTooLargeError
from faststream.kafka.response import KafkaPublishCommand
from prometheus_client import CollectorRegistry

from shared.contracts.events import ProductWithdrawn, SampleCurated
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.broker import make_broker
from shared.runtime.memory.broker import MemoryLog, MemoryProducer, memory_broker
from shared.runtime.records import RETRY_GROUP, headers_of
from shared.runtime.settings import KafkaSettings

HASTY = KafkaSettings(tries=1, retry_delays_s=(), wait_first_s=0.001, wait_cap_s=0.002)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


async def after_refusals(monkeypatch: pytest.MonkeyPatch, *refusals: Exception) -> MemoryLog:
    """What was said when Kafka refused the first answers, with one message behind the first."""
    broker, left = make_broker(HASTY, service="curator", registry=CollectorRegistry()), list(refusals)
    publish = MemoryProducer.publish

    async def refusing(self: MemoryProducer, cmd: KafkaPublishCommand) -> None:
        if cmd.destination == SAMPLE_CURATED.name and left:
            raise left.pop(0)
        await publish(self, cmd)

    monkeypatch.setattr(MemoryProducer, "publish", refusing)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    @broker.publisher(SAMPLE_CURATED.name)
    async def on_withdrawn(event: ProductWithdrawn) -> SampleCurated:
        return SampleCurated(product_id=event.product_id, image_sha256="a" * 64, verdict="dropped", reason="withdrawn")

    async with memory_broker(broker) as log:
        for product in ("first", "behind"):
            await broker.publish(ProductWithdrawn(product_id=product), topic=PRODUCT_WITHDRAWN.name)
        await log.settled(10)
    return log


def answered(log: MemoryLog) -> list[str]:
    return [event.product_id for event in log.events(SAMPLE_CURATED.name, SampleCurated)]


async def test_an_answer_that_is_too_large_is_a_dead_letter_of_its_message(monkeypatch: pytest.MonkeyPatch) -> None:
    log = await after_refusals(monkeypatch, MessageSizeTooLargeError())
    (letter,) = log.said(PRODUCT_WITHDRAWN.dead)
    assert (letter.key, headers_of(letter)["x-reason"]) == (b"first", "event_too_large")
    assert answered(log) == ["behind"]


async def test_an_answer_that_an_outage_keeps_from_leaving_leaves_later_and_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = await after_refusals(monkeypatch, KafkaTimeoutError())
    assert log.said(PRODUCT_WITHDRAWN.dead) == []
    assert answered(log) == ["first", "behind"]


async def test_of_a_batch_of_retries_only_those_of_the_own_group_are_handled() -> None:
    broker, handled = make_broker(HASTY, service="curator", registry=CollectorRegistry()), []

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator", batch=True, max_records=8)
    async def on_withdrawn(batch: list[ProductWithdrawn]) -> None:
        handled.append([event.product_id for event in batch])

    async with memory_broker(broker) as log:
        for product, group in (("a", b"curator"), ("b", b"inpainter"), ("c", b"curator"), ("d", b"\xff")):
            body = ProductWithdrawn(product_id=product).model_dump_json().encode()
            headers = [("content-type", b"application/json"), (RETRY_GROUP, group)]
            log.append(PRODUCT_WITHDRAWN.retry, product.encode(), body, headers)
        await log.settled(10)
    assert handled == [["a"], ["c"]]
