"""Each service reaches its own prefixes and its own database, and nothing else, on real servers."""

import psycopg
import pytest

from deploy.local import stack as local
from deploy.local.places import Places
from shared.contracts.errors import BackdropError, NotKnown
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import MinioSettings

pytestmark = [pytest.mark.connected, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def provisioned(places: Places, kafka_bootstrap: str, minio_settings: MinioSettings, postgres_dsn: str) -> Places:
    """Servers whose users have been told what they may do."""
    local.provision(places)
    return places


def blobs_as(service: str, places: Places, owner: MinioSettings) -> MinioBlobs:
    user = {"access_key": service, "secret_key": places.credentials.secret(service)}
    return MinioBlobs(MinioSettings.model_validate({**owner.model_dump(), **user}))


def test_the_captioner_writes_products_and_no_models(provisioned: Places, minio_settings: MinioSettings) -> None:
    captioner = blobs_as("captioner", provisioned, minio_settings)
    captioner.put("products/rights/captioned.json", b"{}", "application/json")
    assert captioner.get("products/rights/captioned.json") == b"{}"
    for key in ("models/mini-inpainter/1/weights.safetensors", "datasets/product/1/a.tar", "backgrounds/r/1.png"):
        with pytest.raises(BackdropError):
            captioner.put(key, b"x", "application/octet-stream")
        assert MinioBlobs(minio_settings).find(key) is None


def test_the_captioner_reads_photos_and_no_dataset(provisioned: Places, minio_settings: MinioSettings) -> None:
    owner = MinioBlobs(minio_settings)
    owner.put("images/rights.png", b"photo", "image/png")
    owner.put("datasets/rights/1/shard.tar", b"samples", "application/x-tar")
    captioner = blobs_as("captioner", provisioned, minio_settings)
    assert captioner.get("images/rights.png") == b"photo"
    with pytest.raises(BackdropError) as refusal:
        captioner.get("datasets/rights/1/shard.tar")
    assert not isinstance(refusal.value, NotKnown)


def test_a_key_that_is_not_there_is_unknown_and_not_forbidden(
    provisioned: Places, minio_settings: MinioSettings
) -> None:
    with pytest.raises(NotKnown):
        blobs_as("captioner", provisioned, minio_settings).get("images/never.png")


def test_the_curator_owns_its_tables_and_enters_no_other_database(provisioned: Places) -> None:
    address = provisioned.catalogue_dsn.replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        owners = connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rights = connection.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = 'curator'"
        )
        assert owners == [("curator",)] and rights.fetchone() == (False, False, False)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(address.replace("/backdrop", "/postgres"))


def test_granting_again_changes_nothing(provisioned: Places, minio_settings: MinioSettings) -> None:
    local.provision(provisioned)
    blobs_as("trainer", provisioned, minio_settings).put("jobs/rights/request.json", b"{}", "application/json")
