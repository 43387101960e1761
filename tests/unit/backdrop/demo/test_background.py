"""A stack in its thread: what it says is heard, how it fails is told, and no call outlasts its limit."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import CollectorRegistry

from backdrop.demo.background import BackgroundStack, StackFailed
from backdrop.submitting.progress import Silence
from deploy.embedded.running import EmbeddedStack
from deploy.embedded.stopping import Interrupted, heed
from shared.contracts.events import ProductWithdrawn
from shared.contracts.topics import PRODUCT_WITHDRAWN
from shared.runtime.broker import make_broker
from shared.runtime.memory.broker import memory_broker
from shared.runtime.settings import KafkaSettings

EVENT = ProductWithdrawn(product_id="cup")


async def nothing() -> None:
    """A release that has nothing to say."""


def stack(
    release: Callable[[], object] = nothing,
    error: Exception | None = None,
    answer_s: float = 60.0,
    heed: Callable[[], None] = heed,
) -> BackgroundStack:
    @contextlib.asynccontextmanager
    async def opened() -> AsyncIterator[EmbeddedStack]:
        if error is not None:
            raise error
        broker = make_broker(KafkaSettings(), service="client", registry=CollectorRegistry())
        async with memory_broker(broker) as log:
            yield EmbeddedStack(broker, log, lambda _: release(), nothing, nothing, CollectorRegistry())  # type: ignore[arg-type]

    return BackgroundStack(opened, lambda topic: topic == PRODUCT_WITHDRAWN.name, answer_s=answer_s, heed=heed)


def test_what_is_published_is_heard_and_then_nothing() -> None:
    running = stack()
    running.start(patience_s=60)
    running.publish([EVENT])
    record = running.next(timeout_s=60)
    assert record is not None and ProductWithdrawn.model_validate_json(record.value or b"") == EVENT
    assert running.settled() and running.next(timeout_s=0.01) is None
    running.stop(patience_s=60)


def test_one_that_cannot_start_says_which_part_and_why() -> None:
    error = OSError("models/mini-judge is not there")
    error.add_note("the inpainter could not start")
    with pytest.raises(StackFailed, match="the inpainter could not start: models/mini-judge is not there"):
        stack(error=error).start(patience_s=60)


def test_nothing_is_published_before_the_start() -> None:
    with pytest.raises(StackFailed, match="have not started"):
        stack().publish([EVENT])


def test_a_call_that_blocks_the_event_loop_ends_for_the_caller() -> None:
    async def blocking() -> None:
        time.sleep(4.0)

    running = stack(release=blocking, answer_s=1.0)
    running.start(patience_s=60)
    with pytest.raises(Silence, match="the curator did not answer in 1 s"):
        running.release()
    running.stop(patience_s=60)


def test_what_the_curator_raises_reaches_the_caller() -> None:
    async def failing() -> None:
        raise ValueError("no samples")

    running = stack(release=failing)
    running.start(patience_s=60)
    with pytest.raises(ValueError, match="no samples"):
        running.release()
    running.stop(patience_s=60)


def test_whoever_waits_hears_that_the_run_is_stopped() -> None:
    stopped = False

    def heed() -> None:
        if stopped:
            raise Interrupted(signal.SIGTERM)

    async def waiting() -> None:
        nonlocal stopped
        stopped = True
        await asyncio.Event().wait()

    running = stack(release=waiting, heed=heed)
    running.start(patience_s=60)
    with pytest.raises(Interrupted):
        running.release()
    with pytest.raises(Interrupted):
        running.next(timeout_s=60)
    running.stop(patience_s=60)


def test_an_answer_that_is_cut_off_by_the_end_of_the_services_is_theirs_to_tell() -> None:
    async def cut_off() -> None:
        raise asyncio.CancelledError

    running = stack(release=cut_off)
    running.start(patience_s=60)
    with pytest.raises(StackFailed, match="ended before the curator answered"):
        running.release()
    running.stop(patience_s=60)
