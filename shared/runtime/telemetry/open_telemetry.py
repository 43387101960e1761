"""Spans by OpenTelemetry, exported by OTLP over HTTP. Imported only where tracing is switched on."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.runtime.cloud_events import Trace

SCOPE = "backdrop"


class OpenTelemetrySpans:
    """Spans of one service, through a provider of its own: several services may live in one process."""

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer(SCOPE)

    @contextmanager
    def message(self, topic: str, parent: Trace | None, facts: Mapping[str, str]) -> Iterator[Trace]:
        """A consumer's span under the one that published the message; what it raises marks it as failed."""
        attributes = {"messaging.system": "kafka", "messaging.destination.name": topic, **facts}
        with self._tracer.start_as_current_span(
            f"process {topic}", _context(parent), SpanKind.CONSUMER, attributes
        ) as span:
            yield _trace(span)

    @contextmanager
    def journey(self, name: str, parent: Trace | None) -> Iterator[Trace]:
        """A span under the message that asked for the work, long ago and perhaps of another process."""
        with self._tracer.start_as_current_span(name, _context(parent)) as span:
            yield _trace(span)

    @contextmanager
    def publish(self, topic: str, parent: Trace | None) -> Iterator[Trace]:
        """A producer's span under that of the message it answers; without one, under whatever is under way here."""
        attributes = {"messaging.system": "kafka", "messaging.destination.name": topic}
        with self._tracer.start_as_current_span(
            f"publish {topic}", _context(parent) if parent else None, SpanKind.PRODUCER, attributes
        ) as span:
            yield _trace(span)

    def step(self, name: str) -> AbstractContextManager[object]:
        """A span under whatever is under way here."""
        return self._tracer.start_as_current_span(name)

    def close(self) -> None:
        """Send the rest."""
        self._provider.shutdown()


def exporting(endpoint: str, *, service: str) -> OpenTelemetrySpans:
    """Spans that go to an OTLP endpoint (`…/v1/traces`), in batches; how large and how often: the SDK's OTEL_BSP_*."""
    provider = provider_of(service)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint)))
    return OpenTelemetrySpans(provider)


def provider_of(service: str) -> TracerProvider:
    """A provider that names the service; sampled as OTEL_TRACES_SAMPLER says."""
    return TracerProvider(resource=Resource.create({"service.name": service, "service.namespace": SCOPE}))


def _context(parent: Trace | None) -> Context:
    """As if the parent were under way; a trace of its own without one."""
    carrier = {} if parent is None else {"traceparent": str(parent)}
    return TraceContextTextMapPropagator().extract(carrier, Context())


def _trace(span: Span) -> Trace:
    told = span.get_span_context()
    return Trace(f"{told.trace_id:032x}", f"{told.span_id:016x}", f"{int(told.trace_flags):02x}")
