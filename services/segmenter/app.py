"""Wiring only. Run: faststream run services.segmenter.app:create_app --factory"""

from faststream.asgi import AsgiFastStream
from prometheus_client import CollectorRegistry

from services.segmenter import handlers
from services.segmenter.core import SegmentProduct
from services.segmenter.door import refine_door
from services.segmenter.model import SamSegmenter
from services.segmenter.refining import RefineMask
from services.segmenter.settings import SegmenterSettings
from shared.contracts.blobs import BlobStore
from shared.contracts.sources import ImageFetcher
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.service import make_service
from shared.runtime.settings import FetchSettings, KafkaSettings, MinioSettings, TracingSettings, read_settings
from shared.runtime.telemetry.watching import NOT_WATCHED, Watching
from shared.runtime.web.fetching import make_fetcher


def assemble(
    settings: SegmenterSettings, blobs: BlobStore, fetcher: ImageFetcher, watch: Watching = NOT_WATCHED
) -> SegmentProduct:
    """The use case with the real model."""
    model = SamSegmenter(settings.model, device=settings.device, threads=settings.threads)
    watch.gpu(model.memory)
    return SegmentProduct(
        segmenter=watch.model(model, "segmenter", "candidates"),
        fetcher=fetcher,
        blobs=blobs,
        least_confidence=settings.least_confidence,
    )


def create_app() -> AsgiFastStream:
    """The segmenter as a process of its own."""
    registry = CollectorRegistry()
    kafka, tracing = read_settings(KafkaSettings), read_settings(TracingSettings)
    broker = make_broker(kafka, service="segmenter", registry=registry, tracing=tracing)
    watch, blobs = broker.watch, MinioBlobs(read_settings(MinioSettings))
    fetcher = watch.fetcher(make_fetcher(read_settings(FetchSettings)), "fetch")
    segment = assemble(read_settings(SegmenterSettings), watch.blobs(blobs), fetcher, watch)
    handlers.subscribe(broker, segment)
    doors = {"/refine": refine_door(RefineMask(segment.segmenter))}
    return make_service(broker, registry=registry, service="segmenter", ready={"blobs": blobs.trouble}, doors=doors)
