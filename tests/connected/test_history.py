"""All that topics hold, read without a group: everything said before one asked, and nothing committed."""

import pytest
from kafka import KafkaProducer

from shared.contracts.errors import NotKnown
from shared.contracts.events import SampleCurated
from shared.contracts.topics import SAMPLE_CURATED
from shared.runtime.history import history
from shared.runtime.settings import KafkaSettings

pytestmark = pytest.mark.connected


async def test_everything_that_was_said_is_read_in_the_order_of_each_key(kafka_settings: KafkaSettings) -> None:
    """Of a topic that no handler of other tests hears, and in events: nobody shall have to give them up."""
    producer = KafkaProducer(bootstrap_servers=kafka_settings.bootstrap_servers, acks="all")
    for number in range(200):
        said = SampleCurated(
            product_id=f"history-{number % 7}", image_sha256=f"{number:064x}", verdict="dropped", reason="blurred"
        )
        producer.send(SAMPLE_CURATED.name, key=said.key.encode(), value=said.model_dump_json().encode())
    producer.flush()
    found = await history(kafka_settings, [SAMPLE_CURATED.name, SAMPLE_CURATED.dead], service="test")
    events = [SampleCurated.model_validate_json(one.value) for one in found if (one.key or b"").startswith(b"history-")]
    assert sorted(int(event.image_sha256, 16) for event in events) == list(range(200))
    one_key = [int(event.image_sha256, 16) for event in events if event.product_id == "history-3"]
    assert one_key == sorted(one_key)
    producer.send(SAMPLE_CURATED.name, key=b"history-3", value=said.model_dump_json().encode())
    producer.close()
    later = await history(kafka_settings, [SAMPLE_CURATED.name, SAMPLE_CURATED.dead], service="test", behind=found)
    assert [one.value for one in later if (one.key or b"").startswith(b"history-")] == [said.model_dump_json().encode()]


async def test_a_topic_that_is_not_there_is_named(kafka_settings: KafkaSettings) -> None:
    with pytest.raises(NotKnown, match=r"never\.v1"):
        await history(kafka_settings, ["never.v1"], service="test")
