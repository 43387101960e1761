"""What a log in memory leaves on disk: everything, in order, without what is over."""

import time
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from prometheus_client import CollectorRegistry

from shared.contracts.errors import BadRequest
from shared.contracts.events import ProductWithdrawn
from shared.contracts.topics import DAY_MS, MODEL_PROMOTED, PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.broker import Broker, make_broker
from shared.runtime.in_hand import PendingPublishes
from shared.runtime.lags import memory_lags
from shared.runtime.memory.broker import memory_broker
from shared.runtime.memory.journal import Journal, JournalEntry
from shared.runtime.memory.log import MemoryLog
from shared.runtime.settings import KafkaSettings


def a_broker(heard: list[str]) -> Broker:
    broker = make_broker(KafkaSettings(tries=1), service="curator", registry=CollectorRegistry())

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="curator")
    async def on_event(event: ProductWithdrawn) -> None:
        heard.append(event.product_id)

    return broker


async def said(broker: Broker, *names: str) -> None:
    for name in names:
        await broker.publish(ProductWithdrawn(product_id=name), PRODUCT_WITHDRAWN.name, key=name.encode())


async def test_what_was_handled_is_not_handled_again_after_a_restart_and_the_rest_is(tmp_path: Path) -> None:
    heard: list[str] = []
    journal = Journal(tmp_path / "topics.jsonl")
    broker = a_broker(heard)
    async with memory_broker(broker, log=MemoryLog(journal)) as log:
        await said(broker, "a", "b")
        await log.settled()
    log.append(PRODUCT_WITHDRAWN.name, b"c", ProductWithdrawn(product_id="c").model_dump_json().encode(), [])
    journal.close()

    again: list[str] = []
    journal = Journal(tmp_path / "topics.jsonl")
    async with memory_broker(a_broker(again), log=MemoryLog(journal)) as log:
        await log.settled()
        assert [record.offset for record in log.said(PRODUCT_WITHDRAWN.name)] == [0, 1, 2]
    journal.close()
    assert (heard, again) == (["a", "b"], ["c"])


def test_bytes_of_any_kind_come_back_as_they_were(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "topics.jsonl")
    headers = [("a", b"\xff\x00"), ("b", None)]
    now = int(time.time() * 1000)
    entry = JournalEntry(PRODUCT_WITHDRAWN.name, 0, now, b"\xfe", None, headers)
    journal.append(entry)
    journal.close()
    assert Journal(tmp_path / "topics.jsonl").kept.entries == [entry]


def test_a_second_writer_is_refused_until_the_first_has_closed(tmp_path: Path) -> None:
    path = tmp_path / "topics.jsonl"
    first = Journal(path)
    with pytest.raises(BadRequest, match="another process keeps"):
        Journal(path, patience_s=0)
    first.append(JournalEntry(PRODUCT_WITHDRAWN.name, 0, int(time.time() * 1000), b"a", b"{}", []))
    first.close()
    assert [entry.offset for entry in Journal(path).kept.entries] == [0]


def test_a_line_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "topics.jsonl"
    journal = Journal(path)
    journal.append(JournalEntry(PRODUCT_WITHDRAWN.name, 0, 1, b"a", b"{}", []))
    journal.close()
    path.write_text(path.read_text() + '{"topic": "product.wi')
    kept = Journal(path).kept
    assert [entry.offset for entry in kept.entries] == [0] and kept.nexts == {PRODUCT_WITHDRAWN.name: 1}


def test_old_messages_go_and_their_numbers_stay(tmp_path: Path) -> None:
    path = tmp_path / "topics.jsonl"
    now = int(time.time() * 1000)
    journal = Journal(path)
    journal.append(JournalEntry(SAMPLE_CURATED.name, 0, now - 15 * DAY_MS, b"a", b"{}", []))
    journal.append(JournalEntry(SAMPLE_CURATED.dead, 0, now - 31 * DAY_MS, b"a", b"{}", []))
    journal.append(JournalEntry(MODEL_PROMOTED.name, 0, now - 900 * DAY_MS, b"a", b"{}", []))
    journal.commit("curator", TopicPartition(SAMPLE_CURATED.name, 0), 1)
    journal.close()
    Journal(path).close()
    kept = Journal(path).kept
    assert [entry.topic for entry in kept.entries] == [MODEL_PROMOTED.name]
    assert kept.nexts[SAMPLE_CURATED.name] == 1 and kept.commits == {
        ("curator", TopicPartition(SAMPLE_CURATED.name, 0)): 1
    }


def test_a_line_that_cannot_be_read_costs_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "topics.jsonl"
    path.write_text('[1, 2]\n{"topic": "model.promoted.v1"}\n{"group": "a", "topic": "t", "done": 3}\n')
    assert Journal(path).kept.commits == {("a", TopicPartition("t", 0)): 3}


def test_a_journal_makes_the_folders_it_lies_in(tmp_path: Path) -> None:
    path = tmp_path / "state" / "log" / "topics.jsonl"
    Journal(path).close()
    assert path.read_text() == "" and set(path.parent.iterdir()) == {path, path.with_suffix(".lock")}


def test_messages_live_as_long_as_kafka_would_keep_them(tmp_path: Path) -> None:
    path, now = tmp_path / "topics.jsonl", int(time.time() * 1000)
    ages = {SAMPLE_CURATED.name: 13, SAMPLE_CURATED.dead: 29, f"{SAMPLE_CURATED.name}.retry": 29, "elsewhere.v1": 9000}
    journal = Journal(path)
    for topic, days in ages.items():
        journal.append(JournalEntry(topic, 0, now - days * DAY_MS, b"a", b"{}", []))
    journal.append(JournalEntry(f"{SAMPLE_CURATED.name}.retry", 1, now - 31 * DAY_MS, b"a", b"{}", []))
    journal.close()
    kept = Journal(path).kept
    assert {entry.topic: entry.offset for entry in kept.entries} == dict.fromkeys(ages, 0)
    assert kept.nexts[f"{SAMPLE_CURATED.name}.retry"] == 2


async def test_each_partition_is_committed_by_itself_and_a_restart_knows_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "topics.jsonl")
    log = MemoryLog(journal)
    waits, quick = (log.append("t.retry", None, None, (), partition=number) for number in (1, 0))
    await log.read_by("curator").finished([quick], PendingPublishes())
    journal.close()
    journal = Journal(tmp_path / "topics.jsonl")
    log = MemoryLog(journal)
    offsets = log.read_by("curator")
    assert [(record.partition, offsets.has(record)) for record in log.records] == [(1, False), (0, True)]
    assert (waits.offset, quick.offset) == (0, 1), "of the topic"
    assert memory_lags(log) == {("curator", "t.retry"): 1}


async def test_what_a_group_has_not_handled_is_its_lag(tmp_path: Path) -> None:
    broker = a_broker([])
    async with memory_broker(broker) as log:
        await said(broker, "a")
        await log.settled()
    log.append(PRODUCT_WITHDRAWN.name, b"b", b"{}", [])
    log.append(PRODUCT_WITHDRAWN.name, b"c", b"{}", [])
    assert memory_lags(log) == {("curator", PRODUCT_WITHDRAWN.name): 2}
