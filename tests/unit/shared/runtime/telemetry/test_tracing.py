"""Tracing is off unless its variables say otherwise, and then says what it lacks."""

import sys

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode
from pydantic import ValidationError

from shared.contracts.errors import Permanent
from shared.runtime.cloud_events import Trace
from shared.runtime.settings import TracingSettings
from shared.runtime.telemetry.open_telemetry import OpenTelemetrySpans, provider_of
from shared.runtime.telemetry.tracing import NoSpans, spans_of

PARENT = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")


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
    with pytest.raises(Permanent, match=r"pip install 'backdrop\[tracing\]'"):
        spans_of(TracingSettings(), service="segmenter")


def test_with_an_endpoint_spans_are_made_and_closing_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    spans = spans_of(TracingSettings(), service="segmenter")
    assert isinstance(spans, OpenTelemetrySpans)
    spans.close()


@pytest.mark.parametrize("parent", [PARENT, None])
def test_without_spans_the_trace_goes_on_hop_by_hop(parent: Trace | None) -> None:
    spans = NoSpans()
    with spans.message("product.segmented.v1", parent, {}) as hop, spans.step("model"), spans.publish("t", hop) as said:
        assert hop.trace_id == said.trace_id
        assert parent is None or (hop.trace_id == parent.trace_id and hop.span_id != parent.span_id)
        assert said.span_id != hop.span_id


def test_a_span_goes_on_with_the_trace_that_came_and_is_what_leaves() -> None:
    exporter, provider = InMemorySpanExporter(), provider_of("segmenter")
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    spans = OpenTelemetrySpans(provider)
    with spans.message("a.v1", PARENT, {"product_id": "mug"}) as hop, spans.publish("b.v1", hop) as said:
        assert Trace.read(str(said)) == said
    inner, outer = exporter.get_finished_spans()
    assert f"{outer.context.trace_id:032x}" == PARENT.trace_id == said.trace_id
    assert outer.parent is not None and f"{outer.parent.span_id:016x}" == PARENT.span_id
    assert inner.parent is not None and inner.parent.span_id == outer.context.span_id
    assert f"{inner.context.span_id:016x}" == said.span_id


def test_what_fails_marks_its_span() -> None:
    exporter, provider = InMemorySpanExporter(), provider_of("segmenter")
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with pytest.raises(ValueError, match="no"), OpenTelemetrySpans(provider).step("model"):
        raise ValueError("no")
    (span,) = exporter.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
