"""Kafka in, ledger; ledger, worker loop, Kafka out. No message waits for a training run."""

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from faststream.kafka import KafkaBroker

from services.trainer.core import AcceptTraining
from services.trainer.jobs.listening import Announce
from services.trainer.jobs.runner import RunJobs
from shared.contracts.events import (
    Event,
    ModelPromoted,
    ModelTrained,
    RollbackRequested,
    TrainingFailed,
    TrainingProgressed,
    TrainingRequested,
)
from shared.contracts.topics import (
    MODEL_PROMOTED,
    MODEL_TRAINED,
    ROLLBACK_REQUESTED,
    TRAINING_FAILED,
    TRAINING_PROGRESSED,
    TRAINING_REQUESTED,
)

Publish = Callable[[Event], Awaitable[None]]
GRACE_S = 20.0  # longer than a step takes, shorter than an operator waits
log = logging.getLogger("trainer")


def subscribe(
    broker: KafkaBroker,
    accept: AcceptTraining,
    roll_back: Callable[[RollbackRequested], ModelPromoted],
    accepted: Callable[[], Awaitable[None]] | None = None,
) -> Publish:
    """Hear requests. Returns `publish`, which publishes what the worker has to announce.

    `accepted` runs beside the handlers, after a request is in the ledger.
    """
    outs = {
        TrainingProgressed: broker.publisher(TRAINING_PROGRESSED.name),
        TrainingFailed: broker.publisher(TRAINING_FAILED.name),
        ModelTrained: broker.publisher(MODEL_TRAINED.name),
        ModelPromoted: broker.publisher(MODEL_PROMOTED.name),
    }

    beside: set[asyncio.Future[None]] = set()  # a task that nobody holds may be collected

    @broker.subscriber(TRAINING_REQUESTED.name, group_id="trainer")
    async def on_training_requested(event: TrainingRequested) -> None:
        await asyncio.to_thread(accept, event)
        if accepted is not None:
            beside.add(asyncio.ensure_future(accepted()))

    @broker.subscriber(ROLLBACK_REQUESTED.name, group_id="trainer")
    async def on_rollback_requested(event: RollbackRequested) -> None:
        await publish(await asyncio.to_thread(roll_back, event))

    async def publish(event: Event) -> None:
        await outs[type(event)].publish(event, key=event.key.encode())

    return publish


def announcer(publish: Publish, loop: asyncio.AbstractEventLoop) -> Announce:
    """`publish` for the worker's thread: outcomes wait until they are safe, progress does not hold the training up."""

    def announce(event: Event) -> None:
        future: Future[None] = asyncio.run_coroutine_threadsafe(_published(publish, event), loop)
        if not isinstance(event, TrainingProgressed):
            future.result()

    return announce


async def _published(publish: Publish, event: Event) -> None:
    await publish(event)


def _nothing() -> None:
    """Nobody asks."""


@dataclass(frozen=True)
class Leaving:
    """How a worker ends that was started for the work there is: nothing was left for it for `after_s` seconds.

    `busy`: a message is in hand, such as a request that waits for its next try.
    """

    after_s: float
    leave: Callable[[], None]
    busy: Callable[[], bool] = lambda: False


async def work(
    jobs: RunJobs,
    publish: Publish,
    *,
    every_s: float,
    grace_s: float = GRACE_S,
    leaving: Leaving | None = None,
    rested: Callable[[], None] = _nothing,
) -> None:
    """Work off the ledger until cancelled, one job at a time in a thread of its own; `rested` hears of every round.

    A cancelled run sees it at its next step, and is waited for no longer than `grace_s`: its job is then left to the
    end of its lease.
    """
    loop, stop, ended = asyncio.get_running_loop(), threading.Event(), asyncio.Event()
    rounds = partial(_rounds, jobs, announcer(publish, loop), stop, every_s, leaving, rested)

    def until_stopped() -> None:
        rounds()
        with contextlib.suppress(RuntimeError):  # the loop may have ended before
            loop.call_soon_threadsafe(ended.set)

    # A daemon: neither this loop nor the end of the process may wait for a step that never ends.
    threading.Thread(target=until_stopped, name="training", daemon=True).start()
    try:
        await asyncio.Event().wait()
    finally:
        stop.set()
        try:
            await asyncio.wait_for(ended.wait(), grace_s)
        except TimeoutError:
            log.warning("a training did not stop within %g s; its job is free when its lease ends", grace_s)


def _rounds(
    jobs: RunJobs,
    announce: Announce,
    stop: threading.Event,
    every_s: float,
    leaving: Leaving | None,
    rested: Callable[[], None],
) -> None:
    """Look at the ledger again and again; who may leave does when nothing was to be done for long enough."""
    busy_at = time.monotonic()
    while not stop.is_set():
        worked = _round(jobs, announce, stop)
        rested()
        if worked or leaving is None or leaving.busy() or _anything_to_do(jobs):
            busy_at = time.monotonic()
        elif time.monotonic() - busy_at >= leaving.after_s:
            leaving.leave()
        stop.wait(every_s)


def _round(jobs: RunJobs, announce: Announce, stop: threading.Event) -> bool:
    """One look at the ledger; whether a job ended.

    What goes wrong outside a job (no store, no Kafka) is tried again in the next round.
    """
    try:
        outcomes = jobs.run_pending(announce, stop=stop.is_set)
    except Exception:
        log.exception("the ledger could not be worked off; trying again")
        return False
    for outcome in outcomes:
        model = f"{outcome.trained.model} {outcome.trained.revision}" if outcome.trained else "nothing"
        log.info("training ended with %s: %s %s", model, outcome.reason, outcome.detail)
    return bool(outcomes)


def _anything_to_do(jobs: RunJobs) -> bool:
    """Whether a job is free or will be; yes, too, while nobody can tell."""
    try:
        return jobs.ledger.anything_to_do()
    except Exception:  # the store is down, as the round before has logged
        return True
