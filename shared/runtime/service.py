"""A broker made a process: `/live`, `/ready` and `/metrics` beside the consumers, and an orderly end.

Run one with `faststream run services.<name>.app:create_app --factory --host … --port …`.
"""

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Callable, Mapping

from faststream.asgi import AsgiFastStream, AsgiResponse, get
from faststream.asgi.types import ASGIApp, Scope
from prometheus_client import CollectorRegistry, ProcessCollector, disable_created_metrics, make_asgi_app

from shared.runtime.broker import Broker
from shared.runtime.telemetry.logs import configure_logs

Check = Callable[[], str | None]
"""What keeps a dependency from working, in words; None when it works. May block: it runs in a thread."""

Background = Callable[[], contextlib.AbstractAsyncContextManager[None]]
"""What runs beside the consumers, from when the broker has started until before it stops."""

TICK_S = 1.0
LAG_EVERY_S = 5.0
LOOP_STUCK_S = 30.0
CHECK_TIMEOUT_S = 5.0
COLLECT_AFTER = 10_000  # objects; the messages of a moment


def make_service(
    broker: Broker,
    *,
    registry: CollectorRegistry,
    service: str,
    ready: Mapping[str, Check] | None = None,
    background: Background | None = None,
    doors: Mapping[str, ASGIApp] | None = None,
) -> AsgiFastStream:
    """The ASGI application of one service. `ready`: checks by name; `background`: what runs beside the consumers.

    `doors`: what it answers by HTTP besides, by path.
    """
    configure_logs(service=service)
    disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody asks for
    ProcessCollector(registry=registry)
    beside = Beside(background)
    return AsgiFastStream(
        broker,
        asgi_routes=[
            ("/live", _live(broker)),
            ("/ready", _ready(broker, ready or {})),
            ("/metrics", make_asgi_app(registry)),
            *(doors or {}).items(),
        ],
        lifespan=_lifespan(broker),
        after_startup=[beside.open, calm_collector],
        on_shutdown=[beside.close],
        logger=None,
    )


def calm_collector() -> None:
    """Take what was made until now, modules and models, out of the garbage collector's rounds, and make these rarer.

    Else it looks through all of it whenever enough messages, or requests, were in hand.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)


def _live(broker: Broker) -> ASGIApp:
    @get
    async def live(scope: Scope) -> AsgiResponse:
        """Whether the process is worth keeping; an outage elsewhere is no reason to restart it."""
        stuck = broker.health.seconds_since_tick > LOOP_STUCK_S
        limit_s = broker.settings.max_poll_interval_ms / 1000
        overdue = broker.health.oldest_handler_s > limit_s and not broker.health.waits_for
        if stuck or overdue:
            return _plain("the event loop is stuck" if stuck else f"a handler runs for over {limit_s:.0f} s", 500)
        if broker.health.failed:
            return _plain(broker.health.failed, 500)
        return _plain("alive")

    return live


def _ready(broker: Broker, checks: Mapping[str, Check]) -> ASGIApp:
    @get
    async def ready(scope: Scope) -> AsgiResponse:
        """Whether it does its work now; if not, the body says what is missing."""
        troubles = [f"waits: {reason}" for reason in broker.health.waits_for]
        troubles += _kafka_troubles(broker)
        troubles += [trouble for name, check in checks.items() if (trouble := await _checked(name, check))]
        return _plain("\n".join(troubles), 503) if troubles else _plain("ready")

    return ready


def _kafka_troubles(broker: Broker) -> list[str]:
    if not broker.running:
        return ["kafka: not connected yet"]
    if broker.resting:
        return []
    idle = [subscriber for subscriber in broker.subscribers if subscriber.calls and not subscriber.running]
    troubles = [f"kafka: does not consume {', '.join(subscriber.topic_names)}" for subscriber in idle]  # type: ignore[attr-defined]
    return troubles + [f"kafka: {topic} does not exist: python -m deploy.provision" for topic in _absent(broker)]


def _absent(broker: Broker) -> list[str]:
    """Topics that are subscribed to and that Kafka does not know: it would wait for them in silence."""
    consumers = [(one, getattr(one, "consumer", None)) for one in broker.subscribers]
    return [
        topic
        for subscriber, consumer in consumers
        if consumer is not None
        for topic in subscriber.topic_names  # type: ignore[attr-defined]
        if consumer.partitions_for_topic(topic) is None
    ]


async def _checked(name: str, check: Check) -> str | None:
    try:
        trouble = await asyncio.wait_for(asyncio.to_thread(check), CHECK_TIMEOUT_S)
    except Exception as error:
        trouble = repr(error)
    return None if trouble is None else f"{name}: {trouble}"


class Beside:
    """What a service does besides answering messages, while its broker is connected."""

    def __init__(self, background: Background | None) -> None:
        self._background = background
        self._open = contextlib.AsyncExitStack()

    async def open(self) -> None:
        """After the broker has started."""
        if self._background is not None:
            await self._open.enter_async_context(self._background())

    async def close(self) -> None:
        """Before the broker stops."""
        await self._open.aclose()


def _lifespan(broker: Broker) -> Background:
    @contextlib.asynccontextmanager
    async def lifespan() -> AsyncIterator[None]:
        configure_logs(service=broker.service)  # again: the HTTP server has set up its own in between
        async with measured(broker):
            yield

    return lifespan


@contextlib.asynccontextmanager
async def measured(broker: Broker) -> AsyncIterator[None]:
    """Meanwhile measure how late the loop runs and how far the consumers are behind."""
    tasks = [asyncio.create_task(_tick(broker)), asyncio.create_task(_measure_lag(broker))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _tick(broker: Broker) -> None:
    """Prove that the loop turns, and measure how late it does."""
    loop, gauge = asyncio.get_running_loop(), broker.metrics.loop_lag.labels(broker.service)
    while True:
        before = loop.time()
        await asyncio.sleep(TICK_S)
        gauge.set(max(loop.time() - before - TICK_S, 0.0))
        broker.health.tick()


async def _measure_lag(broker: Broker) -> None:
    """How many messages of each assigned partition were not read yet; a partition that was handed over has no lag."""
    known: set[tuple[str, str, str]] = set()
    while True:
        await asyncio.sleep(LAG_EVERY_S)
        held: set[tuple[str, str, str]] = set()
        for subscriber in broker.subscribers:
            consumer = getattr(subscriber, "consumer", None)
            if consumer is None:
                continue
            with contextlib.suppress(Exception):  # a rebalance in between; the next round measures again
                for place in consumer.assignment():
                    behind = (consumer.highwater(place) or 0) - await consumer.position(place)
                    labels = (broker.service, place.topic, str(place.partition))
                    broker.metrics.lag.labels(*labels).set(max(behind, 0))
                    held.add(labels)
        for labels in known - held:
            broker.metrics.lag.remove(*labels)
        known = held


def _plain(text: str, status: int = 200) -> AsgiResponse:
    return AsgiResponse(text.encode(), status, {"content-type": "text/plain; charset=utf-8"})
