"""The stack as a brand reaches it: Kafka through kafka-python, bytes through S3. Every wait has an end."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, UnsupportedCodecError

from shared.contracts.errors import BackdropError, BadRequest, DependencyDown, NotKnown
from shared.contracts.events import Event
from shared.contracts.topics import topic_of
from shared.runtime.cloud_events import Trace, cloud_event_headers
from shared.runtime.settings import KafkaSettings

PATIENCE_MS = 8_000
POLL_MS = 500
EVER = datetime(1970, 1, 2, tzinfo=UTC)  # longer ago than Kafka has messages


@dataclass(frozen=True, kw_only=True)
class Heard:
    """One message as it came: body in bytes, headers as text, and when it was published (seconds since 1970)."""

    topic: str
    value: bytes
    headers: Mapping[str, str]
    at_s: float


class KafkaClient:
    """Publishes and reads without a consumer group, so that watching never takes a message from anyone."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._options = {
            "bootstrap_servers": settings.bootstrap_servers.split(","),
            "client_id": "backdrop-client",
            "bootstrap_timeout_ms": PATIENCE_MS,
            "request_timeout_ms": PATIENCE_MS,
            **_security(settings),
        }

    def publish(self, events: Iterable[Event]) -> int:
        """Publish events in order and wait until Kafka has them all; returns how many. Raises DependencyDown."""
        producer = self._opened(
            KafkaProducer, acks="all", max_block_ms=PATIENCE_MS, delivery_timeout_ms=2 * PATIENCE_MS, linger_ms=5
        )
        try:
            sent = [_send(producer, event) for event in events]
            for future in sent:
                future.get(timeout=2 * PATIENCE_MS / 1000)
        except KafkaError as error:
            raise self._down(error) from error
        finally:
            producer.close(timeout=2)
        return len(sent)

    def listen(self, topics: Iterable[str], *, since: datetime = EVER) -> Generator[Heard | None]:
        """Everything said on these topics since a moment, or ever, then what comes; None when nothing more does.

        Raises NotKnown `topics_missing` when the stack was never provisioned, DependencyDown when Kafka is away.
        """
        consumer = self._opened(KafkaConsumer, auto_offset_reset="earliest", enable_auto_commit=False, group_id=None)
        try:
            yield from heard(consumer, go_back(consumer, list(topics), since))
        except KafkaError as error:
            raise self._down(error) from error
        finally:
            consumer.close()

    def sizes(self, topics: Iterable[str]) -> dict[str, int]:
        """How many messages each topic holds; 0 for one that does not exist. Raises DependencyDown."""
        consumer = self._opened(KafkaConsumer, enable_auto_commit=False, group_id=None)
        try:
            known = consumer.topics()
            places = {topic: _places(consumer, topic) for topic in topics if topic in known}
            every = [place for found in places.values() for place in found]
            first, last = consumer.beginning_offsets(every), consumer.end_offsets(every)
            return {topic: sum(last[place] - first[place] for place in places.get(topic, ())) for topic in topics}
        except KafkaError as error:
            raise self._down(error) from error
        finally:
            consumer.close()

    def _opened(self, kind: Any, **options: Any) -> Any:
        try:
            return kind(**self._options, **options)
        except (KafkaError, OSError) as error:
            raise self._down(error) from error

    def _down(self, error: Exception) -> BackdropError:
        return trouble(error, self._settings.bootstrap_servers)


def trouble(error: Exception, where: str) -> BackdropError:
    """What went wrong with Kafka, in words that say what to do."""
    if isinstance(error, UnsupportedCodecError):
        words = f"a message is compressed in a way that is not read here: pip install 'backdrop[operator]' ({error})"
        return BadRequest("codec_missing", words)
    return DependencyDown("kafka_down", f"Kafka does not answer at {where}; start the stack with: make up ({error})")


def heard(
    consumer: Any, ends: Mapping[TopicPartition, int], *, patience_s: float = PATIENCE_MS / 1000
) -> Generator[Heard | None]:
    """What a consumer reads, and None for each pause.

    A pause before the consumer has come to the `ends` is none, for so long: Kafka takes its time to answer.
    """
    limit = monotonic() + patience_s
    while True:
        batch = consumer.poll(timeout_ms=POLL_MS)
        for record in (record for records in batch.values() for record in records):
            yield _heard(record)
        if not batch and (monotonic() > limit or all(consumer.position(place) >= end for place, end in ends.items())):
            yield None


def go_back(consumer: Any, topics: Sequence[str], since: datetime) -> dict[TopicPartition, int]:
    """Let a consumer read these topics from a moment on; returns where they end. Raises NotKnown `topics_missing`.

    Where nothing was said since, it reads from the end as it was before that was asked: what comes meanwhile is heard.
    """
    missing = sorted(set(topics) - set(consumer.topics()))
    if missing:
        raise NotKnown("topics_missing", f"Kafka has no topic {missing[0]}; start the stack with: make up")
    places = [place for topic in topics for place in _places(consumer, topic)]
    consumer.assign(places)
    ends: dict[TopicPartition, int] = consumer.end_offsets(places)
    found = consumer.offsets_for_times(dict.fromkeys(places, int(since.timestamp() * 1000)))
    for place in places:
        spot = found.get(place)
        consumer.seek(place, spot.offset if spot is not None else ends[place])
    return ends


def _send(producer: Any, event: Event) -> Any:
    headers = cloud_event_headers(event, source="backdrop/client")
    return producer.send(
        topic_of(event).name,
        key=event.key.encode(),
        value=event.model_dump_json().encode(),
        headers=[*headers, ("traceparent", str(Trace.new()).encode())],
    )


def _heard(record: Any) -> Heard:
    headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers or ()}
    return Heard(topic=record.topic, value=record.value or b"", headers=headers, at_s=record.timestamp / 1000)


def _places(consumer: Any, topic: str) -> list[Any]:
    return [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]


def _security(settings: KafkaSettings) -> dict[str, Any]:
    if settings.security == "plaintext":
        return {}
    return {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": settings.username,
        "sasl_plain_password": settings.password.get_secret_value(),
        "ssl_cafile": settings.ca_file,
    }
