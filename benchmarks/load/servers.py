"""A Kafka, a MinIO and a PostgreSQL of the load's own, and replicas of its stages beside them."""

import contextlib
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from deploy.local import stack
from deploy.local.places import GATEWAY, REPOSITORY, Places
from deploy.local.ports import HOST, free_ports
from deploy.local.preparing import not_ok
from deploy.local.processes import LocalStackError
from deploy.local.services import environment, operators_environment
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings

START_S = 300.0
END_S = 60.0


class Field:
    """Where the load is played: servers that run, and a way to replicas."""

    def __init__(self, places: Places) -> None:
        self._places = places
        reach = operators_environment(places)
        self.kafka = KafkaSettings(bootstrap_servers=places.bootstrap_servers)
        self.blobs = MinioBlobs(
            MinioSettings(
                endpoint=reach["MINIO_ENDPOINT"],
                bucket=reach["MINIO_BUCKET"],
                access_key=reach["MINIO_ACCESS_KEY"],
                secret_key=reach["MINIO_SECRET_KEY"],
            )
        )

    @contextlib.contextmanager
    def replicas(
        self, stage: str, count: int, *, latency: float, settings: Mapping[str, str] | None = None
    ) -> Iterator[None]:
        """So many processes of a stage, from when all of them read until the end of the block."""
        command = (sys.executable, "-m", "benchmarks.load.stages", stage, "--latency", str(latency), "--ready")
        given = {**os.environ, **environment(self._places, stage), **(settings or {})}
        signs = [self._places.var / f"{stage}-{uuid.uuid4().hex}.ready" for _ in range(count)]
        running = [subprocess.Popen((*command, str(sign)), cwd=REPOSITORY, env=given) for sign in signs]
        with _ended(running):
            wait_until_read(dict(zip(signs, running, strict=True)))
            yield

    @contextlib.contextmanager
    def gateway(self) -> Iterator[str]:
        """A process of the gateway itself, which has no model, from when it is ready until the end of the block.

        Gives its address. Raises LocalStackError when it does not get ready.
        """
        port, probe = free_ports(2)
        address = ("--host", HOST, "--port", str(port), "--log-level", "warning")
        command = (sys.executable, "-m", "uvicorn", "services.gateway.app:create_app", "--factory", *address)
        given = {**os.environ, **environment(self._places, GATEWAY), "GATEWAY_PROBE_PORT": str(probe)}
        log = (self._places.var / f"gateway-{port}.log").open("w")
        with log, _ended([subprocess.Popen(command, cwd=REPOSITORY, env=given, stdout=log, stderr=log)]):
            _wait_until_ready(f"http://{HOST}:{probe}/ready")
            yield f"http://{HOST}:{port}"


@contextlib.contextmanager
def _ended(running: Sequence[subprocess.Popen[bytes]]) -> Iterator[None]:
    """Processes that end with the block, by SIGTERM or, if they will not, by force."""
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(url: str) -> None:
    ends = time.monotonic() + START_S
    while trouble := not_ok(url):
        if time.monotonic() > ends:
            raise LocalStackError(f"a gateway was not ready in {START_S:.0f} s: {trouble}")
        time.sleep(0.2)


def wait_until_read(replicas: Mapping[Path, subprocess.Popen[bytes]]) -> None:
    """Until each replica has made its sign. Raises LocalStackError for one that ends before, or takes too long."""
    ends = time.monotonic() + START_S
    while waited := [process for sign, process in replicas.items() if not sign.exists()]:
        for process in waited:
            if (status := process.poll()) is not None:
                raise LocalStackError(f"a replica ended with status {status} before it read; its words are above")
        if time.monotonic() > ends:
            raise LocalStackError(f"a replica was not there in {START_S:.0f} s")
        time.sleep(0.2)


@contextlib.contextmanager
def servers() -> Iterator[Field]:
    """Their own servers on free ports, gone afterwards."""
    with stack.throw_away(only_servers=True) as places:
        yield Field(places)
