"""What only a real Kafka can show: topics, redelivery after a death, dead letters beside committed offsets."""

import asyncio
import contextlib
import os
import struct
import subprocess
import textwrap
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from prometheus_client import CollectorRegistry

from deploy import dead_letters, topics_admin
from deploy.provision import kafka_admin, provision_topics
from shared.contracts.errors import BadImage, DependencyDown, NotYet, Transient
from shared.contracts.events import ProductWithdrawn, SampleCurated
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.broker import Broker, make_broker
from shared.runtime.delivery import offsets
from shared.runtime.history import history
from shared.runtime.settings import KafkaSettings
from tests.forks import python

pytestmark = pytest.mark.connected

PATIENCE_S = 120.0  # only a failure takes it, on however busy a machine


def test_provisioning_again_changes_nothing(kafka_settings: KafkaSettings) -> None:
    admin = kafka_admin(kafka_settings)
    assert provision_topics(admin) == []
    assert topics_admin.missing(admin, topics_admin.wanted()) == []
    admin.close()


def test_provisioning_reports_and_mends_what_differs(kafka_settings: KafkaSettings) -> None:
    admin = kafka_admin(kafka_settings)
    topic = topics_admin.Wanted("drifting.v1", 1, {"retention.ms": "1000", "cleanup.policy": "delete"})
    topics_admin.create(admin, [topic], replication=1)
    should = [topics_admin.Wanted("drifting.v1", 2, {"retention.ms": "2000", "cleanup.policy": "delete"})]

    differs = topics_admin.drift(admin, should)
    assert [str(one) for one in differs] == [
        "drifting.v1: partitions is 1, should be 2",
        "drifting.v1: retention.ms is 1000, should be 2000",
    ]
    topics_admin.raise_partitions(admin, differs)
    topics_admin.set_settings(admin, differs)
    wait_for(lambda: topics_admin.drift(admin, should) == [])
    admin.close()


async def test_a_foreign_producer_and_consumer_see_the_whole_way(kafka_settings: KafkaSettings) -> None:
    product = f"mug-{uuid.uuid4().hex}"
    async with curating(kafka_settings, lambda product_id: None):
        await asyncio.to_thread(submit, kafka_settings, product)
        (answer,) = await asyncio.to_thread(read, kafka_settings, SAMPLE_CURATED.name, product, 1)

    headers = {name: value.decode() for name, value in answer.headers}
    assert answer.key == product.encode()
    assert headers["ce_type"] == "backdrop.SampleCurated"
    assert SampleCurated.model_validate_json(answer.value).product_id == product


async def test_poison_is_one_dead_letter_and_what_follows_on_its_partition_passes(
    kafka_settings: KafkaSettings,
) -> None:
    product = f"same-partition-{uuid.uuid4().hex}"
    calls: list[str] = []

    def fails_first(product_id: str) -> None:
        if product_id == product:
            calls.append(product_id)
        if calls == [product]:
            raise BadImage("not_an_image", "the bytes are no photo")

    async with curating(kafka_settings, fails_first):
        await asyncio.to_thread(submit, kafka_settings, product, product)
        (letter,) = await asyncio.to_thread(read, kafka_settings, PRODUCT_WITHDRAWN.dead, product, 1)
        await asyncio.to_thread(read, kafka_settings, SAMPLE_CURATED.name, product, 1)

    headers = {name: value.decode() for name, value in letter.headers}
    assert headers["x-reason"] == "not_an_image"
    assert headers["x-original-topic"] == PRODUCT_WITHDRAWN.name
    assert calls == [product, product]


async def test_a_header_that_is_not_utf8_does_not_cost_its_event(kafka_settings: KafkaSettings) -> None:
    product = f"mug-{uuid.uuid4().hex}"
    async with curating(kafka_settings, lambda product_id: None):
        await asyncio.to_thread(submit, kafka_settings, product, headers=[("odd", b"\xff\xfe")])
        await asyncio.to_thread(read, kafka_settings, SAMPLE_CURATED.name, product, 1)


