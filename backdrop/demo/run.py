"""The whole story of one embedded run: photos in, scenes out, something learned on the way, a page at the end."""

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from backdrop.demo.client import EmbeddedClient
from backdrop.demo.learning import Lane, teach
from backdrop.demo.screen import Screen
from backdrop.gallery import write_gallery
from backdrop.handover import events_of, hand_over
from backdrop.learning import LEARNING_FILE, write_learning
from backdrop.photos import Photos
from backdrop.progress import Progress
from backdrop.results import RESULTS_FILE, Result, ResultsFolder
from backdrop.submissions import Refusal, SubmittedProduct, new_submission
from deploy.embedded.stack import EmbeddedStack, run_stack
from shared.contracts.errors import BadRequest
from shared.contracts.events import Scene

WORK = ".work"
STILL_S = 180.0  # a scene takes seconds; so long a silence means that no answer will come


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is wanted; `steps` of training, 0 leaves the learning lane out."""

    photos: Photos
    scenes: tuple[Scene, ...]
    out: Path
    steps: int = 40


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of it."""

    page: Path
    lines: Path
    results: tuple[Result, ...]
    seconds: float


async def run(order: Order, screen: Screen) -> Report:
    """Serve every photo, learn from those that may teach, and write the results folder."""
    began = time.monotonic()
    async with _visit(order, screen) as (stack, client, show):
        products = await asyncio.to_thread(lambda: tuple(hand_over(order.photos, order.scenes, stack.blobs)))
        progress = Progress(new_submission(products))
        client.follow(progress)
        show.append(lambda: _show(progress, screen))
        await _publish(client, order.photos, products)
        lane = Lane(stack=stack, client=client, screen=screen, steps=order.steps, work=order.out / WORK)
        teaching = asyncio.create_task(teach(lane, progress, order.photos)) if order.steps else None
        await _until_answered(progress, client)
        folder = ResultsFolder(order.out, stack.blobs)
        results = await asyncio.to_thread(folder.write, progress)
        learning = await teaching if teaching else None
        (order.out / LEARNING_FILE).unlink(missing_ok=True)
        if learning is not None:
            write_learning(order.out, await asyncio.to_thread(learning, folder))
    page = write_gallery(order.out)
    lines = order.out / RESULTS_FILE
    return Report(page=page, lines=lines, results=results, seconds=time.monotonic() - began)


@contextlib.asynccontextmanager
async def _visit(
    order: Order, screen: Screen
) -> AsyncIterator[tuple[EmbeddedStack, EmbeddedClient, list[Callable[[], None]]]]:
    """The stack with a client in it; its state lies in a folder beside the results that is gone afterwards."""
    work = order.out / WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    show: list[Callable[[], None]] = []
    try:
        screen.say("Loading the models …")
        async with run_stack(work, steps=order.steps) as stack:

            def on_change() -> None:
                for draw in show:
                    draw()

            client = EmbeddedClient(stack.broker, stack.log, on_change)
            listening = asyncio.create_task(client.listen())
            try:
                yield stack, client, show
            finally:
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


async def _publish(client: EmbeddedClient, photos: Photos, products: tuple[SubmittedProduct, ...]) -> None:
    engagement = {photo.product_id: photo.engagement for photo in photos.submitted}
    for product in products:
        if product.refusal is None:
            for event in events_of(product, engagement.get(product.product_id)):
                await client.say(event)


async def _until_answered(progress: Progress, client: EmbeddedClient) -> None:
    """Wait while anything moves; what is still open after a long silence is answered with that."""
    try:
        await client.until(lambda: progress.done, still_s=STILL_S, what="an answer")
    except BadRequest as error:
        progress.give_up(Refusal(reason=error.reason, detail=error.message), seconds=client.elapsed_s)


def _show(progress: Progress, screen: Screen) -> None:
    products = progress.submission.products
    looked_at = sum(progress.stage(product) in ("captioned", "answered") for product in products)
    screen.show("photos understood", looked_at, len(products))
    screen.show("scenes", len(progress.answers), progress.total)
