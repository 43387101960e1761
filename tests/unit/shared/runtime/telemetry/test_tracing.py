"""Tracing is off unless its variables say otherwise, and then says what it lacks."""

import gzip
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from prometheus_client import CollectorRegistry
from pydantic import ValidationError

from shared.contracts.errors import Permanent
from shared.contracts.events import ProductWithdrawn, SampleCurated
from shared.contracts.topics import PRODUCT_WITHDRAWN, SAMPLE_CURATED
from shared.runtime.broker import Broker
from shared.runtime.cloud_events import Trace
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings, TracingSettings
from shared.runtime.telemetry.open_telemetry import OpenTelemetrySpans, provider_of
from shared.runtime.telemetry.tracing import NoSpans, spans_of

PARENT = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


@pytest.fixture
def collector() -> Iterator[tuple[str, list[tuple[str, ExportTraceServiceRequest]]]]:
    """An OTLP collector's address, and what reached it: the path, and the spans."""
    came: list[tuple[str, ExportTraceServiceRequest]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            told = gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body
            came.append((self.path, ExportTraceServiceRequest.FromString(told)))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", came
        server.shutdown()


@pytest.fixture
def finished() -> InMemorySpanExporter:
    """Spans that ended."""
    return InMemorySpanExporter()


@pytest.fixture
def spans(finished: InMemorySpanExporter) -> OpenTelemetrySpans:
    """Spans of a segmenter, exported as they end."""
    provider = provider_of("segmenter")
    provider.add_span_processor(SimpleSpanProcessor(finished))
    return OpenTelemetrySpans(provider)


@pytest.mark.parametrize(
    ("variables", "endpoint"),
    [
        ({}, None),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, "http://collector:4318/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318/otlp/"}, "http://collector:4318/otlp/v1/traces"),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector/spans"}, "http://collector/spans"),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"}, None),
    ],
)
def test_the_standard_variables_say_where_spans_go(
    variables: dict[str, str], endpoint: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert TracingSettings().endpoint == endpoint


def test_an_endpoint_that_is_no_address_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "collector")
    with pytest.raises(ValidationError):
        TracingSettings()


def test_without_an_endpoint_there_are_no_spans() -> None:
    assert isinstance(spans_of(TracingSettings(), service="segmenter"), NoSpans)


def test_an_endpoint_without_the_library_is_told_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shared.runtime.telemetry.open_telemetry", None)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318")
    with pytest.raises(Permanent, match=r"pip install 'backdrop\[tracing\]'") as missing:
        spans_of(TracingSettings(), service="segmenter")
    assert missing.value.reason == "tracing_not_installed"
    assert "an OTLP endpoint is set (http://collector:4318/v1/traces)" in str(missing.value.message)


def test_closing_waits_for_no_collector_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    spans = spans_of(TracingSettings(), service="segmenter")
    assert isinstance(spans, OpenTelemetrySpans)
    spans.close()


def test_spans_go_to_the_endpoint_that_is_set_and_name_the_service(
    collector: tuple[str, list[tuple[str, ExportTraceServiceRequest]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, came = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    spans = spans_of(TracingSettings(), service="segmenter")
    with spans.step("model"):
        pass
    spans.close()  # sends the rest
    ((path, told),) = came
    (resource,) = told.resource_spans
    said = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert path == "/v1/traces"
    assert (said["service.name"], said["service.namespace"]) == ("segmenter", "backdrop")
    (scope,) = resource.scope_spans
    assert (scope.scope.name, [span.name for span in scope.spans]) == ("backdrop", ["model"])


@pytest.mark.parametrize("parent", [PARENT, None])
def test_without_spans_the_trace_goes_on_hop_by_hop(parent: Trace | None) -> None:
    spans = NoSpans()
    with spans.message("product.segmented.v1", parent, {}) as hop, spans.step("model"), spans.publish("t", hop) as said:
        assert hop.trace_id == said.trace_id
        assert parent is None or hop == parent, "a hop that nobody tells of is none"
        assert said.span_id != hop.span_id


def test_a_span_goes_on_with_the_trace_that_came_and_is_what_leaves(
    spans: OpenTelemetrySpans, finished: InMemorySpanExporter
) -> None:
    with spans.message("a.v1", PARENT, {"product_id": "mug"}) as hop, spans.publish("b.v1", hop) as said:
        assert Trace.read(str(said)) == said
    inner, outer = finished.get_finished_spans()
    assert f"{outer.context.trace_id:032x}" == PARENT.trace_id == said.trace_id
    assert outer.parent is not None and f"{outer.parent.span_id:016x}" == PARENT.span_id
    assert inner.parent is not None and inner.parent.span_id == outer.context.span_id
    assert f"{inner.context.span_id:016x}" == said.span_id


def test_a_trace_that_is_not_sampled_stays_so(spans: OpenTelemetrySpans, finished: InMemorySpanExporter) -> None:
    with spans.message("a.v1", Trace(PARENT.trace_id, PARENT.span_id, "00"), {}) as hop:
        assert (hop.trace_id, hop.flags) == (PARENT.trace_id, "00")
    assert finished.get_finished_spans() == ()


def test_a_message_without_a_trace_begins_its_own_whatever_is_under_way(
    spans: OpenTelemetrySpans, finished: InMemorySpanExporter
) -> None:
    with spans.step("a loop"), spans.message("a.v1", None, {}):
        pass
    message, loop = finished.get_finished_spans()
    assert (message.name, message.parent, loop.name) == ("process a.v1", None, "a loop")
    assert message.context.trace_id != loop.context.trace_id


async def test_a_message_and_what_is_published_meanwhile_are_spans_that_name_it(
    spans: OpenTelemetrySpans, finished: InMemorySpanExporter
) -> None:
    broker = Broker(KafkaSettings(), service="segmenter", registry=CollectorRegistry(), spans=spans)
    out = broker.publisher(SAMPLE_CURATED.name)

    @broker.subscriber(PRODUCT_WITHDRAWN.name, group_id="segmenter")
    async def on_withdrawn(event: ProductWithdrawn) -> None:
        await out.publish(SampleCurated(product_id="mug", image_sha256="a" * 64, verdict="kept", reason="kept"))

    async with memory_broker(broker) as log:
        headers = {"traceparent": str(PARENT)}
        await broker.publish(ProductWithdrawn(product_id="mug"), topic=PRODUCT_WITHDRAWN.name, headers=headers)
        await log.settled(10)
    told = {span.name: span for span in finished.get_finished_spans()}
    handled, answered = told[f"process {PRODUCT_WITHDRAWN.name}"], told[f"publish {SAMPLE_CURATED.name}"]
    assert handled.attributes is not None and answered.attributes is not None
    assert handled.attributes["product_id"] == "mug"
    assert handled.attributes["messaging.destination.name"] == PRODUCT_WITHDRAWN.name
    assert answered.attributes["messaging.destination.name"] == SAMPLE_CURATED.name
    assert answered.parent is not None and answered.parent.span_id == handled.context.span_id


def test_what_fails_marks_its_span(spans: OpenTelemetrySpans, finished: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="no"), spans.step("model"):
        raise ValueError("no")
    (span,) = finished.get_finished_spans()
    assert (span.name, span.status.status_code) == ("model", StatusCode.ERROR)
