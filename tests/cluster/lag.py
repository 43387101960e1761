"""Work that waits, and work that is done, as Kafka sees it: messages nobody reads, offsets that move to the end."""

from collections.abc import Iterator
from contextlib import contextmanager

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from shared.contracts.topics import Topic


class Waiting:
    """The lag of any group on any topic, at will."""

    def __init__(self, bootstrap_servers: str) -> None:
        self.servers = bootstrap_servers

    def put(self, topic: Topic, count: int) -> None:
        """So many messages, spread over the partitions."""
        producer = KafkaProducer(bootstrap_servers=self.servers)
        for number in range(count):
            producer.send(topic.name, value=b"{}", partition=number % topic.partitions)
        producer.flush()
        producer.close()

    def done(self, topic: Topic, group: str) -> None:
        """All of it handled, by a group that nobody is in."""
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        with self._consumer(group) as consumer:
            consumer.assign(partitions)
            ends = consumer.end_offsets(partitions)
            consumer.commit({place: OffsetAndMetadata(end, "", -1) for place, end in ends.items()})

    @contextmanager
    def _consumer(self, group: str) -> Iterator[KafkaConsumer]:
        consumer = KafkaConsumer(bootstrap_servers=self.servers, group_id=group, enable_auto_commit=False)
        try:
            yield consumer
        finally:
            consumer.close()
