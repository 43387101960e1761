"""What several kinds of tests need: real servers when asked for, quiet logs, and a fair share of the cores."""

import gc
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog

from deploy.local import kafka_server, minio_server, postgres_server
from deploy.local.places import Places
from deploy.local.processes import LocalStackError, Process, start, stop, wait_until_ready
from deploy.local.throw_away import places_apart
from deploy.provision import kafka_admin, provision_bucket, provision_topics
from shared.runtime.settings import KafkaSettings, MinioSettings
from tests import forks
from tests.missing import missing

FIRST_START_S = 900  # on a fresh machine the first of them waits for MinIO's build
FIRST = (  # by what they take; who ends last shall wait for short files only
    "stack", "servers", "tests/pipeline/test_demo_ends", "tests/pipeline/test_demo", "tests/browser/",
    "tests/unit/services/trainer/model/", "tests/unit/services/inpainter/test_memory",
    "tests/unit/bundled/studio/test_production", "tests/unit/bundled/training/test_commands",
    "tests/unit/services/segmenter/", "tests/pipeline/", "tests/unit/test_extras", "tests/examples/",
)  # fmt: skip

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # several torch processes share the cores; read when torch comes in

# a Kafka that lives for minutes is quickest when it is compiled once and collects on one thread: half the seconds
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Modules come in and stay: looking for garbage among them was two fifths of the work, and some of each test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    """The first test of a server waits for it to be built and started, and any may be the first."""
    own = item.get_closest_marker("timeout")
    if group_of(item.nodeid) in ("stack", "servers") and (own is None or own.args[0] < FIRST_START_S):
        item.add_marker(pytest.mark.timeout(FIRST_START_S), append=False)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In whatever order they come, the groups that take longest begin."""
    items.sort(key=lambda item: place_of(group_of(item.nodeid)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: list[Any]) -> None:
    """Workers begin as forks of one process, which reads the heavy libraries while they connect."""
    if len(specs) < 2 or not hasattr(socket, "recv_fds") or getattr(config.option, "cov_source", None):
        return  # and what coverage measures has one process each from its start
    folder = tempfile.mkdtemp(prefix="backdrop-forks-")
    address = f"{folder}/door"
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as the workers have it
    # a session of its own: Ctrl-C is for those who ask, and they pass it on
    command = [sys.executable, forks.__file__, address]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    config.add_cleanup(parent.communicate)  # its stdin ends, and with it the process
    limit = time.monotonic() + FIRST_START_S
    while not Path(address).exists() and parent.poll() is None and time.monotonic() < limit:
        time.sleep(0.02)
    if Path(address).exists():
        os.environ[forks.DOOR] = address  # of the processes, too, that workers start
        for spec in specs:
            spec.python = shlex.join(forks.python())


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Several workers: each takes a whole group, because its tests share what costs seconds."""
    from xdist.scheduler import LoadScopeScheduling

    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = group_of  # the library's own groups need an id that pytest 9.2 no longer lets it change
    return scheduler


def place_of(group: str) -> int:
    """How early a group begins."""
    return next((place for place, name in enumerate(FIRST) if group.startswith(name)), len(FIRST))


def group_of(nodeid: str) -> str:
    """The whole stack, the servers, the browser, or a file with a loaded model or a whole demo in its fixtures."""
    if nodeid.startswith("tests/e2e/"):
        return "stack"
    if nodeid.startswith("tests/browser/"):
        return "tests/browser/"
    return "servers" if nodeid.startswith(("tests/connected/", "tests/contract/")) else nodeid.partition("::")[0]


@pytest.fixture(autouse=True, scope="session")
def quiet_logs() -> None:
    """Log lines go to pytest's capture, shown when a test fails."""
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@pytest.fixture(scope="session")
def places() -> Iterator[Places]:
    """A folder and free ports for the servers of this run; the downloaded servers are shared between runs."""
    with places_apart() as places:
        yield places


@pytest.fixture(scope="session")
def kafka_bootstrap(places: Places) -> Iterator[str]:
    """A real, provisioned Kafka."""
    with serving(throw_away_kafka, places):
        provision_kafka(places)
        yield places.bootstrap_servers


@pytest.fixture(scope="session")
def kafka_settings(kafka_bootstrap: str) -> KafkaSettings:
    """Settings that reach it, impatient enough for tests."""
    return KafkaSettings(
        bootstrap_servers=kafka_bootstrap,
        session_timeout_ms=6_000,
        heartbeat_interval_ms=1_000,
        graceful_timeout_s=5.0,
        try_delay_s=0.05,
        retry_delays_s=(0.2, 0.2),
        not_yet_delays_s=(0.2, 0.2),
        wait_first_s=0.05,
        wait_cap_s=0.5,
    )


@pytest.fixture(scope="session")
def minio_settings(places: Places) -> Iterator[MinioSettings]:
    """A real MinIO with an empty bucket."""
    with serving(minio_server.minio, places):
        settings = MinioSettings(endpoint=f"127.0.0.1:{places.minio_port}")
        provision_bucket(settings)
        yield settings


@pytest.fixture(scope="session")
def postgres_dsn(places: Places) -> Iterator[str]:
    """A real PostgreSQL with an empty database, as SQLAlchemy wants its address."""
    with serving(postgres_server.postgres, places):
        postgres_server.create_database(places)
        yield places.postgres_dsn


def throw_away_kafka(places: Places) -> Process:
    """Kafka without the seconds in which it leaves in order: nobody wants its data."""
    return replace(kafka_server.kafka(places), stop_signal=signal.SIGKILL)


@pytest.fixture(scope="session")
def gateway_dsn(postgres_dsn: str) -> str:
    """A database for the gateway on the same PostgreSQL; provisioning, which tests call too, makes one of its own."""
    import psycopg

    with psycopg.connect(postgres_dsn.replace("postgresql+psycopg", "postgresql"), autocommit=True) as owner:
        owner.execute("CREATE DATABASE gateway_of_tests")
    return f"{postgres_dsn.rpartition('/')[0]}/gateway_of_tests"


def provision_kafka(places: Places) -> None:
    """All topics of the contract."""
    admin = kafka_admin(KafkaSettings(bootstrap_servers=places.bootstrap_servers))
    provision_topics(admin)
    admin.close()


@contextmanager
def serving(prepare: Callable[[Places], Process], places: Places) -> Iterator[None]:
    """Run one server; where it cannot be had the test is skipped with the reason, on CI it fails."""
    with ExitStack() as ending:
        try:
            process = prepare(places)
            ending.callback(stop, process.name, places, patience_s=15)
            start(process, places)
            wait_until_ready(process, places)
        except LocalStackError as error:
            missing(str(error))
        yield
