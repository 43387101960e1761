"""A Kafka, a MinIO and a PostgreSQL of the load's own, and replicas of its stages beside them."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from deploy.local import stack
from deploy.local.places import REPOSITORY, Places, apart
from deploy.local.services import environment, operators_environment
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings

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
        """So many processes of a stage, until the end of the block."""
        command = (sys.executable, "-m", "benchmarks.load.stages", stage, "--latency", str(latency))
        given = {**os.environ, **environment(self._places, stage), **(settings or {})}
        running = [subprocess.Popen(command, cwd=REPOSITORY, env=given) for _ in range(count)]
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


@contextlib.contextmanager
def servers() -> Iterator[Field]:
    """Their own servers on free ports, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="backdrop-load-"))
    folder.chmod(0o755)  # PostgreSQL may run as another user
    places = apart(folder)
    try:
        stack.up(places, only_servers=True)
        yield Field(places)
    finally:
        stack.down(places)
        shutil.rmtree(folder, ignore_errors=True)
