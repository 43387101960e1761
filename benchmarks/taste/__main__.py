"""`make demo-taste`: python -m benchmarks.taste [--seed 1] [--rounds 7] [--products 10] [--steps 12] [--out out/taste]

Economies, so that a run takes minutes: few products, photos of 384 pixels, painted and trained at 128, two options a
request; the frozen arm shows the options of the first requests for ever (the same request to an unchanged system is the
same picture); each picture is looked at once and its clicks are drawn from what was seen.
"""

import argparse
import os
import shutil
import time
from pathlib import Path
from typing import NoReturn

from backdrop.demo.command import quiet_libraries
from benchmarks.taste.eye import ProbeEye
from benchmarks.taste.report import write
from benchmarks.taste.run import COUNT, TasteLoop, TastePlan
from benchmarks.taste.stage import chosen_photos, opened, serve, teach
from deploy.embedded.stopping import BY_SIGNAL, Interrupted, hear_signals, leave_after
from shared.contracts.events import BackgroundGenerated

SMALL = {"INPAINTER_SIDE": "128", "INPAINTER_STEPS": "4", "TRAINER_SIZE": "128"}


def main() -> NoReturn:
    """Play one run and write its folder; the process ends with 0 when there is a report."""
    given = _arguments()
    quiet_libraries()
    for name, value in SMALL.items():
        os.environ.setdefault(name, value)
    hear_signals()
    leave_after(lambda: _played(given))


def _played(given: argparse.Namespace) -> int:
    plan, began = TastePlan(seed=given.seed, rounds=given.rounds), time.monotonic()
    work = given.out / ".work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    try:
        photos = chosen_photos(plan.seed, given.products, work / "photos")
        print("Loading the models …", flush=True)
        with opened(work, steps=given.steps) as (platform, client, blobs):
            print(f"Painting the first options of {len(photos.submitted)} products …", flush=True)
            serve(client, blobs, photos, seed=plan.seed, count=COUNT)
            print("Training a LoRA on product scenes, from which the engaged one goes on …", flush=True)
            teach(platform, client, blobs)
            products = tuple(sorted({made.product_id for made in platform.of(BackgroundGenerated)}))
            loop = TasteLoop(platform, ProbeEye(blobs), plan, products, say=lambda line: print(line, flush=True))
            found = write(given.out, plan, loop.play(), blobs)
    except Interrupted as error:
        print(f"Stopped by signal {error.number}: there is no report of a run that was not played to its end.")
        return BY_SIGNAL + error.number
    finally:
        shutil.rmtree(work, ignore_errors=True)
    verdict = found["verdict"]
    print(f"lift {verdict['lift']:+.1%} ({verdict['low']:+.1%} to {verdict['high']:+.1%}); {given.out / 'index.html'}")
    print(f"{time.monotonic() - began:.0f} s")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.taste", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7, help="at least 4: the taste changes after two thirds")
    parser.add_argument("--products", type=int, default=10, help="of the sample photos, at least 2")
    parser.add_argument("--steps", type=int, default=12, help="of each training")
    parser.add_argument("--out", type=Path, default=Path("out/taste"))
    given = parser.parse_args()
    if given.rounds < 4 or given.products < 2 or given.steps < 1:
        parser.error("a run needs 4 rounds, 2 products and 1 step at least")
    return given


if __name__ == "__main__":
    main()
