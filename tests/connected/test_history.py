"""All that topics hold, read without a group: everything said before one asked, and nothing committed."""

import pytest
from kafka import KafkaProducer

from shared.contracts.errors import NotKnown
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.history import history
from shared.runtime.settings import KafkaSettings

pytestmark = pytest.mark.connected


async def test_everything_that_was_said_is_read_in_the_order_of_each_key(kafka_settings: KafkaSettings) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_settings.bootstrap_servers, acks="all")
    for number in range(200):
        producer.send(PRODUCT_WITHDRAWN.name, key=f"history-{number % 7}".encode(), value=str(number).encode())
    producer.close()
    found = await history(kafka_settings, [PRODUCT_WITHDRAWN.name, SAMPLE_CURATED.dead], service="test")
    ours = [one for one in found if (one.key or b"").startswith(b"history-")]
    assert sorted(int(one.value) for one in ours) == list(range(200))
    one_key = [int(one.value) for one in ours if one.key == b"history-3"]
    assert one_key == sorted(one_key)


async def test_a_topic_that_is_not_there_is_named(kafka_settings: KafkaSettings) -> None:
    with pytest.raises(NotKnown, match=r"never\.v1"):
        await history(kafka_settings, ["never.v1"], service="test")
