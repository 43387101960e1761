"""Wiring only. Run: faststream run services.segmenter.app:create_app --factory"""

from faststream.asgi import AsgiFastStream
from prometheus_client import CollectorRegistry

from services.segmenter import handlers
from services.segmenter.core import SegmentProduct
from services.segmenter.fetching import GuardedFetcher
from services.segmenter.model import SamSegmenter
from services.segmenter.settings import SegmenterSettings
from shared.contracts.blobs import BlobStore
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.service import make_service
from shared.runtime.settings import KafkaSettings, MinioSettings


def assemble(settings: SegmenterSettings, blobs: BlobStore) -> SegmentProduct:
    """The use case with the real model and the guarded fetcher."""
    return SegmentProduct(
        segmenter=SamSegmenter(settings.model, device=settings.device, threads=settings.threads),
        fetcher=GuardedFetcher(
            private_hosts=settings.private_hosts,
            plain_http=settings.fetch_http,
            ports=settings.fetch_ports,
            hosts=settings.fetch_hosts,
            timeout_s=settings.fetch_timeout_s,
        ),
        blobs=blobs,
        least_confidence=settings.least_confidence,
    )


def create_app() -> AsgiFastStream:
    """The segmenter as a process of its own."""
    registry = CollectorRegistry()
    broker = make_broker(KafkaSettings(), service="segmenter", registry=registry)
    blobs = MinioBlobs(MinioSettings())
    handlers.subscribe(broker, assemble(SegmenterSettings(), blobs))
    return make_service(broker, registry=registry, service="segmenter", ready={"blobs": blobs.trouble})
