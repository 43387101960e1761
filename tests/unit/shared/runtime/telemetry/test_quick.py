"""The quick metrics say what the library's own would say."""

from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.samples import Exemplar, Sample

from shared.runtime.telemetry import quick
from shared.runtime.telemetry.quick import QuickCounter, QuickHistogram

BOUNDS = (0.1, 1.0, 10.0)
AMOUNTS = (0.0, 0.1, 0.11, 1.0, 9.0, 10.0, 10.5, 10.5)  # on a bound, beside it, and above the last


def told(registry: CollectorRegistry) -> list[tuple[str, dict[str, str], float]]:
    """All that is collected, without the moments of creation."""
    return [(one.name, one.labels, one.value) for one in collected(registry) if not one.name.endswith("_created")]


def collected(registry: CollectorRegistry) -> list[Sample]:
    return [sample for family in registry.collect() for sample in family.samples]


def counted(kind: type[Counter]) -> CollectorRegistry:
    registry = CollectorRegistry()
    counter = kind("messages", "Messages.", ["topic"], registry=registry)
    counter.labels("a").inc()
    counter.labels("a").inc(2.5)
    counter.labels("b").inc()
    counter.labels("c")
    return registry


def observed(kind: type[Histogram]) -> CollectorRegistry:
    registry = CollectorRegistry()
    histogram = kind("seconds", "Seconds.", ["topic"], buckets=BOUNDS, registry=registry)
    for amount in AMOUNTS:
        histogram.labels("a").observe(amount)
    histogram.labels("b").observe(3.0)
    return registry


def test_a_counter_says_what_the_librarys_says() -> None:
    assert told(counted(QuickCounter)) == told(counted(Counter))
    assert ("messages_total", {"topic": "a"}, 3.5) in told(counted(QuickCounter))


def test_a_histogram_says_what_the_librarys_says() -> None:
    assert told(observed(QuickHistogram)) == told(observed(Histogram))
    assert ("seconds_bucket", {"topic": "a", "le": "0.1"}, 2.0) in told(observed(QuickHistogram))


def test_a_bucket_has_the_last_exemplar_that_fell_into_it_with_its_amount_and_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = iter((100.25, 200.5, 300.75))
    monkeypatch.setattr(quick, "time", SimpleNamespace(time=lambda: next(clock)))
    registry = CollectorRegistry()
    histogram = QuickHistogram("seconds", "Seconds.", buckets=BOUNDS, registry=registry)
    histogram.observe(0.5, {"trace_id": "first"})
    histogram.observe(0.75, {"trace_id": "second"})
    histogram.observe(11.0, {"trace_id": "third"})
    histogram.observe(0.25)
    histogram.observe(0.05, {})
    buckets = {one.labels["le"]: one.exemplar for one in collected(registry) if one.name == "seconds_bucket"}
    assert buckets == {
        "0.1": None,
        "1.0": Exemplar({"trace_id": "second"}, 0.75, 200.5),
        "10.0": None,
        "+Inf": Exemplar({"trace_id": "third"}, 11.0, 300.75),
    }
