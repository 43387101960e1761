"""Processes, the broker and the store are killed at random; nothing is lost, nothing is doubled, poison is named.

FAULT_PRODUCTS and FAULT_SEED make it longer or repeat it.
"""

import contextlib
import os
import random
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaConsumer, KafkaProducer

from deploy.local import kafka_server, minio_server
from deploy.local.places import Places
from deploy.local.processes import Process, find, start, wait_until_ready
from shared.contracts.events import ImageSource, ProductSubmitted
from shared.contracts.topics import PRODUCT_SUBMITTED, SAMPLE_CURATED
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings
from tests.forks import python

pytestmark = [pytest.mark.connected, pytest.mark.timeout(600)]

PRODUCTS = int(os.environ.get("FAULT_PRODUCTS", "200"))
SEED = int(os.environ.get("FAULT_SEED", "20261122"))
POISON_EVERY = 20
WORKER = Path(__file__).with_name("fault_worker.py")


class Workers:
    """Two processes of each stage, replaced when one is killed."""

    def __init__(self, kafka: KafkaSettings, minio: MinioSettings) -> None:
        secret = minio.model_dump_json().replace("**********", minio.secret_key.get_secret_value())
        self._settings = (kafka.model_dump_json(), secret)
        self.running = [self._begin(stage) for stage in ("first", "first", "second", "second")]

    def kill_one(self, dice: random.Random) -> str:
        """Kill a worker in the middle of whatever it does, and begin another."""
        place = dice.randrange(len(self.running))
        stage, victim = self.running[place]
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        self.running[place] = self._begin(stage)
        return f"a worker of the {stage} stage"

    def end(self) -> None:
        """No more of them."""
        for _, worker in self.running:
            worker.kill()
            worker.wait()

    def _begin(self, stage: str) -> "tuple[str, subprocess.Popen[bytes]]":
        return stage, subprocess.Popen([*python(), str(WORKER), stage, *self._settings])


@pytest.fixture
def workers(kafka_settings: KafkaSettings, minio_settings: MinioSettings) -> Iterator[Workers]:
    workers = Workers(kafka_settings, minio_settings)
    yield workers
    workers.end()


def test_nothing_is_lost_or_doubled_while_everything_is_killed(
    places: Places, kafka_settings: KafkaSettings, minio_settings: MinioSettings, workers: Workers
) -> None:
    dice, run = random.Random(SEED), uuid.uuid4().hex[:8]
    MinioBlobs(minio_settings).put("images/fault.jpg", b"a photo", "image/jpeg")
    good, poison = submit(run, kafka_settings, range(2))
    all_of(kafka_settings, SAMPLE_CURATED.name, run, len(good))  # now the workers are awake
    moments = []
    faults: list[Callable[[], str]] = [
        *[lambda: workers.kill_one(dice)] * 4,
        lambda: crash(kafka_server.kafka(places), places),
        lambda: crash(minio_server.minio(places), places),
    ]
    dice.shuffle(faults)
    for number, fault in enumerate(faults):
        more, worse = submit(run, kafka_settings, share(number, len(faults)))
        good, poison = good | more, poison | worse
        time.sleep(dice.uniform(0.05, 0.5))
        moments.append((time.time(), good))
        print(f"seed {SEED}: killed {fault()}", flush=True)

    answers = all_of(kafka_settings, SAMPLE_CURATED.name, run, len(good))
    letters = all_of(kafka_settings, PRODUCT_SUBMITTED.dead, run, len(poison))
    assert answers.keys() == good
    assert letters.keys() == poison
    for records in answers.values():
        ids = {dict(record.headers)["ce_id"] for record in records}
        assert len(ids) == 1, "every repetition of an answer carries the same id"
    for moment, submitted in moments:
        late = [name for name in submitted if first_s(answers[name]) > moment]
        assert late, "there was nothing left to do when this fault came"


def share(number: int, of: int) -> range:
    """The products that are submitted right before a fault; two went ahead."""
    rest = PRODUCTS - 2
    return range(2 + rest * number // of, 2 + rest * (number + 1) // of)


def first_s(records: list[Any]) -> float:
    """When a product was answered first, seconds since 1970."""
    return min(float(record.timestamp) for record in records) / 1000


def submit(run: str, kafka: KafkaSettings, numbers: range) -> tuple[set[str], set[str]]:
    """Numbered products, each twentieth without its photo; returns who must be answered and who must not."""
    names = [f"{run}-{n:05d}" for n in numbers]
    poison = {name for n, name in zip(numbers, names, strict=True) if n % POISON_EVERY == 0}
    with contextlib.closing(KafkaProducer(bootstrap_servers=kafka.bootstrap_servers, acks="all")) as producer:
        for name in names:
            key = "images/never-uploaded.jpg" if name in poison else "images/fault.jpg"
            event = ProductSubmitted(product_id=name, image=ImageSource(key=key))
            producer.send(PRODUCT_SUBMITTED.name, event.model_dump_json().encode(), key=name.encode())
        producer.flush()
    return set(names) - poison, poison


def crash(server: Process, places: Places) -> str:
    """Kill a server without warning, leave it dead for a while, start it again on the same data."""
    running = find(server.name, places)
    assert running is not None
    running.kill()
    running.wait(10)
    time.sleep(2.0)
    start(server, places)
    wait_until_ready(server, places)
    return server.name


def all_of(kafka: KafkaSettings, topic: str, run: str, count: int, patience_s: float = 240.0) -> dict[str, list[Any]]:
    """Records by product of this run on a topic, once there are `count` products and a moment longer."""
    found: dict[str, list[Any]] = {}
    limit = time.monotonic() + patience_s
    servers = kafka.bootstrap_servers
    consumer = KafkaConsumer(topic, bootstrap_servers=servers, auto_offset_reset="earliest", metadata_max_age_ms=1_000)
    with contextlib.closing(consumer):
        while time.monotonic() < limit:
            if len(found) >= count:
                limit = min(limit, time.monotonic() + 3.0)
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    if (name := (record.key or b"").decode()).startswith(run):
                        found.setdefault(name, []).append(record)
    return found