async def test_a_header_whose_very_name_is_not_utf8_costs_its_own_message_and_no_other(
    kafka_settings: KafkaSettings,
) -> None:
    """As clients in C send it and Kafka keeps it: aiokafka cannot read such a record, and stood before it for ever."""
    topic, handled = f"odd-{uuid.uuid4().hex}", list[str]()
    admin = kafka_admin(kafka_settings)
    mine = [topics_admin.Wanted(f"{topic}{ending}", 1, {}) for ending in ("", ".retry", ".dead")]
    topics_admin.create(admin, mine, replication=1)
    admin.close()
    places = [await _oddly_named(kafka_settings, topic, name, f"{number}") for number, name in enumerate("xöxxßx")]
    broker = make_broker(kafka_settings, service="curator", registry=CollectorRegistry())

    @broker.subscriber(topic, group_id=topic)
    async def on_odd(event: ProductWithdrawn) -> None:
        handled.append(event.product_id)

    await broker.start()
    try:
        await asyncio.to_thread(wait_for, lambda: len(handled) == 4)
        letters = await asyncio.to_thread(read, kafka_settings, f"{topic}.dead", None, 2)
    finally:
        await broker.stop()
    assert handled == ["0", "2", "3", "5"]
    said = [dict(letter.headers) for letter in letters]
    assert [(one["x-reason"], int(one["x-original-offset"])) for one in said] == [
        (b"unreadable_record", places[number]) for number in (1, 4)
    ]
    kept = await history(kafka_settings, [topic], service="test")
    assert [one.offset for one in kept] == [places[number] for number in (0, 2, 3, 5)]


async def _oddly_named(settings: KafkaSettings, topic: str, name: str, product: str) -> int:
    """Publish a record with a header of this name in Latin-1; its offset."""
    async with AIOKafkaProducer(bootstrap_servers=settings.bootstrap_servers) as producer:
        batch, body = producer.create_batch(), ProductWithdrawn(product_id=product).model_dump_json().encode()
        batch.append(timestamp=None, key=b"odd", value=body, headers=[("name", b"L")])
        written = bytearray(batch._build().replace(b"name", name.encode("latin-1") * 4))
        struct.pack_into(">I", written, 17, calc_crc32c(bytes(written[21:])))
        batch._buffer = written
        return int((await (await producer.send_batch(batch, topic, partition=0))).offset)


async def test_a_retry_goes_through_the_retry_topic_and_succeeds(kafka_settings: KafkaSettings) -> None:
    product = f"mug-{uuid.uuid4().hex}"
    failures = [Transient("busy", "later")] * 4

    def sometimes(product_id: str) -> None:
        if product_id == product and failures:
            raise failures.pop()

    async with curating(kafka_settings, sometimes):
        await asyncio.to_thread(submit, kafka_settings, product)
        await asyncio.to_thread(read, kafka_settings, PRODUCT_WITHDRAWN.retry, product, 1)
        await asyncio.to_thread(read, kafka_settings, SAMPLE_CURATED.name, product, 1)


async def test_what_waits_shortly_on_the_retry_topic_stands_behind_nothing_that_waits_long(
    kafka_settings: KafkaSettings,
) -> None:
    run, tries = uuid.uuid4().hex, Counter[str]()
    slow, quick = f"{run}-slow", [f"{run}-{number}" for number in range(24)]  # more than there are partitions
    answer = SampleCurated(product_id=run, image_sha256="a" * 64, verdict="dropped", reason="never_came")

    def waits(product_id: str) -> None:
        if product_id.startswith(run):
            tries[product_id] += 1
        if product_id == slow:
            raise Transient("busy", "later")
        if product_id in quick and tries[product_id] == 1:
            raise NotYet("not_there_yet", "soon", answer=answer)

    settings = kafka_settings.model_copy(update={"tries": 1, "retry_delays_s": (600.0,)})
    async with curating(settings, waits):
        await asyncio.to_thread(submit, kafka_settings, slow)
        await asyncio.to_thread(read, kafka_settings, PRODUCT_WITHDRAWN.retry, slow, 1)
        await asyncio.to_thread(submit, kafka_settings, *quick)
        for product in quick:
            await asyncio.to_thread(read, kafka_settings, SAMPLE_CURATED.name, product, 1)
    assert tries == Counter(quick * 2) + Counter([slow])


