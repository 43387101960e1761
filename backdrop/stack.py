"""Where the stack is: the services' own settings, with what the command line says over them."""

from backdrop.client import KafkaClient
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.settings import KafkaSettings, MinioSettings


def kafka_client(servers: str | None) -> KafkaClient:
    """A client of `servers`, else of KAFKA_BOOTSTRAP_SERVERS, else of the local stack."""
    settings = KafkaSettings()
    return KafkaClient(settings.model_copy(update={"bootstrap_servers": servers}) if servers else settings)


def blob_store(endpoint: str | None) -> MinioBlobs:
    """The store at `endpoint`, else at MINIO_ENDPOINT, else of the local stack."""
    settings = MinioSettings()
    return MinioBlobs(settings.model_copy(update={"endpoint": endpoint}) if endpoint else settings)
