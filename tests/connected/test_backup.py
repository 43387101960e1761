"""A copy of everything, restored beside the original: what was answered is not answered again, the rest is."""

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from prometheus_client import CollectorRegistry

from deploy.local.throw_away import places_apart
from deploy.provision import provision_bucket
from services.curator.migrations import upgrade
from services.curator.store.catalogue import SqlCatalogue
from shared.contracts.blobs import stage_key
from shared.contracts.events import ProductWithdrawn, SampleCurated
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.database.sessions import open_engine
from shared.runtime.broker import Broker, make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings
from tests.conftest import provision_kafka, serving, throw_away_kafka
from tests.connected.test_kafka import answered, read, submit

pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 300.0


@pytest.fixture
def elsewhere(kafka_settings: KafkaSettings) -> Iterator[KafkaSettings]:
    """A second Kafka, provisioned and unused."""
    with places_apart() as places, serving(throw_away_kafka, places):
        provision_kafka(places)
        yield kafka_settings.model_copy(update={"bootstrap_servers": places.bootstrap_servers})


@asynccontextmanager
async def stage(kafka: KafkaSettings, blobs: MinioBlobs, group: str, handled: list[str]) -> AsyncIterator[Broker]:
    """Answers each product once, by its manifest, as every service does; `handled` are those it had to work on."""
    broker = make_broker(kafka, service="curator", registry=CollectorRegistry())
    out = broker.publisher(SAMPLE_CURATED.name)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id=group)
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        if not event.product_id.startswith(group):
            return
        answer = SampleCurated(
            product_id=event.product_id,
            image_sha256="a" * 64,
            verdict="dropped",
            reason="withdrawn",
            scores={"work": float(len(handled))},
        )
        key, body = stage_key(event.product_id, "curated"), answer.model_dump_json().encode()
        if await asyncio.to_thread(blobs.put_if_absent, key, body, "application/json"):
            handled.append(event.product_id)
        await out.publish(SampleCurated.model_validate_json(await asyncio.to_thread(blobs.get, key)))

    await broker.start()
    try:
        yield broker
    finally:
        await broker.stop()


def backup(verb: str, folder: Path, kafka: KafkaSettings, minio: MinioSettings) -> "subprocess.CompletedProcess[str]":
    """The command of docs/upkeep.md."""
    where = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
        "MINIO_ENDPOINT": minio.endpoint,
        "MINIO_BUCKET": minio.bucket,
    }
    command = [sys.executable, "-m", "deploy.backup", verb, str(folder)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | where, capture_output=True, text=True)


def well(done: "subprocess.CompletedProcess[str]") -> None:
    assert done.returncode == 0, done.stdout + done.stderr


async def test_after_a_restore_nothing_is_answered_twice_and_what_waited_is_answered(
    kafka_settings: KafkaSettings, elsewhere: KafkaSettings, minio_settings: MinioSettings, tmp_path: Path
) -> None:
    run = uuid.uuid4().hex
    done, waiting = [f"{run}-done-{n}" for n in range(3)], [f"{run}-waits-{n}" for n in range(3)]
    before, after = list[str](), list[str]()
    submit(kafka_settings, *done)
    async with stage(kafka_settings, MinioBlobs(minio_settings), run, before):
        for product in done:
            await asyncio.to_thread(read, kafka_settings, SAMPLE_CURATED.name, product, 1, PATIENCE_S)
    submit(kafka_settings, *waiting)
    said = dict(answered(kafka_settings, run))

    well(backup("save", tmp_path / "copy", kafka_settings, minio_settings))
    restored = minio_settings.model_copy(update={"bucket": f"restored-{run[:12]}"})
    provision_bucket(restored)
    well(backup("restore", tmp_path / "copy", elsewhere, restored))

    assert dict(answered(elsewhere, run)) == said, "what was said is there, with its ids"
    async with stage(elsewhere, MinioBlobs(restored), run, after):
        for product in waiting:
            await asyncio.to_thread(read, elsewhere, SAMPLE_CURATED.name, product, 1, PATIENCE_S)
    answers = answered(elsewhere, run)
    assert sorted(product for product, _ in answers) == sorted(done + waiting), "each once"
    assert sorted(before) == sorted(done) and sorted(after) == sorted(waiting)

    refused = backup("restore", tmp_path / "copy", elsewhere, restored)
    assert refused.returncode == 1 and "is not empty" in refused.stderr


def test_a_catalogue_that_was_dumped_and_restored_still_knows_who_withdrew(postgres_dsn: str, tmp_path: Path) -> None:
    run = uuid.uuid4().hex[:12]
    ours = postgres_dsn.rpartition("/")[0]  # as SQLAlchemy wants it; the tools of PostgreSQL know no driver
    server = ours.replace("postgresql+psycopg", "postgresql")
    for name in ("catalogue", "restored"):
        with psycopg.connect(f"{server}/postgres", autocommit=True) as owner:
            owner.execute(f"CREATE DATABASE {name}_{run}")
    upgrade(f"{ours}/catalogue_{run}")
    known = SqlCatalogue(open_engine(f"{ours}/catalogue_{run}"))
    known.withdraw("mug", "by its owner", 7)

    copy = str(tmp_path / "catalogue.dump")
    subprocess.run(["pg_dump", "-Fc", "-d", f"{server}/catalogue_{run}", "-f", copy], check=True)
    subprocess.run(["pg_restore", "--no-owner", "-d", f"{server}/restored_{run}", copy], check=True)

    again = SqlCatalogue(open_engine(f"{ours}/restored_{run}"))
    assert again.trouble() is None
    with psycopg.connect(f"{server}/restored_{run}") as reading:
        assert reading.execute("SELECT count(*) FROM withdrawn WHERE product_id = 'mug'").fetchone() == (1,)
