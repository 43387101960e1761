"""What a service does as spans: by OpenTelemetry where an endpoint is set; without, the trace id alone travels."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

from shared.contracts.errors import Permanent
from shared.runtime.cloud_events import Trace
from shared.runtime.settings import TracingSettings


class Spans(Protocol):
    """Where spans go."""

    def message(self, topic: str, parent: Trace | None, facts: Mapping[str, str]) -> AbstractContextManager[Trace]:
        """While a message is in hand; gives the trace to go on with."""
        ...

    def journey(self, name: str, parent: Trace | None) -> AbstractContextManager[Trace]:
        """While something is worked on that no message in hand asks for; gives the trace to go on with."""
        ...

    def publish(self, topic: str, parent: Trace | None) -> AbstractContextManager[Trace]:
        """While an event is published; gives the trace it carries."""
        ...

    def step(self, name: str) -> AbstractContextManager[object]:
        """While a part of the work is done: a child of whatever is under way in this thread or task."""
        ...

    def close(self) -> None:
        """Send what was not sent yet. May block for seconds."""
        ...


class NoSpans:
    """Traces go on, and nobody hears of them."""

    def message(self, topic: str, parent: Trace | None, facts: Mapping[str, str]) -> AbstractContextManager[Trace]:
        """The trace as it came: nobody could find a hop that is not told."""
        return nullcontext(parent or Trace.new())

    def journey(self, name: str, parent: Trace | None) -> AbstractContextManager[Trace]:
        """The next hop of the trace."""
        return nullcontext((parent or Trace.new()).child())

    def publish(self, topic: str, parent: Trace | None) -> AbstractContextManager[Trace]:
        """The next hop of the trace."""
        return nullcontext((parent or Trace.new()).child())

    def step(self, name: str) -> AbstractContextManager[object]:
        """Nothing."""
        return nullcontext()

    def close(self) -> None:
        """Nothing to send."""


def spans_of(settings: TracingSettings, *, service: str) -> Spans:
    """Spans as the OTEL_ variables say. Raises Permanent when they ask for what is not installed."""
    if settings.endpoint is None:
        return NoSpans()
    try:
        from shared.runtime.telemetry.open_telemetry import exporting
    except ImportError as error:
        words = f"an OTLP endpoint is set ({settings.endpoint}), but tracing is not installed"
        raise Permanent("tracing_not_installed", f"{words}: pip install 'backdrop[tracing]'") from error
    return exporting(settings.endpoint, service=service)
