"""One product is one trace, and so is one release: through every service that touches it, each step a span in it."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared.contracts.events import ImageSource, ModelPromoted, ProductSubmitted, Scene
from shared.contracts.images import encode_image
from shared.contracts.topics import PRODUCT_SUBMITTED
from shared.runtime.telemetry.open_telemetry import OpenTelemetrySpans, provider_of
from tests.fakes.blobs import MemoryBlobs
from tests.fakes.image_fetcher import FakeImageFetcher
from tests.fakes.studio import blank, disc, with_product
from tests.pipeline.conftest import running_works
from tests.pipeline.test_walkthrough import lifestyle

URL = "https://shop.example/mug.png"
MUG = ProductSubmitted(product_id="mug", image=ImageSource(url=URL), scenes=(Scene(seed=3),))


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    yield exporter
    exporter.shutdown()


def exported_to(exporter: InMemorySpanExporter) -> Callable[[str], OpenTelemetrySpans]:
    def spans(service: str) -> OpenTelemetrySpans:
        provider = provider_of(service)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        return OpenTelemetrySpans(provider)

    return spans


async def spans_of_one_product(folder: Path, exporter: InMemorySpanExporter) -> list[ReadableSpan]:
    web = FakeImageFetcher({URL: encode_image(with_product(blank(), disc(), (200, 30, 40)))})
    async with running_works(folder, MemoryBlobs(), web=web, spans=exported_to(exporter)) as works:
        await works.client.publish(MUG, topic=PRODUCT_SUBMITTED.name)
        await works.log.settled()
    return [span for span in exporter.get_finished_spans() if not span.name.startswith("store list")]


def service(span: ReadableSpan) -> str:
    return str(span.resource.attributes["service.name"])


def trace_from(name: str, spans: Sequence[ReadableSpan]) -> list[ReadableSpan]:
    """The one trace that begins with a span of this name; all its other spans have their parents in it."""
    (root,) = [span for span in spans if span.name == name]
    trace = [span for span in spans if span.context.trace_id == root.context.trace_id]
    known = {span.context.span_id for span in trace}
    assert [span.name for span in trace if span.parent is None or span.parent.span_id not in known] == [name]
    return trace


async def test_one_product_is_one_trace_across_five_services(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    spans = await spans_of_one_product(tmp_path, exporter)
    trace = trace_from("publish product.submitted.v1", spans)
    assert {service(span) for span in trace} == {"client", "segmenter", "captioner", "inpainter", "curator"}


async def test_a_release_is_one_trace_through_its_training_to_who_adopts_the_model(
    tmp_path: Path, exporter: InMemorySpanExporter
) -> None:
    async with running_works(tmp_path, MemoryBlobs(), spans=exported_to(exporter)) as works:
        await works.say(*lifestyle(works, 6))
        await works.release()
        await works.until(ModelPromoted)
        while "training" not in {span.name for span in exporter.get_finished_spans()}:
            await asyncio.sleep(0.01)
        await works.log.settled()
    trace = trace_from("release", exporter.get_finished_spans())
    assert {f"{service(span)}: {span.name}" for span in trace} >= {
        "curator: publish dataset.released.v1", "curator: publish training.requested.v1",
        "trainer: process training.requested.v1", "trainer: training", "trainer: store put_if_absent",
        "trainer: publish training.progressed.v1", "trainer: publish model.trained.v1",
        "trainer: publish model.promoted.v1", "inpainter: process model.promoted.v1",
    }  # fmt: skip


async def test_each_step_of_a_message_is_a_span_under_it(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    spans = await spans_of_one_product(tmp_path, exporter)

    def steps(of: str) -> set[str]:
        (message,) = [span for span in spans if service(span) == of and span.name.startswith("process product")]
        return {span.name for span in spans if span.parent and span.parent.span_id == message.context.span_id}

    publish = "publish product.segmented.v1"
    assert steps("segmenter") >= {"fetch", "model segmenter", "store put", "store put_if_absent", publish}
    assert steps("captioner") >= {"store get", "model captioner", "store put_if_absent", "publish product.captioned.v1"}
    assert steps("inpainter") >= {"model painter", "store put", "publish background.generated.v1"}
    assert steps("curator") >= {"publish sample.curated.v1"}


async def test_a_message_names_its_topic_and_its_product(tmp_path: Path, exporter: InMemorySpanExporter) -> None:
    spans = await spans_of_one_product(tmp_path, exporter)
    (message,) = [span for span in spans if span.name == "process product.segmented.v1"]
    assert message.attributes is not None
    assert message.attributes["messaging.destination.name"] == "product.segmented.v1"
    assert message.attributes["product_id"] == "mug"
