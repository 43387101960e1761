"""Events per second through one process with a handler that does nothing: ours, bare aiokafka, and plain FastStream.

    python -m benchmarks.event_rate [--messages 12000] [--rounds 4]

Each consumes, validates, answers with one event and commits, at least once, against one real Kafka in the same run.
Bare aiokafka sends up to 500 answers, awaits them together and commits once: the fastest loop that loses nothing.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer  # type: ignore[import-untyped]
from faststream.kafka import KafkaBroker
from faststream.middlewares import AckPolicy
from kafka import KafkaProducer
from prometheus_client import CollectorRegistry

from benchmarks.load.platform import say
from deploy.local import kafka_server
from deploy.local.places import apart
from deploy.local.processes import start, stop, wait_until_ready
from deploy.provision import kafka_admin, provision_topics
from shared.contracts.events import ProductWithdrawn, SampleCurated
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.broker import make_broker
from shared.runtime.service import calm_collector
from shared.runtime.settings import KafkaSettings

RESULTS = Path(__file__).parent / "results" / "event_rate.md"
BATCH = 500
Way = Callable[[str, int], Coroutine[None, None, float]]


def answer_to(event: ProductWithdrawn) -> SampleCurated:
    return SampleCurated(product_id=event.product_id, image_sha256="a" * 64, verdict="dropped", reason="withdrawn")


async def bare(servers: str, count: int) -> float:
    consumer = AIOKafkaConsumer(
        PRODUCT_WITHDRAWN.name,
        bootstrap_servers=servers,
        group_id=uuid.uuid4().hex,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True)
    await producer.start()
    await consumer.start()
    done, began = 0, 0.0
    while done < count:
        records = [one for some in (await consumer.getmany(timeout_ms=200, max_records=BATCH)).values() for one in some]
        began = began or (time.perf_counter() if records else 0.0)
        answers = [answer_to(ProductWithdrawn.model_validate_json(one.value)) for one in records]
        sent = [
            await producer.send(SAMPLE_CURATED.name, one.model_dump_json().encode(), key=one.key.encode())
            for one in answers
        ]
        await asyncio.gather(*sent)
        if records:
            await consumer.commit()
        done += len(records)
    took = time.perf_counter() - began
    await consumer.stop()
    await producer.stop()
    return count / took


async def plain_faststream(servers: str, count: int) -> float:
    """Its own decorators with the two settings that keep messages: commit after success, start at the earliest."""
    broker = KafkaBroker(servers, acks="all", enable_idempotence=True, ack_policy=AckPolicy.NACK_ON_ERROR, logger=None)
    clock = Clock(count)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id=uuid.uuid4().hex, auto_offset_reset="earliest")
    @broker.publisher(SAMPLE_CURATED.name)
    async def on_withdrawn(event: ProductWithdrawn) -> SampleCurated:
        clock.tick()
        return answer_to(event)

    await broker.start()
    await clock.finished.wait()
    await broker.stop()
    return clock.rate()


async def ours(servers: str, count: int) -> float:
    """What every service runs: envelope, trace, metrics, retries and dead letters included."""
    broker = make_broker(KafkaSettings(bootstrap_servers=servers), service="bench", registry=CollectorRegistry())
    out = broker.publisher(SAMPLE_CURATED.name)
    clock = Clock(count)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id=uuid.uuid4().hex)  # type: ignore[untyped-decorator]
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        await out.publish(answer_to(event))
        clock.tick()

    await broker.start()
    await clock.finished.wait()
    await broker.stop()  # returns when every answer is confirmed and every offset committed
    clock.stop()
    return clock.rate()


class Clock:
    """From the first message to the last."""

    def __init__(self, count: int) -> None:
        self.left = self.count = count
        self.began = self.ended = 0.0
        self.finished = asyncio.Event()

    def tick(self) -> None:
        """One more message."""
        self.began = self.began or time.perf_counter()
        self.left -= 1
        if self.left == 0:
            self.stop()
            self.finished.set()

    def stop(self) -> None:
        """The end is now."""
        self.ended = time.perf_counter()

    def rate(self) -> float:
        """Messages per second."""
        return self.count / (self.ended - self.began)


def feed(servers: str, count: int) -> None:
    producer = KafkaProducer(bootstrap_servers=servers, acks="all")
    reason = "withdrawn by its owner, and said at the length that such reasons have in practice. " * 3
    for n in range(count):
        event = ProductWithdrawn(product_id=f"product-{n}", reason=reason)
        say(producer, event)
    producer.flush()
    producer.close()


@dataclass(frozen=True)
class EventRate:
    """One way in one round: events a second by the clock, and by the processor time of its process alone."""

    by_clock: float
    by_cpu: float


def measure(servers: str, count: int, rounds: int) -> dict[str, list[EventRate]]:
    """All ways in turn, round by round: what else the machine does meets them alike."""
    ways: dict[str, Way] = {"bare aiokafka, batched": bare, "plain FastStream": plain_faststream, "Backdrop": ours}
    rates: dict[str, list[EventRate]] = {name: [] for name in ways}
    for turn in range(rounds):
        for name, way in ways.items():
            began = time.process_time()
            by_clock = asyncio.run(way(servers, count))
            rates[name].append(EventRate(by_clock, count / (time.process_time() - began)))
            print(f"round {turn + 1}  {name:<24} {by_clock:>9,.0f} events/s", flush=True)
    return rates


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--messages", type=int, default=12_000)
    parser.add_argument("--rounds", type=int, default=4)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="backdrop-bench-"))
    places = apart(folder)
    kafka = kafka_server.kafka(places)
    try:
        start(kafka, places)
        wait_until_ready(kafka, places)
        provision_topics(kafka_admin(KafkaSettings(bootstrap_servers=places.bootstrap_servers)))
        feed(places.bootstrap_servers, options.messages)
        calm_collector()  # as every service at its start, and here for all ways alike
        rates = measure(places.bootstrap_servers, options.messages, options.rounds)
    finally:
        stop("kafka", places)
        shutil.rmtree(folder, ignore_errors=True)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(report(rates, options.messages))


def report(rates: dict[str, list[EventRate]], messages: int) -> str:
    """Ratios of the same round, for rates depend on the machine and on what else it does."""
    rows = [
        f"| {name} | {_each(f'{rate.by_clock:,.0f}' for rate in some)} | {_each(_ratios(some, rates, 'by_clock'))} "
        f"| {_each(_ratios(some, rates, 'by_cpu'))} | {1e6 / max(rate.by_cpu for rate in some):.0f} |"
        for name, some in rates.items()
    ]
    command = f"python -m benchmarks.event_rate --messages {messages} --rounds {len(next(iter(rates.values())))}"
    of_what = "messages of about 350 bytes in their envelope, 12 partitions, one process, one Kafka node"
    head = f"{messages:,} {of_what}; rounds side by side."
    table = "\n".join(
        [
            "| | events/s by round | of bare, by the clock | of bare, by its own processor time | µs an event |",
            "|---|---|---|---|---|",
            *rows,
        ]
    )
    return f"# Events per second, a handler that does nothing\n\n{head}\n`{command}`\n\n{table}\n"


def _ratios(some: list[EventRate], rates: dict[str, list[EventRate]], by: str) -> Iterator[str]:
    for rate, bare_rate in zip(some, rates["bare aiokafka, batched"], strict=True):
        yield f"{getattr(rate, by) / getattr(bare_rate, by):.0%}"


def _each(words: Iterable[str]) -> str:
    return " / ".join(words)


if __name__ == "__main__":
    main()
