"""How far groups are behind, as a real Kafka has it."""

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from shared.contracts.topics import DATASET_RELEASED
from shared.runtime.lags import lags
from shared.runtime.settings import KafkaSettings

pytestmark = pytest.mark.connected


async def test_what_a_group_has_not_committed_is_its_lag(kafka_settings: KafkaSettings) -> None:
    servers = kafka_settings.bootstrap_servers
    producer = KafkaProducer(bootstrap_servers=servers, acks="all")
    for number in range(5):
        last = producer.send(DATASET_RELEASED.name, value=str(number).encode()).get(timeout=30)
    producer.close()
    consumer = KafkaConsumer(bootstrap_servers=servers, group_id="lagging", enable_auto_commit=False)
    place = TopicPartition(DATASET_RELEASED.name, 0)
    consumer.assign([place])
    consumer.commit({place: OffsetAndMetadata(last.offset - 1, "", -1)})
    consumer.close()
    assert (await lags(kafka_settings))["lagging", DATASET_RELEASED.name] == 2