async def test_stopping_while_a_dependency_is_down_leaves_the_message_for_the_next(
    kafka_settings: KafkaSettings,
) -> None:
    product, group = f"mug-{uuid.uuid4().hex}", f"g-{uuid.uuid4().hex}"
    waited = asyncio.Event()

    def down(product_id: str) -> None:
        if product_id == product:
            waited.set()
            raise DependencyDown("blobs_down", "no answer")

    async with curating(kafka_settings, down, group=group):
        await asyncio.to_thread(submit, kafka_settings, product)
        await asyncio.wait_for(waited.wait(), PATIENCE_S)
    async with curating(kafka_settings, lambda product_id: None, group=group):
        await asyncio.to_thread(read, kafka_settings, SAMPLE_CURATED.name, product, 1)


def test_a_killed_consumer_loses_nothing(kafka_settings: KafkaSettings) -> None:
    group, run = f"g-{uuid.uuid4().hex}", uuid.uuid4().hex
    products = [f"{run}-{n}" for n in range(40)]
    submit(kafka_settings, *products)
    work_and_die(kafka_settings, group, run, after=3, pace_s=0.25)  # ten seconds' work: it is seen in the middle of it
    assert 3 <= len({key for key, _ in answered(kafka_settings, run)}) < 40, "it was to die in the middle of its work"
    work_and_die(kafka_settings, group, run, after=40, pace_s=0.0)
    ids: dict[str, set[bytes]] = {}
    for key, event_id in answered(kafka_settings, run):
        ids.setdefault(key, set()).add(event_id)
    assert sorted(ids) == sorted(products)
    assert all(len(of_one) == 1 for of_one in ids.values()), "a repeated answer must carry the same id"


def work_and_die(settings: KafkaSettings, group: str, run: str, *, after: int, pace_s: float) -> None:
    """A worker of its own, killed as soon as so many products of the run have been answered."""
    with worker(WORKER, settings, group, str(pace_s)):
        wait_until_answered(settings, run, after)


WORKER = textwrap.dedent("""
    import asyncio, sys, time
    from prometheus_client import CollectorRegistry
    from shared.runtime.broker import make_broker
    from shared.runtime.settings import KafkaSettings
    from tests.connected.test_kafka import answer_withdrawals

    async def main():
        broker = make_broker(KafkaSettings.model_validate_json(sys.argv[1]), service="curator", registry=CollectorRegistry())
        answer_withdrawals(broker, lambda product_id: time.sleep(float(sys.argv[3])), group=sys.argv[2])
        await broker.start()
        await asyncio.sleep(300)

    asyncio.run(main())
""")  # noqa: E501


def answer_withdrawals(broker: Broker, use_case: Callable[[str], None], *, group: str) -> None:
    out = broker.publisher(SAMPLE_CURATED.name)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id=group)
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        use_case(event.product_id)
        await out.publish(
            SampleCurated(product_id=event.product_id, image_sha256="a" * 64, verdict="dropped", reason="withdrawn")
        )


@asynccontextmanager
async def curating(
    settings: KafkaSettings, use_case: Callable[[str], None], *, group: str | None = None
) -> AsyncIterator[Broker]:
    broker = make_broker(settings, service="curator", registry=CollectorRegistry())
    answer_withdrawals(broker, use_case, group=group or f"g-{uuid.uuid4().hex}")
    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


def submit(
    settings: KafkaSettings,
    *products: str,
    headers: list[tuple[str, bytes]] | None = None,
    partition: int | None = None,
) -> None:
    """As a foreign client does: kafka-python, plain JSON, no envelope."""
    with contextlib.closing(KafkaProducer(bootstrap_servers=settings.bootstrap_servers, acks="all")) as producer:
        for product in products:
            body = ProductWithdrawn(product_id=product).model_dump_json().encode()
            producer.send(
                PRODUCT_WITHDRAWN.name, value=body, key=product.encode(), headers=headers or [], partition=partition
            )
        producer.flush()


def read(  # type: ignore[type-arg]
    settings: KafkaSettings, topic: str, key: str | None, count: int, patience_s: float = PATIENCE_S
) -> list:
    """The records of one key, or of none, once there are `count`."""
    named = None if key is None else key.encode()
    found = []
    limit = time.monotonic() + patience_s
    with contextlib.closing(_reader(settings, topic)) as consumer:
        while len(found) < count:
            assert time.monotonic() < limit, f"{len(found)} of {count} records of {key} on {topic}"
            for records in consumer.poll(timeout_ms=200).values():
                found += [record for record in records if record.key == named]
    return found


