"""The Kafka edge of every service: at least once, with envelope, counting and dead letters.

FastStream's own defaults lose messages (commit first, start at the newest, one acknowledgement); here they do not.
"""

import asyncio
import logging
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer  # type: ignore[import-untyped]
from aiokafka.errors import KafkaConnectionError  # type: ignore[import-untyped]
from faststream._internal.endpoint.subscriber.utils import MultiLock
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy
from faststream.security import SASLScram512
from prometheus_client import CollectorRegistry

from shared.contracts.events import Event
from shared.runtime.delivery.dead_letter import Choose, DeadLetters
from shared.runtime.delivery.deliveries import Deliveries
from shared.runtime.delivery.dispositions import classify
from shared.runtime.delivery.offsets import OffsetCommitter
from shared.runtime.delivery.rebalances import RebalanceListener
from shared.runtime.delivery.retry import Reader, ReaderOf, Retries
from shared.runtime.envelope import Envelope
from shared.runtime.health import Health
from shared.runtime.lane import Lane
from shared.runtime.outbox import MAX_EVENT_BYTES, Outbox
from shared.runtime.records import RETRY_SUFFIX, Headers
from shared.runtime.settings import KafkaSettings, TracingSettings
from shared.runtime.telemetry.counting import Counted
from shared.runtime.telemetry.metrics import Metrics
from shared.runtime.telemetry.tracing import NoSpans, Spans, spans_of
from shared.runtime.telemetry.watching import Watched

MAX_BATCH_BYTES = 128 * 1024  # of one partition: with their headers, hundreds of answers; aiokafka's own 16 kB are 30


