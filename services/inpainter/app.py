"""Wiring only. Run: faststream run services.inpainter.app:create_app --factory"""

from dataclasses import dataclass

from faststream.asgi import AsgiFastStream
from prometheus_client import CollectorRegistry

from services.inpainter import handlers
from services.inpainter.adoption import AdoptModel, Ours
from services.inpainter.candidates import GenerateCandidates
from services.inpainter.choosing import GenerationSettings
from services.inpainter.core import LearnStyle, PaintBackgrounds
from services.inpainter.measures import Measures
from services.inpainter.model.adherence import Probe
from services.inpainter.model.inpainting import InpaintPainter
from services.inpainter.model.judge import MiniJudge
from services.inpainter.plates import catalogue
from services.inpainter.settings import InpainterSettings
from shared.contracts.blobs import BlobStore
from shared.contracts.local_copies import LocalCopies
from shared.contracts.models import REVISION
from shared.contracts.sources import ImageFetcher
from shared.runtime.broker import make_broker
from shared.runtime.minio_blobs import MinioBlobs
from shared.runtime.service import make_service
from shared.runtime.settings import FetchSettings, KafkaSettings, MinioSettings, TracingSettings, read_settings
from shared.runtime.telemetry.watching import NOT_WATCHED, Watching
from shared.runtime.web.fetching import make_fetcher


@dataclass(frozen=True)
class Inpainting:
    """The service's use cases around one painter."""

    paint: PaintBackgrounds
    adopt: AdoptModel
    learn: LearnStyle


def assemble(
    settings: InpainterSettings, blobs: BlobStore, fetcher: ImageFetcher, watch: Watching = NOT_WATCHED
) -> Inpainting:
    """The service over real models."""
    painter = _painter(settings)
    watch.gpu(painter.memory)
    picture_of = catalogue.Pictures(settings.plates, blobs)
    judge = MiniJudge(settings.judge)
    generate = GenerateCandidates(
        painter=watch.model(painter, "painter", "paint"),
        judge=watch.model(judge, "judge", "score"),
        adherence=watch.model(Probe(settings.probe), "probe", "score"),
        blobs=blobs,
        fetcher=fetcher,
        plates=catalogue.read_plates(settings.plates),
        picture_of=picture_of,
        settings=_generation(settings),
    )
    _watch_caches(watch, painter, generate, picture_of)
    ours = Ours(model=settings.model_name, base=settings.base or settings.model, judge=settings.judge_name)
    copies = LocalCopies(settings.work, (REVISION,), int(settings.kept_gb * 1e9))
    adopt = AdoptModel(painter, judge, blobs, ours, copies)
    return Inpainting(PaintBackgrounds(generate, blobs), adopt, LearnStyle(generate))


def _painter(settings: InpainterSettings) -> InpaintPainter:
    return InpaintPainter(
        settings.model,
        name=settings.model_name,
        device=settings.device,
        dtype=settings.dtype,
        side=settings.side,
        steps=settings.steps,
        guidance=settings.guidance,
        rescale=settings.rescale,
        scheduler=settings.scheduler,
        threads=settings.threads,
        batch=settings.batch,
    )


def _generation(settings: InpainterSettings) -> GenerationSettings:
    return GenerationSettings(
        strength=settings.strength,
        strength_missing=settings.strength_missing,
        extra=settings.extra_candidates,
        gate=settings.judge_gate,
        taste_share=settings.taste_share,
        taste_weight=settings.taste_weight,
    )


def _watch_caches(
    watch: Watching, painter: InpaintPainter, generate: GenerateCandidates, plates: catalogue.Pictures
) -> None:
    watch.cache("plates", plates.requests)
    watch.cache("placed_products", generate.products.requests)
    watch.cache("encoded_products", painter.products.requests)
    watch.cache("encoded_texts", painter.texts.requests)


def create_app() -> AsgiFastStream:
    """The service over Kafka and MinIO."""
    settings, registry = read_settings(InpainterSettings), CollectorRegistry()
    kafka, tracing = read_settings(KafkaSettings), read_settings(TracingSettings)
    broker = make_broker(kafka, service="inpainter", registry=registry, tracing=tracing)
    watch, blobs = broker.watch, MinioBlobs(read_settings(MinioSettings))
    fetcher = watch.fetcher(make_fetcher(read_settings(FetchSettings)), "fetch")
    service = assemble(settings, watch.blobs(blobs), fetcher, watch)
    handlers.subscribe(broker, service.paint, service.adopt, service.learn)
    broker.tell(Measures(registry, lambda: service.adopt.painter.name).announced)
    return make_service(broker, registry=registry, service="inpainter", ready={"blobs": blobs.trouble})