def answered(settings: KafkaSettings, run: str) -> list[tuple[str, bytes]]:
    """Key and event id of every answer to this run's products so far."""
    places = [TopicPartition(SAMPLE_CURATED.name, number) for number in range(SAMPLE_CURATED.partitions)]
    servers, found, limit = settings.bootstrap_servers, [], time.monotonic() + PATIENCE_S
    with contextlib.closing(KafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest")) as consumer:
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < end for place, end in ends.items()):
            assert time.monotonic() < limit, "the topic is not read to its end"
            found += [record for some in consumer.poll(timeout_ms=500).values() for record in some]
    return [(r.key.decode(), dict(r.headers)["ce_id"]) for r in found if r.key.decode().startswith(run)]


def wait_until_answered(settings: KafkaSettings, run: str, enough: int) -> None:
    """One reader that returns with the very answer that is enough: until a topic falls silent, the work is done."""
    seen: set[bytes] = set()
    limit = time.monotonic() + PATIENCE_S
    with contextlib.closing(_reader(settings, SAMPLE_CURATED.name)) as consumer:
        while len(seen) < enough:
            assert time.monotonic() < limit, f"{len(seen)} of {enough} products are answered"
            for records in consumer.poll(timeout_ms=200).values():
                seen |= {record.key for record in records if record.key.startswith(run.encode())}


def _reader(settings: KafkaSettings, topic: str) -> KafkaConsumer:
    """Its first question for the topic's partitions may miss them and is not repeated for five minutes by default."""
    servers = settings.bootstrap_servers
    return KafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest", metadata_max_age_ms=1_000)


def wait_for(condition: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    limit = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.2)


async def test_a_dead_letter_is_replayed_once_it_can_succeed_and_only_once(kafka_settings: KafkaSettings) -> None:
    product, mended = f"mug-{uuid.uuid4().hex}", False

    def broken(product_id: str) -> None:
        if product_id == product and not mended:
            raise BadImage("not_an_image", "the bytes are no photo")

    def mine() -> list[dead_letters.Letter]:
        return [
            one for one in dead_letters.read(kafka_settings, [PRODUCT_WITHDRAWN.name]) if one.key == product.encode()
        ]

    async with curating(kafka_settings, broken):
        await asyncio.to_thread(submit, kafka_settings, product)
        await asyncio.to_thread(read, kafka_settings, PRODUCT_WITHDRAWN.dead, product, 1)
        found = await asyncio.to_thread(mine)
        assert [(one.said("x-reason"), one.replays) for one in found] == [("not_an_image", 0)]
        await asyncio.to_thread(dead_letters.replay, kafka_settings, found)  # too early: nothing is mended
        await asyncio.to_thread(read, kafka_settings, PRODUCT_WITHDRAWN.dead, product, 2)
        twice = await asyncio.to_thread(mine)
        assert sorted(one.replays for one in twice) == [0, 1]
        assert dead_letters.died_again(twice) == {one.origin for one in twice} == {found[0].place}
        mended = True
        await asyncio.to_thread(dead_letters.replay, kafka_settings, found)
        await asyncio.to_thread(read, kafka_settings, SAMPLE_CURATED.name, product, 1)


def test_a_message_that_kills_its_worker_twice_is_buried_by_the_third_and_the_one_behind_it_passes(
    kafka_settings: KafkaSettings,
) -> None:
    group, run = f"g-{uuid.uuid4().hex}", uuid.uuid4().hex
    on_one_partition = [f"{run}-{name}" for name in ("before", "killer", "behind")]
    submit(kafka_settings, *on_one_partition, partition=0)
    for _ in range(2):
        with worker(KILLED_WORKER, kafka_settings, group) as process:
            assert process.wait(PATIENCE_S) == 9, "it was to be killed by its message"
    with worker(KILLED_WORKER, kafka_settings, group) as process:
        (letter,) = read(kafka_settings, PRODUCT_WITHDRAWN.dead, f"{run}-killer", 1)
        for product in (on_one_partition[0], on_one_partition[2]):
            read(kafka_settings, SAMPLE_CURATED.name, product, 1)
        assert process.poll() is None
    headers = {name: value.decode() for name, value in letter.headers}
    assert (headers["x-reason"], headers["x-attempts"]) == ("killed_its_worker", "2")


