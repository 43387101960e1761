"""Kafka in, ledger; ledger, worker loop, Kafka out. No message waits for a training run."""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor

from faststream.kafka import KafkaBroker

from services.trainer.core import AcceptTraining
from services.trainer.jobs.runner import Announce, RunJobs
from shared.contracts.events import Event, ModelPromoted, ModelTrained, TrainingProgressed, TrainingRequested
from shared.contracts.topics import MODEL_PROMOTED, MODEL_TRAINED, TRAINING_PROGRESSED, TRAINING_REQUESTED

Publish = Callable[[Event], Awaitable[None]]
log = logging.getLogger("trainer")


def subscribe(broker: KafkaBroker, accept: AcceptTraining) -> Publish:
    """Hear requests. Returns `publish`, which publishes what the worker has to announce."""
    outs = {
        TrainingProgressed: broker.publisher(TRAINING_PROGRESSED.name),
        ModelTrained: broker.publisher(MODEL_TRAINED.name),
        ModelPromoted: broker.publisher(MODEL_PROMOTED.name),
    }

    @broker.subscriber(TRAINING_REQUESTED.name, group_id="trainer")
    async def on_training_requested(event: TrainingRequested) -> None:
        await asyncio.to_thread(accept, event)

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


async def work(jobs: RunJobs, publish: Publish, *, every_s: float) -> None:
    """Work off the ledger until cancelled, one job at a time in a thread of its own."""
    loop, stop = asyncio.get_running_loop(), threading.Event()
    thread = ThreadPoolExecutor(1, thread_name_prefix="training")
    announce = announcer(publish, loop)
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
