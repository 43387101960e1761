"""The whole stack: real servers of its own, and the five services as processes of their own."""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import minio_server, postgres_server
from deploy.local import stack as local
from deploy.local.places import Places
from deploy.local.processes import Process, log_of, start, stop, wait_until_ready
from deploy.local.services import services
from deploy.local.throw_away import places_apart
from deploy.provision import provision_bucket
from shared.runtime.settings import MinioSettings
from tests.conftest import provision_kafka, serving, throw_away_kafka
from tests.e2e.ad_platform import AdPlatform
from tests.fakes.tiny_inpainter import write_tiny_inpainter
from tests.forks import python

ROOT = Path(__file__).resolve().parents[2]
TINY_MODEL = "tiny"  # of the training, so that no inpainter adopts what it learns
# a picture is a picture here; what is a good one, tests of the inpainter and of the demo say
PAINTING = {"INPAINTER_STEPS": "2", "INPAINTER_JUDGE_GATE": "0"}
FROM_NOTHING = "segmenter"
BUNDLED = ("mini-segmenter", "mini-captioner", "mini-inpainter", "mini-judge", "mini-probe")


@pytest.fixture(scope="package")
def stack() -> Iterator[Places]:
    """Everything up; the shop of the test may be fetched from although it is on this machine."""
    absent = [name for name in BUNDLED if not any((ROOT / "models" / name).glob("*.json"))]
    if absent:
        pytest.fail(f"bundled models are missing: {', '.join(absent)}")
    with ExitStack() as servers:
        places = servers.enter_context(places_apart())
        for prepare in (throw_away_kafka, minio_server.minio, postgres_server.postgres):
            servers.enter_context(serving(prepare, places))
        provision_kafka(places)
        provision_bucket(MinioSettings(endpoint=f"127.0.0.1:{places.minio_port}"))
        postgres_server.create_database(places)
        local.provision(places)
        with _services(places):
            yield places


@pytest.fixture(scope="package")
def minio_settings(stack: Places) -> MinioSettings:
    """Its object store."""
    return MinioSettings(endpoint=f"127.0.0.1:{stack.minio_port}")


@contextmanager
def _services(places: Places) -> Iterator[None]:
    quick = {**_learning(places), **PAINTING}
    running = [_reaching(process, quick) for process in services(places)]
    try:
        for process in running:
            start(process, places)
        for process in running:
            wait_until_ready(process, places)
        yield
    finally:
        for process in running:
            stop(process.name, places, patience_s=30)
        if os.environ.get("CI") == "true":
            for process in running:
                print(f"== {process.name}\n{log_of(process.name, places).read_text()[-3000:]}")


def _learning(places: Places) -> dict[str, str]:
    """A few samples make a dataset, and a training of a model so small that it takes seconds."""
    bases = {TINY_MODEL: str(write_tiny_inpainter(places.var / "tiny"))}
    return {
        "CURATOR_RELEASE_EVERY": "4",
        "CURATOR_RELEASE_CHECK_S": "1",
        "CURATOR_STEPS": "6",
        "CURATOR_MODEL": TINY_MODEL,
        "CURATOR_TRAIN": '["product"]',
        "TRAINER_BASES": json.dumps(bases),
        "TRAINER_SCAN_S": "1",
        "TRAINER_SIZE": "64",
        "TRAINER_BATCH": "2",
        "TRAINER_RANK": "2",
    }


def _reaching(process: Process, quick: dict[str, str]) -> Process:
    """One begins from nothing, as all do on a stack of its own; the others need not read its libraries again."""
    allowed = {"FETCH_PRIVATE_HOSTS": '["127.0.0.1"]', "KAFKA_NOT_YET_DELAYS_S": "[1, 2]"}
    begins = process.command[:1] if process.name == FROM_NOTHING else python()
    command = (*begins, *process.command[1:])
    return replace(process, command=command, environment={**process.environment, **allowed, **quick})


@pytest.fixture
def platform(stack: Places, minio_settings: MinioSettings) -> Iterator[AdPlatform]:
    """A foreign ad platform at the stack's door."""
    visitor = AdPlatform(
        bootstrap=stack.bootstrap_servers,
        endpoint=minio_settings.endpoint,
        access_key=minio_settings.access_key,
        secret_key=minio_settings.secret_key.get_secret_value(),
        bucket=minio_settings.bucket,
    )
    yield visitor
    visitor.close()
