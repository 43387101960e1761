"""What a service calls is timed and stays what it was."""

import pytest
from prometheus_client import CollectorRegistry

from shared.contracts.errors import BadRequest, DependencyDown, NotKnown
from shared.runtime.telemetry.metrics import Metrics
from shared.runtime.telemetry.tracing import NoSpans
from shared.runtime.telemetry.watching import NOT_WATCHED, Watched
from tests.fakes.blobs import MemoryBlobs


class Model:
    """Doubles what it is given."""

    name = "doubler"

    def double(self, numbers: list[int], *, plus: int = 0) -> list[int]:
        """Twice as much."""
        return [2 * number + plus for number in numbers]

    def fail(self) -> None:
        """It cannot."""
        raise DependencyDown("away", "it is away")


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def watch(registry: CollectorRegistry) -> Watched:
    return Watched(Metrics(registry, service="curator"), NoSpans())


def count(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, {"service": "curator", **labels})


def test_a_watched_model_answers_as_before_and_its_calls_are_timed(watch: Watched, registry: CollectorRegistry) -> None:
    model = watch.model(Model(), "doubler", "double")
    assert model.double([1, 2, 3], plus=1) == [3, 5, 7]
    assert model.name == "doubler"
    assert count(registry, "backdrop_model_seconds_count", model="doubler") == 1
    assert count(registry, "backdrop_model_batch_images_sum", model="doubler") == 3


def test_a_call_that_fails_is_timed_too(watch: Watched, registry: CollectorRegistry) -> None:
    with pytest.raises(DependencyDown):
        watch.model(Model(), "doubler", "fail").fail()
    assert count(registry, "backdrop_model_seconds_count", model="doubler") == 1


def test_what_happens_on_a_journey_goes_on_with_its_trace_and_nothing_after_it_does(watch: Watched) -> None:
    with watch.journey("training", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"):
        told = watch.trace() or ""
    assert told.startswith("00-4bf92f3577b34da6a3ce929d0e0e4736-") and "00f067aa0ba902b7" not in told
    assert watch.trace() is None


def test_a_journey_that_goes_on_with_nothing_begins_a_trace(watch: Watched) -> None:
    traces = set()
    for since in (None, "what an old ledger may hold"):
        with watch.journey("training", since):
            traces.add((watch.trace() or "")[:35])
    assert len(traces) == 2 and "" not in traces


def test_a_fetch_is_timed(watch: Watched, registry: CollectorRegistry) -> None:
    assert watch.fetcher(Model(), "double").double([1]) == [2]
    assert count(registry, "backdrop_fetch_seconds_count") == 1


def test_a_verb_that_a_model_does_not_have_is_noticed_at_once(watch: Watched) -> None:
    with pytest.raises(AttributeError):
        watch.model(Model(), "doubler", "triple")


def test_a_gpus_memory_and_a_caches_hits_are_asked_when_the_metrics_are_read(
    watch: Watched, registry: CollectorRegistry
) -> None:
    watch.gpu(lambda: {"used": 2e9, "total": 8e9})
    watch.cache("plates", lambda: (5, 2))
    assert count(registry, "backdrop_gpu_memory_bytes", kind="used") == 2e9
    assert count(registry, "backdrop_gpu_memory_bytes", kind="total") == 8e9
    assert count(registry, "backdrop_cache_requests_total", cache="plates", result="hit") == 5
    assert count(registry, "backdrop_cache_requests_total", cache="plates", result="miss") == 2


def test_unwatched_everything_is_itself() -> None:
    model = Model()
    assert NOT_WATCHED.model(model, "doubler", "double") is model
    assert NOT_WATCHED.fetcher(model, "double") is model


def test_a_watched_store_counts_calls_and_what_went_wrong(watch: Watched, registry: CollectorRegistry) -> None:
    blobs = watch.blobs(MemoryBlobs("pictures"))
    assert blobs.bucket == "pictures"
    blobs.put("images/a.png", b"picture", "image/png")
    with pytest.raises(NotKnown):
        blobs.get("images/b.png")
    assert blobs.get("images/a.png") == b"picture"
    assert list(blobs.keys("images/")) == ["images/a.png"]
    with pytest.raises(BadRequest):
        blobs.get("images/a.png", most=3)
    assert count(registry, "backdrop_store_seconds_count", operation="put") == 1
    assert count(registry, "backdrop_store_seconds_count", operation="get") == 3
    assert count(registry, "backdrop_store_seconds_count", operation="list") == 1
    assert count(registry, "backdrop_store_errors_total", operation="get", reason="blob_missing") == 1


def test_a_manifest_that_is_there_is_a_hit(watch: Watched, registry: CollectorRegistry) -> None:
    blobs = watch.blobs(MemoryBlobs())
    assert blobs.find("products/mug/segmented.json") is None
    assert blobs.put_if_absent("products/mug/segmented.json", b"{}", "application/json")
    assert blobs.find("products/mug/segmented.json") is not None
    assert blobs.find("products/mug/segmented.json") is not None
    assert blobs.find("images/a.png") is None
    for operation, calls in (("find", 4), ("put_if_absent", 1)):
        assert count(registry, "backdrop_store_seconds_count", operation=operation) == calls
    for result, times in (("hit", 2), ("miss", 1)):
        assert count(registry, "backdrop_cache_requests_total", cache="manifests", result=result) == times
