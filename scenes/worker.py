"""One worker: draws its share of an order, scene by scene; may be killed at any moment and loses that scene only."""

import errno
import os
import signal
from collections.abc import Callable, Iterator

from scenes.ledger import packed
from scenes.order import Order
from scenes.samples import Sample
from scenes.shards import NoSpace, cannot_write
from scenes.tray import At, Tray, tray_of

Draw = Callable[[int], Sample]


def work(order: Order, worker: int, draw: Draw, parent: int | None = None) -> None:
    """Every scene that is this worker's and not there yet, as long as the process `parent` lives."""
    tray = tray_of(order)
    for finished, scene in enumerate(_left(order, worker, tray)):
        if parent not in (None, os.getppid()):
            return
        if parent is not None:
            signal.alarm(round(2 * order.limit))  # ends this process if it hangs after its parent, who ends it sooner
        tray.begin(worker, At(scene, finished))
        tray.keep(scene, _drawn(draw, scene))
    tray.leave(worker)


def _left(order: Order, worker: int, tray: Tray) -> Iterator[int]:
    done = tray.drawn() | packed(order.folder) | tray.given_up()
    return (scene for scene in range(worker, order.count, order.workers) if scene not in done)


def _drawn(draw: Draw, scene: int) -> Sample:
    try:
        return draw(scene)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT) and not isinstance(error, NoSpace):
            raise cannot_write(error.filename or "a temporary file", error) from error
        raise
