"""The captioner, wired: settings, the model by its path or hub id, the broker, the blob store."""

from faststream.asgi import AsgiFastStream
from prometheus_client import CollectorRegistry

from services.captioner.core import CaptionProduct
from services.captioner.handlers import subscribe
from services.captioner.idea_templates import idea_templates
from services.captioner.kinds import product_nouns
from services.captioner.model import TransformersVisionLanguageModel
from services.captioner.settings import CaptionerSettings
from shared.contracts.blobs import BlobStore
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.service import make_service
from shared.runtime.settings import KafkaSettings, MinioSettings, TracingSettings, read_settings
from shared.runtime.telemetry.watching import NOT_WATCHED, Watching


def assemble(settings: CaptionerSettings, blobs: BlobStore, watch: Watching = NOT_WATCHED) -> CaptionProduct:
    """The use case with the real model; raises OSError for no model, ValueError for broken words."""
    idea_templates(), product_nouns()  # read now: a broken file stops the start, not the first product
    model = TransformersVisionLanguageModel(
        settings.model,
        device=settings.device,
        dtype=settings.dtype,
        revision=settings.revision,
        threads=settings.threads,
    )
    watch.gpu(model.memory)
    return CaptionProduct(model=watch.model(model, "captioner", "answer"), blobs=blobs)


def create_app() -> AsgiFastStream:
    """The service as `faststream run` starts it."""
    registry, blobs = CollectorRegistry(), MinioBlobs(read_settings(MinioSettings))
    kafka, tracing = read_settings(KafkaSettings), read_settings(TracingSettings)
    broker = make_broker(kafka, service="captioner", registry=registry, tracing=tracing)
    subscribe(broker, assemble(read_settings(CaptionerSettings), broker.watch.blobs(blobs), broker.watch))
    return make_service(broker, registry=registry, service="captioner", ready={"blobs": blobs.trouble})
