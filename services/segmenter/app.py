"""Wiring only. Run: faststream run services.segmenter.app:create_app --factory"""

from faststream.asgi import AsgiFastStream
from prometheus_client import CollectorRegistry

from services.segmenter import handlers
from services.segmenter.core import SegmentProduct
from services.segmenter.model import SamSegmenter
from services.segmenter.settings import SegmenterSettings
from shared.contracts.blobs import BlobStore
from shared.contracts.sources import ImageFetcher
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.service import make_service
from shared.runtime.settings import FetchSettings, KafkaSettings, MinioSettings, read_settings
from shared.runtime.web.fetching import make_fetcher


def assemble(settings: SegmenterSettings, blobs: BlobStore, fetcher: ImageFetcher) -> SegmentProduct:
    """The use case with the real model."""
    return SegmentProduct(
        segmenter=SamSegmenter(settings.model, device=settings.device, threads=settings.threads),
        fetcher=fetcher,
        blobs=blobs,
        least_confidence=settings.least_confidence,
    )


def create_app() -> AsgiFastStream:
    """The segmenter as a process of its own."""
    registry = CollectorRegistry()
    broker = make_broker(read_settings(KafkaSettings), service="segmenter", registry=registry)
    blobs = MinioBlobs(read_settings(MinioSettings))
    handlers.subscribe(
        broker, assemble(read_settings(SegmenterSettings), blobs, make_fetcher(read_settings(FetchSettings)))
    )
    return make_service(broker, registry=registry, service="segmenter", ready={"blobs": blobs.trouble})
