"""What a service calls, timed and traced: its models, the blob store, the fetcher. Put around them by app.py."""

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol, TypeVar, cast

from shared.contracts.blobs import BlobRef, BlobStore
from shared.contracts.errors import BackdropError
from shared.runtime.cloud_events import Trace
from shared.runtime.in_hand import InHand, in_hand
from shared.runtime.telemetry.metrics import Metrics
from shared.runtime.telemetry.tracing import Spans

T = TypeVar("T")


class Watching(Protocol):
    """Puts an eye on what a service is made of; what comes back is used as what went in."""

    def model(self, model: T, name: str, *verbs: str) -> T:
        """A model whose verbs are timed under its name."""
        ...

    def fetcher(self, fetcher: T, *verbs: str) -> T:
        """What fetches pictures by URL."""
        ...

    def cache(self, name: str, info: Callable[[], tuple[int, int]]) -> None:
        """A cache, by its hits and misses."""
        ...

    def gpu(self, memory: Callable[[], Mapping[str, float]]) -> None:
        """A GPU, by its memory in bytes: `used` and `total`; neither on a CPU."""
        ...

    def journey(self, name: str, since: str | None = None) -> AbstractContextManager[None]:
        """Work that no message waits for: what is published meanwhile is one trace, the one of `since`."""
        ...

    def trace(self) -> str | None:
        """The trace of the message in hand as a W3C `traceparent`, for a journey that goes on with it later."""
        ...


class NotWatched:
    """For whoever needs no numbers."""

    def model(self, model: T, name: str, *verbs: str) -> T:
        """The model itself."""
        return model

    def fetcher(self, fetcher: T, *verbs: str) -> T:
        """The fetcher itself."""
        return fetcher

    def cache(self, name: str, info: Callable[[], tuple[int, int]]) -> None:
        """Nobody asks."""

    def gpu(self, memory: Callable[[], Mapping[str, float]]) -> None:
        """Nobody asks."""

    def journey(self, name: str, since: str | None = None) -> AbstractContextManager[None]:
        """Nobody follows."""
        return nullcontext()

    def trace(self) -> str | None:
        """None."""
        return None


NOT_WATCHED = NotWatched()


class Watched:
    """Times and traces into the metrics and spans of one service."""

    def __init__(self, metrics: Metrics, spans: Spans) -> None:
        self._metrics = metrics
        self._spans = spans

    def model(self, model: T, name: str, *verbs: str) -> T:
        """How long each call takes, and of how many pictures it is where its first argument is a list of them."""

        @contextmanager
        def around(arguments: tuple[Any, ...]) -> Iterator[None]:
            several = len(arguments[0]) if arguments and isinstance(arguments[0], list | tuple) else None
            with self._spans.step(f"model {name}"), self._metrics.timed_model(name, several):
                yield

        return _stand_in(model, verbs, around)

    def fetcher(self, fetcher: T, *verbs: str) -> T:
        """How long each fetch takes."""

        @contextmanager
        def around(_: tuple[Any, ...]) -> Iterator[None]:
            with self._spans.step("fetch"), self._metrics.fetch.labels(self._metrics.service).time():
                yield

        return _stand_in(fetcher, verbs, around)

    def cache(self, name: str, info: Callable[[], tuple[int, int]]) -> None:
        """Read with the metrics."""
        self._metrics.caches.watch(name, info)

    def gpu(self, memory: Callable[[], Mapping[str, float]]) -> None:
        """Read with the metrics."""
        self._metrics.watch_gpu(memory)

    @contextmanager
    def journey(self, name: str, since: str | None = None) -> Iterator[None]:
        """A span, and the trace id in every log line; a trace that begins here where `since` names none."""
        with self._spans.journey(name, Trace.read(since)) as trace:
            around = in_hand.get()  # an offset waits for what its handler says on a journey, too
            pending = None if around is None else around.pending
            token = in_hand.set(InHand(trace, facts={"trace_id": trace.trace_id}, pending=pending))
            try:
                yield
            finally:
                in_hand.reset(token)

    def trace(self) -> str | None:
        """None where no message is in hand."""
        hop = in_hand.get()
        return None if hop is None else str(hop.trace)

    def blobs(self, blobs: BlobStore) -> BlobStore:
        """A blob store whose calls are timed, and whose manifests found or not count as a cache."""
        watched = WatchedBlobs(blobs, self._metrics, self._spans)
        self.cache("manifests", watched.manifests)
        return watched


class WatchedBlobs:
    """The BlobStore port around another."""

    def __init__(self, blobs: BlobStore, metrics: Metrics, spans: Spans) -> None:
        self.bucket = blobs.bucket
        self._blobs = blobs
        self._metrics = metrics
        self._spans = spans
        self._hits = self._misses = 0

    def get(self, key: str, most: int | None = None) -> bytes:
        """The bytes at `key`, at most so many."""
        with self._call("get"):
            return self._blobs.get(key, most)

    def put(self, key: str, data: bytes, content_type: str) -> BlobRef:
        """Store `data`, replacing what was there."""
        with self._call("put"):
            return self._blobs.put(key, data, content_type)

    def put_if_absent(self, key: str, data: bytes, content_type: str) -> bool:
        """Store `data` unless `key` exists."""
        with self._call("put_if_absent"):
            return self._blobs.put_if_absent(key, data, content_type)

    def find(self, key: str) -> BlobRef | None:
        """The reference of what is at `key`; a manifest that is there is work that need not be done again."""
        with self._call("find"):
            found = self._blobs.find(key)
        if key.endswith(".json"):
            self._hits += found is not None
            self._misses += found is None
        return found

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, sorted."""
        with self._call("list"):
            return iter(list(self._blobs.keys(prefix)))

    def manifests(self) -> tuple[int, int]:
        """How often a manifest was there, and how often not."""
        return self._hits, self._misses

    @contextmanager
    def _call(self, operation: str) -> Iterator[None]:
        service = self._metrics.service
        with self._spans.step(f"store {operation}"), self._metrics.store.labels(service, operation).time():
            try:
                yield
            except BackdropError as error:
                self._metrics.store_errors.labels(service, operation, error.reason).inc()
                raise


def _stand_in(inner: T, verbs: tuple[str, ...], around: Callable[[tuple[Any, ...]], AbstractContextManager[None]]) -> T:
    """Stands for `inner`: its verbs happen within `around`, all else is its own."""

    def watched(verb: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(verb)
        def call(*arguments: Any, **named: Any) -> Any:
            with around(arguments):
                return verb(*arguments, **named)

        return call

    return cast(T, _StandIn(inner, {name: watched(getattr(inner, name)) for name in verbs}))


class _StandIn:
    def __init__(self, inner: Any, verbs: dict[str, Callable[..., Any]]) -> None:
        self.__dict__.update(verbs)
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
