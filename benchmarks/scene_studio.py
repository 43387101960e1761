"""What one path-traced scene costs: with baked tiles and without, with a core of its own and spread over all cores.

    bundled/studio/.venv/bin/python -m benchmarks.scene_studio [--scenes 40] [--bank FOLDER]

Every scene is drawn both ways, one right after the other, so that a busy machine slows both. The bank is stocked
before, and what a tile costs is told apart: a long run pays for each once. Needs the studio's own environment.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bundled.studio.run import cores

RESULTS = Path(__file__).parent / "results" / "scene_studio.json"
GOAL = 4000  # scenes an hour on two free cores, 256 px
SEED = 77  # a row of scenes that no dataset was made of
PLATE_EVERY = 8  # as in a real order


def main() -> None:
    given = _arguments()
    if given.spread:
        print(json.dumps(drawn(given.scenes, None)))
        return
    spread = _spread(given.scenes)  # before this process settles on one core
    cores.settle(0)
    with tempfile.TemporaryDirectory() as folder:
        report = figures(drawn(given.scenes, Path(given.bank or folder)), spread)
    command = f"bundled/studio/.venv/bin/python -m benchmarks.scene_studio --scenes {given.scenes}"
    RESULTS.write_text(json.dumps({"command": command, "goal": GOAL, "size_px": 256, **report}, indent=2) + "\n")
    print(json.dumps(report, indent=2))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--scenes", type=int, default=40)
    parser.add_argument("--bank", help="a folder of tiles, kept for the next time")
    parser.add_argument("--spread", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _spread(scenes: int) -> list[float]:
    """The same scenes, worked out without tiles, by a renderer that is free to use every core."""
    command = [sys.executable, "-m", "benchmarks.scene_studio", "--spread", "--scenes", str(scenes)]
    said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env={**os.environ}).stdout
    costs: list[float] = json.loads(said.splitlines()[-1])["worked_out"]
    return costs


def drawn(scenes: int, folder: Path | None) -> dict[str, list[float]]:
    """Processor seconds of each scene, by the way it was drawn; with a folder, of each tile too."""
    from bundled.studio.plan import balance
    from bundled.studio.render import photograph, tiles

    bank = tiles.TileBank(folder) if folder else None
    costs: dict[str, list[float]] = {"worked_out": [], "tiled": [], "tile": []}
    for number in range(scenes):
        plan = balance.scene_plan(SEED, number)
        plate = number % PLATE_EVERY == 0
        if bank:
            costs["tile"] += _stocked(bank, plan)
            costs["tiled"].append(_cpu(partial(photograph.take, plan, with_plate=plate, bank=bank)))
        costs["worked_out"].append(_cpu(partial(photograph.take, plan, with_plate=plate)))
    return costs


def _stocked(bank: Any, plan: Any) -> list[float]:
    """What the tiles cost that were not there yet, each its share."""
    before = len(list(bank.folder.glob("*.exr")))
    spent = _cpu(partial(bank.stock, plan))
    fresh = len(list(bank.folder.glob("*.exr"))) - before
    return [spent / fresh] * fresh if fresh else []


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return round(time.process_time() - began, 3)


def figures(costs: dict[str, list[float]], spread: list[float]) -> dict[str, Any]:
    """Means, in processor seconds, ratios and what two cores draw in an hour once the tiles are there."""
    tiled, worked_out, free = (statistics.mean(some) for some in (costs["tiled"], costs["worked_out"], spread))
    return {
        "tiled_s": round(tiled, 2),
        "worked_out_s": round(worked_out, 2),
        "spread_s": round(free, 2),
        "tile_s": round(statistics.mean(costs["tile"]), 2) if costs["tile"] else None,
        "tiles_save": round(worked_out / tiled, 2),
        "one_core_saves": round(free / worked_out, 2),
        "scenes_an_hour_on_two_cores": round(2 * 3600 / tiled),
    }


if __name__ == "__main__":
    main()
