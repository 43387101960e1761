"""The captioner, wired: settings, the model by its path or hub id, the broker, the blob store."""

from faststream.asgi import AsgiFastStream
from prometheus_client import CollectorRegistry

from services.captioner.core import CaptionProduct
from services.captioner.handlers import subscribe
from services.captioner.model import TransformersVisionLanguageModel
from services.captioner.settings import CaptionerSettings
from shared.contracts.blobs import BlobStore
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.service import make_service
from shared.runtime.settings import KafkaSettings, MinioSettings


def assemble(settings: CaptionerSettings, blobs: BlobStore) -> CaptionProduct:
    """The use case with the real model; raises OSError when `settings.model` is no model."""
    model = TransformersVisionLanguageModel(
        settings.model, device=settings.device, revision=settings.revision, threads=settings.threads
    )
    return CaptionProduct(model=model, blobs=blobs)


def create_app() -> AsgiFastStream:
    """The service as `faststream run` starts it."""
    registry, blobs = CollectorRegistry(), MinioBlobs(MinioSettings())
    broker = make_broker(KafkaSettings(), service="captioner", registry=registry)
    subscribe(broker, assemble(CaptionerSettings(), blobs))
    return make_service(broker, registry=registry, service="captioner", ready={"blobs": blobs.trouble})
