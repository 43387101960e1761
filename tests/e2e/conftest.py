"""The whole stack: real servers, and the five services as processes of their own."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.places import Places
from deploy.local.processes import Process, log_of, start, stop, wait_until_ready
from deploy.local.services import services
from services.curator.migrations import upgrade
from shared.runtime.settings import MinioSettings
from tests.e2e.ad_platform import AdPlatform

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = ("mini-segmenter", "mini-captioner", "mini-inpainter", "mini-judge", "mini-probe")


@pytest.fixture(scope="session")
def stack(places: Places, kafka_bootstrap: str, minio_settings: MinioSettings, postgres_dsn: str) -> Iterator[Places]:
    """Everything up; the shop of the test may be fetched from although it is on this machine."""
    absent = [name for name in BUNDLED if not any((ROOT / "models" / name).glob("*.json"))]
    if absent:
        pytest.fail(f"bundled models are missing: {', '.join(absent)}")
    upgrade(postgres_dsn)
    running = [_reaching(process) for process in services(places)]
    try:
        for process in running:
            start(process, places)
        for process in running:
            wait_until_ready(process, places)
        yield places
    finally:
        for process in running:
            stop(process.name, places, patience_s=30)
        if os.environ.get("CI") == "true":
            for process in running:
                print(f"== {process.name}\n{log_of(process.name, places).read_text()[-3000:]}")


def _reaching(process: Process) -> Process:
    allowed = {"SEGMENTER_PRIVATE_HOSTS": '["127.0.0.1"]'}
    return replace(process, environment={**process.environment, **allowed})


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
