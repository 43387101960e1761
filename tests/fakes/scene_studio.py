"""The scene studio's command line with a painter of one line: its workers are real processes and can be made to fail.

The environment says how: TROUBLE="hang:3 die:5 full:1" is what happens at which scene, SECONDS how long one takes.
"""

import argparse
import errno
import json
import os
import signal
import sys
import time

from bundled.studio.__main__ import main
from bundled.studio.plan.samples import StudioSample
from bundled.studio.run import production
from bundled.studio.run.order import DrawingOrder
from bundled.studio.run.selection import selected
from bundled.studio.run.spool import spool_of
from bundled.studio.run.worker import work

TROUBLE = dict(word.split(":")[::-1] for word in os.environ.get("TROUBLE", "").split())
SECONDS = float(os.environ.get("SECONDS", "0"))


def make(asked: argparse.Namespace, order: DrawingOrder) -> None:
    if asked.worker is None:
        production.run(order, "a painter of one line", (sys.executable, __file__))
    else:
        plans = selected(order)
        work(order, asked.worker, lambda scene: draw(order, scene, plans[scene]), asked.parent)


def draw(order: DrawingOrder, scene: int, number: int) -> StudioSample:
    time.sleep(SECONDS)
    trouble = TROUBLE.get(str(scene))
    if trouble == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # deaf, as the renderer is in the middle of a scene
        time.sleep(1000)
    if trouble == "full":
        raise OSError(errno.ENOSPC, "No space left on device", "picture.exr")
    if trouble == "die" and not (spool_of(order).folder / f"{scene}.tried").exists():  # at the first try only
        os.kill(os.getpid(), signal.SIGKILL)
    return StudioSample(
        f"{number:07d}", {"webp": b"picture %d" % number, "json": json.dumps({"split": "train"}).encode()}
    )


if __name__ == "__main__":
    sys.exit(main(make=make))
