"""One worker: draws its share of an order, scene by scene; may be killed at any moment and loses that scene only."""

import errno
import os
import signal
from collections.abc import Callable, Iterator

from bundled.studio.plan.samples import StudioSample
from bundled.studio.run.ledger import packed
from bundled.studio.run.order import DrawingOrder
from bundled.studio.run.shards import NoSpace, cannot_write
from bundled.studio.run.spool import At, Spool, spool_of

Draw = Callable[[int], StudioSample]


def work(order: DrawingOrder, worker: int, draw: Draw, parent: int | None = None) -> None:
    """Every scene that is this worker's and not there yet, as long as the process `parent` lives."""
    spool = spool_of(order)
    for finished, scene in enumerate(_left(order, worker, spool)):
        if parent not in (None, os.getppid()):
            return
        if parent is not None:
            signal.alarm(round(2 * order.limit))  # ends this process if it hangs after its parent, who ends it sooner
        spool.begin(worker, At(scene, finished))
        spool.keep(scene, _drawn(draw, scene))
    spool.leave(worker)


def _left(order: DrawingOrder, worker: int, spool: Spool) -> Iterator[int]:
    """The worker's own share; then it helps the slower ones, whose shares it takes up from their far ends."""
    own = range(worker, order.count, order.workers)
    others = (scene for scene in reversed(range(order.count)) if scene % order.workers != worker)
    done = _done(order, spool)
    for scene in (*own, *others):
        if scene not in done and scene not in (done := _done(order, spool) | _in_hand(order, worker, spool)):
            yield scene


def _done(order: DrawingOrder, spool: Spool) -> set[int]:
    return spool.drawn() | packed(order.folder) | spool.given_up()


def _in_hand(order: DrawingOrder, worker: int, spool: Spool) -> set[int]:
    marks = (spool.at(other) for other in range(order.workers) if other != worker)
    return {mark.scene for mark in marks if mark is not None}


def _drawn(draw: Draw, scene: int) -> StudioSample:
    try:
        return draw(scene)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT) and not isinstance(error, NoSpace):
            raise cannot_write(error.filename or "a temporary file", error) from error
        raise