class Broker(KafkaBroker):
    """A KafkaBroker whose subscribers start at the earliest message, are patient, and have a second one on T.retry."""

    def __init__(self, settings: KafkaSettings, *, service: str, registry: CollectorRegistry, spans: Spans) -> None:
        super().__init__(
            settings.bootstrap_servers,
            client_id=f"backdrop-{service}",
            security=security_of(settings),
            acks="all",
            enable_idempotence=True,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            allow_auto_create_topics=False,
            apply_types=False,  # lanes read events themselves
            graceful_timeout=settings.graceful_timeout_s,
            request_timeout_ms=settings.request_timeout_ms,
            max_request_size=MAX_EVENT_BYTES,
            max_batch_size=MAX_BATCH_BYTES,
            logger=logging.getLogger("backdrop.kafka"),
            log_level=logging.DEBUG,  # of what it says of itself at a start; errors are logged as errors
        )
        self.settings = settings
        self.service = service
        self.health = Health()
        self.metrics = Metrics(registry, service=service)
        self.spans = spans
        self.watch = Watched(self.metrics, spans)
        self._readers: dict[AIOKafkaConsumer, Reader[OffsetCommitter]] = {}
        self.alone = asyncio.Lock()
        self.resting = False
        self._subscriptions: list[tuple[Any, tuple[str, ...], dict[str, Any]]] = []
        self.letters = DeadLetters(
            self.publish, self.copy, service=service, settings=settings, metrics=self.metrics, health=self.health
        )
        self.envelope = Envelope(service=service, spans=spans)
        self.counted = Counted(self.metrics, self.health)
        self.outbox = Outbox(
            self.config.broker_config, envelope=self.envelope, counted=self.counted, health=self.health
        )
        self.find_reader: ReaderOf = self.reader_of

    def subscriber(self, *topics: Any, **options: Any) -> Any:
        """As FastStream's, with our defaults. Without a group: every replica reads all of it, from the beginning."""
        options = self._defaults() | options
        if options.get("group_id") is None:
            options["ack_policy"] = AckPolicy.ACK_FIRST  # there is nothing to commit without a group
        listener = options.setdefault("listener", RebalanceListener())
        subscriber = self._in_lane(super().subscriber(*topics, **options))
        if isinstance(listener, RebalanceListener):
            listener.hand_over = partial(self._hand_over, subscriber)
        if options.get("group_id") and options.get("persistent", True):
            self._subscriptions.append((subscriber, tuple(str(topic) for topic in topics), options))
        return subscriber

    def listen_for_retries(self) -> None:
        """Let every handler hear T.retry too, in a consumer of its own, so that waiting there holds up nothing."""
        subscriptions, self._subscriptions = self._subscriptions, []
        for subscriber, topics, options in subscriptions:
            for call in list(subscriber.calls):
                listener = RebalanceListener()
                second = options | {"group_id": options["group_id"] + RETRY_SUFFIX, "listener": listener}
                retried = self._in_lane(super().subscriber(*(topic + RETRY_SUFFIX for topic in topics), **second))
                listener.hand_over = partial(self._hand_over, retried)
                retried(call.handler)

    def publisher(self, topic: str, **options: Any) -> Any:  # type: ignore[override]
        """Publishes to one topic; on a handler: what it returns goes there."""
        publisher: Any = super().publisher(topic, **options)
        publisher.publish = partial(self.outbox.publish, topic=topic)
        return publisher

    async def publish(self, message: Any, topic: str = "", **options: Any) -> Any:
        """As the outbox does: an event in its envelope, or bytes as they are. Raises KafkaError."""
        return await self.outbox.publish(message, topic, **options)

    def retries(self, group: str) -> Retries:
        """The patience with messages of a group."""
        return Retries(self.letters, group=group)

    async def start(self) -> None:
        """Connect, waiting for Kafka as long as it takes, and begin to consume.

        All consumers join at once: one after the other, as FastStream starts them, each makes all of its group that
        came before rejoin, which takes a heartbeat each time.
        """
        self.listen_for_retries()
        await self._connect_patiently()
        await asyncio.gather(*(subscriber.start() for subscriber in self.subscribers))
        for publisher in self.publishers:
            await publisher.start()
        self.running = True
        if self.resting:
            await self._rest_those_that_run()

    async def rest(self) -> None:
        """Read no more messages: what is in hand ends, and whoever else is in the group takes the partitions.

        Asked while subscribers still start, as a first message may, it stops those that run; `start` stops the others
        when they have started: aiokafka's own never returns when its consumer is stopped meanwhile.
        """
        self.resting = True
        await self._rest_those_that_run()

    async def stop(self, *raised: Any) -> None:
        """Finish the messages in hand, leave those that wait, and disconnect."""
        self.health.stop()
        await asyncio.gather(*(self._finish(subscriber) for subscriber in self.subscribers))
        await asyncio.gather(*(reader.offsets.close() for reader in self._readers.values()))
        self._readers.clear()  # from here on nothing is sent again: the producer leaves
        await super().stop(*raised)
        await asyncio.to_thread(self.spans.close)

    def tell(self, hear: Callable[[Event], None]) -> None:
        """Tell somebody of every event that is published, after the runtime counted it. Must be quick."""
        self.counted.heard.append(hear)

    def reader_of(self, consumer: Any, group: str) -> Reader[OffsetCommitter] | None:
        """How far a consumer has got and what it knows of deaths; one for each that commits, None for the others."""
        if not isinstance(consumer, AIOKafkaConsumer) or not group:
            return None
        if consumer not in self._readers:
            failed = self.metrics.commit_failures.labels(self.service).inc
            offsets = OffsetCommitter(consumer, health=self.health, on_failed_commit=failed)
            self._readers[consumer] = Reader(offsets, Deliveries(offsets, alone=self.alone))
        return self._readers[consumer]

    async def copy(
        self, topic: str, *, key: bytes | None, value: bytes | None, headers: Headers, choose: Choose | None = None
    ) -> None:
        """Publish bytes as they are, past every codec and middleware; returns when Kafka has them."""
        around: Any = self.config.broker_config.producer  # FastStream's, around aiokafka's
        producer = around._producer.producer
        partition = None if choose is None else choose(sorted(await producer.partitions_for(topic)))
        await producer.send_and_wait(topic, value=value, key=key, headers=list(headers), partition=partition)

    def _in_lane(self, subscriber: Any) -> Any:
        """Take the place of FastStream's own way from a record to a handler."""
        subscriber.lane = Lane(subscriber, self)
        subscriber.process_message = subscriber.lane.carry
        subscriber.get_msg = subscriber.lane.next
        return subscriber

    async def _rest_those_that_run(self) -> None:
        for subscriber in self.subscribers:
            if subscriber.running and getattr(subscriber, "group_id", None):
                await self._finish(subscriber)
                await subscriber.stop()

    async def _finish(self, subscriber: Any) -> None:
        """Let the message in hand end and its answers be confirmed, while the consumer can still commit."""
        subscriber.running = False
        subscriber.lane.forget()
        if isinstance(subscriber.lock, MultiLock):
            await subscriber.lock.wait_release(self.settings.graceful_timeout_s)
        await self._hand_over(subscriber)

    async def _hand_over(self, subscriber: Any) -> None:
        """Commit what is done, and say that the partitions are left in order."""
        subscriber.lane.forget()
        reader = self._readers.get(subscriber.consumer)
        if reader is not None:
            await reader.offsets.flush()
            await reader.offsets.release()
            reader.deliveries.forget()

    async def _connect_patiently(self) -> None:
        times = 0
        while True:
            try:
                await self.connect()
            except KafkaConnectionError as error:
                logging.getLogger("backdrop.kafka").warning("waits for Kafka: %s", classify(error).detail)
                with self.health.waiting("kafka_down"):
                    await self.health.pause(self.settings.pause_s(times))
                times += 1
            else:
                return

    def _defaults(self) -> dict[str, Any]:
        return {
            "auto_offset_reset": "earliest",
            "max_workers": 1,
            "no_reply": True,  # whoever sends a `reply_to` header would have this service publish where it likes
            "session_timeout_ms": self.settings.session_timeout_ms,
            "heartbeat_interval_ms": self.settings.heartbeat_interval_ms,
            "max_poll_interval_ms": self.settings.max_poll_interval_ms,
            "rebalance_timeout_ms": self.settings.rebalance_timeout_ms,
        }


def make_broker(
    settings: KafkaSettings, *, service: str, registry: CollectorRegistry, tracing: TracingSettings | None = None
) -> Broker:
    """One service's broker; hand it to `handlers.subscribe`, then to `make_service`. No spans without `tracing`."""
    spans = NoSpans() if tracing is None else spans_of(tracing, service=service)
    return Broker(settings, service=service, registry=registry, spans=spans)


def security_of(settings: KafkaSettings) -> SASLScram512 | None:
    """How the broker is told who we are; None where it does not ask."""
    if settings.security == "plaintext":
        return None
    return SASLScram512(
        username=settings.username,
        password=settings.password.get_secret_value(),
        ssl_context=ssl.create_default_context(cafile=settings.ca_file),
        use_ssl=True,
    )
