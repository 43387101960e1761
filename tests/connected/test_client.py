"""The Kafka client of programs outside, from a thread and from an event loop."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from backdrop.async_client import AsyncKafkaClient
from backdrop.client import Heard, KafkaClient
from shared.contracts.errors import NotKnown
from shared.contracts.events import SampleCurated
from shared.contracts.topics import SAMPLE_CURATED
from shared.runtime.settings import KafkaSettings

pytestmark = pytest.mark.connected
HEARD_S = 240


def said(name: str, number: int) -> SampleCurated:
    return SampleCurated(product_id=name, image_sha256=f"{number:064x}", verdict="dropped", reason="blurred")


async def first_of(name: str, heard: AsyncGenerator[Heard | None], count: int) -> list[SampleCurated]:
    """The first events of a product; other tests say something on this topic as well."""
    found: list[SampleCurated] = []
    async with asyncio.timeout(HEARD_S), aclosing(heard):
        async for one in heard:
            event = None if one is None else SampleCurated.model_validate_json(one.value)
            if event is not None and event.product_id == name:
                found.append(event)
            if len(found) == count:
                break
    return found


async def test_what_an_event_loop_publishes_is_heard_by_one_and_counted(kafka_settings: KafkaSettings) -> None:
    client, began = AsyncKafkaClient(kafka_settings), datetime.now(UTC)
    before = await client.sizes([SAMPLE_CURATED.name, "never.v1"])
    listening = asyncio.create_task(first_of("async-1", client.listen([SAMPLE_CURATED.name], since=began), 3))
    assert await client.publish(said("async-1", number) for number in range(2)) == 2
    assert await asyncio.to_thread(KafkaClient(kafka_settings).publish, [said("async-1", 2)]) == 1
    assert await listening == [said("async-1", number) for number in range(3)]
    after = await client.sizes([SAMPLE_CURATED.name, "never.v1"])
    assert after[SAMPLE_CURATED.name] >= before[SAMPLE_CURATED.name] + 3 and after["never.v1"] == 0


async def test_who_is_cancelled_while_nothing_is_said_leaves_and_may_listen_again(
    kafka_settings: KafkaSettings,
) -> None:
    client = AsyncKafkaClient(kafka_settings)
    waiting = asyncio.create_task(first_of("async-never", client.listen([SAMPLE_CURATED.name]), 1))
    await asyncio.sleep(0.2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await client.publish([said("async-2", 7)])
    assert await first_of("async-2", client.listen([SAMPLE_CURATED.name]), 1) == [said("async-2", 7)]


async def test_topics_that_were_never_provisioned_are_named(kafka_settings: KafkaSettings) -> None:
    with pytest.raises(NotKnown, match=r"never\.v1"):
        await anext(AsyncKafkaClient(kafka_settings).listen(["never.v1"]))