def test_a_worker_that_is_stopped_in_order_or_loses_its_partitions_was_not_killed(
    kafka_settings: KafkaSettings,
) -> None:
    group, product = f"g-{uuid.uuid4().hex}", f"{uuid.uuid4().hex}-slow"
    submit(kafka_settings, product)
    impatient = kafka_settings.model_copy(update={"graceful_timeout_s": 0.1})

    async def stopped_while_in_hand() -> None:
        in_hand = asyncio.Event()

        def down(product_id: str) -> None:
            if product_id == product:
                in_hand.set()
                raise DependencyDown("blobs_down", "no answer")

        async with curating(impatient, down, group=group), asyncio.timeout(PATIENCE_S):
            await in_hand.wait()
            async with curating(impatient, lambda _: None, group=group + "-other"):
                pass

    async def finally_handled() -> None:
        async with curating(kafka_settings, lambda _: None, group=group):
            await asyncio.to_thread(read, kafka_settings, SAMPLE_CURATED.name, product, 1)

    for _ in range(3):
        asyncio.run(stopped_while_in_hand())
    asyncio.run(finally_handled())


@contextlib.contextmanager
def worker(script: str, settings: KafkaSettings, group: str, *more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of its own, killed at the end if it still lives."""
    process = subprocess.Popen(
        [*python(), "-c", script, settings.model_dump_json(), group, *more],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"PYTHONPATH": "."},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


KILLED_WORKER = textwrap.dedent("""
    import asyncio, os, sys
    from prometheus_client import CollectorRegistry
    from shared.runtime.broker import make_broker
    from shared.runtime.settings import KafkaSettings
    from tests.connected.test_kafka import answer_withdrawals

    def kills(product_id):
        if product_id.endswith("-killer"):
            os._exit(9)

    async def main():
        broker = make_broker(KafkaSettings.model_validate_json(sys.argv[1]), service="curator", registry=CollectorRegistry())
        answer_withdrawals(broker, kills, group=sys.argv[2])
        await broker.start()
        await asyncio.sleep(300)

    asyncio.run(main())
""")  # noqa: E501


async def test_after_an_answer_that_its_topic_refuses_the_service_asks_to_be_restarted_and_loses_nothing(
    kafka_settings: KafkaSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The idempotent producer stays out of sequence after an error that cannot be retried: only a new one helps."""
    monkeypatch.setattr(offsets, "RESEND_AFTER_S", 0.05)
    group, run = f"g-{uuid.uuid4().hex}", uuid.uuid4().hex
    admin = kafka_admin(kafka_settings)
    narrow = topics_admin.Wanted(f"narrow-{run}", 1, {"max.message.bytes": "900"})
    topics_admin.create(admin, [narrow], replication=1)
    admin.close()
    first, large, small = (f"{run}-{name}" for name in ("first", "large", "small"))
    submit(kafka_settings, first, partition=0)

    @asynccontextmanager
    async def answering() -> AsyncIterator[Broker]:
        broker = make_broker(kafka_settings, service="curator", registry=CollectorRegistry())

        @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id=group)
        async def on_withdrawn(event: ProductWithdrawn) -> None:
            if event.product_id.startswith(run):
                reason = "x" * (1000 if event.product_id == large else 1)
                await broker.publish(
                    ProductWithdrawn(product_id=event.product_id, reason=reason), topic=narrow.name, partition=0
                )

        await broker.start()
        try:
            yield broker
        finally:
            await broker.stop()

    async with answering() as broker:
        await asyncio.to_thread(read, kafka_settings, narrow.name, first, 1)  # from here on its sequence is known
        await asyncio.to_thread(submit, kafka_settings, large, small, partition=0)
        (letter,) = await asyncio.to_thread(read, kafka_settings, PRODUCT_WITHDRAWN.dead, large, 1)
        await asyncio.to_thread(wait_for, lambda: broker.health.failed is not None)
        assert "OutOfOrderSequenceNumber" in (broker.health.failed or "")
    assert dict(letter.headers)["x-reason"] == b"event_too_large"
    async with answering():
        await asyncio.to_thread(read, kafka_settings, narrow.name, small, 1)
