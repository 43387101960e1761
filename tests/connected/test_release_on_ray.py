"""A release by the processes of Ray over a real PostgreSQL and MinIO: each opens both by the environment."""

import uuid

import psycopg
import pytest

from services.curator.app import rebuild_now, release_now
from services.curator.migrations import upgrade
from services.curator.store.catalogue import SqlCatalogue
from shared.database.sessions import open_engine
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import MinioSettings
from tests.fakes.noise_photos import noise_photo

pytest.importorskip("ray", reason="Ray is not installed: pip install 'backdrop[ray]'")
pytestmark = [pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(600)]
PHOTOS, SIDE = 120, 256  # two portions


@pytest.fixture
def database(postgres_dsn: str) -> str:
    """A catalogue of its own."""
    name = f"ray_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(postgres_dsn.replace("postgresql+psycopg", "postgresql"), autocommit=True) as owner:
        owner.execute(f"CREATE DATABASE {name}")
    dsn = f"{postgres_dsn.rpartition('/')[0]}/{name}"
    upgrade(dsn)
    return dsn


def test_processes_that_share_only_the_servers_make_the_bytes_that_one_makes(
    database: str, minio_settings: MinioSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATOR_DATABASE", database)
    monkeypatch.setenv("MINIO_ENDPOINT", minio_settings.endpoint)
    blobs = MinioBlobs(minio_settings)
    SqlCatalogue(open_engine(database)).put_samples([noise_photo(blobs, number, side=SIDE) for number in range(PHOTOS)])
    said = release_now("product", on="ray")
    version = said.split()[1].rstrip(":")
    assert f"{PHOTOS - 1} samples" in said
    again = list(rebuild_now("product", version, write=False))  # by this process alone
    assert again and all("comes out as the manifest has it; found as it was" in line for line in again)
