"""What several kinds of tests need: real servers when asked for, quiet logs, and a fair share of the cores."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from deploy.local import kafka_server, minio_server, postgres_server
from deploy.local import stack as local
from deploy.local.places import Places, apart
from deploy.local.processes import LocalStackError, Process, start, stop, wait_until_ready
from deploy.local.services import services
from deploy.provision import kafka_admin, provision_bucket, provision_topics
from shared.runtime.settings import KafkaSettings, MinioSettings

SERVERS = {"kafka_bootstrap", "minio_settings", "postgres_dsn"}
FIRST_START_S = 900  # on a fresh machine the first of them waits for MinIO's build
FIRST = ("servers", "tests/pipeline/", "tests/browser/")

if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # several torch processes share the cores; read when torch comes in


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has all tests of the servers, another all of a file; in any order, but the long ones begin."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
        if _group(item) == "servers" and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(FIRST_START_S))
    items.sort(key=lambda item: next((n for n, name in enumerate(FIRST) if _group(item).startswith(name)), len(FIRST)))


def _group(item: pytest.Item) -> str:
    """Tests of one group share fixtures that cost seconds: servers, a loaded model, a whole demo."""
    if SERVERS & set(getattr(item, "fixturenames", ())):
        return "servers"
    return item.nodeid.partition("::")[0]


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
    folder = Path(tempfile.mkdtemp(prefix="backdrop-tests-"))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    yield apart(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka_bootstrap(places: Places) -> Iterator[str]:
    """A real, provisioned Kafka."""
    with_server = _serve(kafka_server.kafka, places)
    next(with_server)
    admin = kafka_admin(KafkaSettings(bootstrap_servers=places.bootstrap_servers))
    provision_topics(admin)
    admin.close()
    yield places.bootstrap_servers
    next(with_server, None)


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
    with_server = _serve(minio_server.minio, places)
    next(with_server)
    settings = MinioSettings(endpoint=f"127.0.0.1:{places.minio_port}")
    provision_bucket(settings)
    yield settings
    next(with_server, None)


@pytest.fixture(scope="session")
def postgres_dsn(places: Places) -> Iterator[str]:
    """A real PostgreSQL with an empty database, as SQLAlchemy wants its address."""
    with_server = _serve(postgres_server.postgres, places)
    next(with_server)
    postgres_server.create_database(places)
    yield places.postgres_dsn
    next(with_server, None)


@pytest.fixture(scope="session")
def stack(places: Places, kafka_bootstrap: str, minio_settings: MinioSettings, postgres_dsn: str) -> Iterator[Places]:
    """All five services over the real servers, each its own process; `places` says where they are."""
    local.provision(places)
    everything = services(places)
    local.bring_up(everything, places)
    yield places
    for process in everything:
        stop(process.name, places, patience_s=20)


def _serve(prepare: object, places: Places) -> Iterator[None]:
    """Run one server; where it cannot be had the test is skipped with the reason, on CI it fails."""
    try:
        process: Process = prepare(places)  # type: ignore[operator]
        start(process, places)
        wait_until_ready(process, places)
    except LocalStackError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error).splitlines()[0])
    yield
    stop(process.name, places, patience_s=15)
