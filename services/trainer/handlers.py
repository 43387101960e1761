"""Kafka in, ledger; ledger, worker loop, Kafka out. No message waits for a training run."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from services.trainer.core import AcceptTraining
from services.trainer.jobs import Announce, RunJobs
from shared.contracts.events import Event, ModelPromoted, ModelTrained, TrainingProgressed, TrainingRequested
from shared.contracts.topics import MODEL_PROMOTED, MODEL_TRAINED, TRAINING_PROGRESSED, TRAINING_REQUESTED

Say = Callable[[Event], Awaitable[None]]
log = logging.getLogger("trainer")


def subscribe(broker: Any, accept: AcceptTraining) -> Say:
    """Hear requests. Returns `say`, which publishes what the worker has to tell."""
    outs = {
        TrainingProgressed: broker.publisher(TRAINING_PROGRESSED.name),
        ModelTrained: broker.publisher(MODEL_TRAINED.name),
        ModelPromoted: broker.publisher(MODEL_PROMOTED.name),
    }

    @broker.subscriber(TRAINING_REQUESTED.name, group_id="trainer")  # type: ignore[untyped-decorator]
    async def on_training_requested(event: TrainingRequested) -> None:
        await asyncio.to_thread(accept, event)

    async def say(event: Event) -> None:
        await outs[type(event)].publish(event, key=event.key.encode())

    return say


def announcer(say: Say, loop: asyncio.AbstractEventLoop) -> Announce:
    """`say` for the worker's thread: outcomes wait until they are safe, progress does not hold the training up."""

    def announce(event: Event) -> None:
        future: Future[None] = asyncio.run_coroutine_threadsafe(_said(say, event), loop)
        if not isinstance(event, TrainingProgressed):
            future.result()

    return announce


async def _said(say: Say, event: Event) -> None:
    await say(event)


async def work(jobs: RunJobs, say: Say, *, every_s: float) -> None:
    """Work off the ledger until cancelled, one job at a time in a thread of its own."""
    loop, stop = asyncio.get_running_loop(), threading.Event()
    thread = ThreadPoolExecutor(1, thread_name_prefix="training")
    announce = announcer(say, loop)
    while True:
        run = loop.run_in_executor(thread, _round, jobs, announce, stop)
        try:
            await asyncio.shield(run)
            await asyncio.sleep(every_s)
        except asyncio.CancelledError:
            stop.set()
            await asyncio.wait([run])  # the thread may wait for this loop, so the loop waits without blocking
            thread.shutdown()
            raise


def _round(jobs: RunJobs, announce: Announce, stop: threading.Event) -> None:
    """One look at the ledger. What goes wrong outside a job (no store, no Kafka) is tried again in the next round."""
    try:
        outcomes = jobs.run_pending(announce, stop=stop.is_set)
    except Exception:
        log.exception("the ledger could not be worked off; trying again")
        return
    for outcome in outcomes:
        model = f"{outcome.trained.model} {outcome.trained.revision}" if outcome.trained else "nothing"
        log.info("training ended with %s: %s %s", model, outcome.reason, outcome.detail)
