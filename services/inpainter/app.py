"""Wiring only. Run: faststream run services.inpainter.app:create_app --factory"""

from dataclasses import dataclass

from faststream.asgi import AsgiFastStream
from prometheus_client import CollectorRegistry

from services.inpainter import handlers
from services.inpainter.candidates import GenerateCandidates, GenerationSettings
from services.inpainter.core import AdoptModel, LearnStyle, PaintBackgrounds
from services.inpainter.model.adherence import Probe
from services.inpainter.model.inpainting import InpaintPainter
from services.inpainter.model.judge import MiniJudge
from services.inpainter.plates import catalogue
from services.inpainter.settings import InpainterSettings
from shared.contracts.blobs import BlobStore
from shared.contracts.sources import ImageFetcher
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.service import make_service
from shared.runtime.settings import FetchSettings, KafkaSettings, MinioSettings, read_settings
from shared.runtime.web.fetching import make_fetcher


@dataclass(frozen=True)
class Inpainting:
    """The service's use cases around one painter."""

    paint: PaintBackgrounds
    adopt: AdoptModel
    learn: LearnStyle


def assemble(settings: InpainterSettings, blobs: BlobStore, fetcher: ImageFetcher) -> Inpainting:
    """The service over real models."""
    painter = InpaintPainter(
        settings.model, name=settings.model_name, device=settings.device, dtype=settings.dtype, side=settings.side,
        steps=settings.steps, guidance=settings.guidance, rescale=settings.rescale, scheduler=settings.scheduler,
        threads=settings.threads, batch=settings.batch,
    )  # fmt: skip
    generate = GenerateCandidates(
        painter=painter,
        judge=MiniJudge(settings.judge),
        adherence=Probe(settings.probe),
        blobs=blobs,
        fetcher=fetcher,
        plates=catalogue.read_plates(settings.plates),
        picture_of=catalogue.pictures(settings.plates, blobs),
        settings=GenerationSettings(
            strength=settings.strength,
            strength_missing=settings.strength_missing,
            extra=settings.extra_candidates,
            gate=settings.judge_gate,
            taste_share=settings.taste_share,
            taste_weight=settings.taste_weight,
        ),
    )
    adopt = AdoptModel(painter, blobs, settings.model_name)
    return Inpainting(PaintBackgrounds(generate, blobs), adopt, LearnStyle(generate))


def create_app() -> AsgiFastStream:
    """The service over Kafka and MinIO."""
    settings, registry = read_settings(InpainterSettings), CollectorRegistry()
    broker, blobs = (
        make_broker(read_settings(KafkaSettings), service="inpainter", registry=registry),
        MinioBlobs(read_settings(MinioSettings)),
    )
    service = assemble(settings, blobs, make_fetcher(read_settings(FetchSettings)))
    handlers.subscribe(broker, service.paint, service.adopt, service.learn)
    return make_service(broker, registry=registry, service="inpainter", ready={"blobs": blobs.trouble})
