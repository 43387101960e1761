"""The command line of the studio: python -m scenes {scenes,packshots,judge,plates,samples} ..."""

import argparse
import sys
from pathlib import Path

from scenes import production
from scenes.libraries import RendererMissing, require_renderer
from scenes.production import Order
from scenes.shards import NoSpace

DATASETS = ("scenes", "packshots", "judge")


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scenes", description="Draws product scenes, packshots, judge pairs, style plates and sample photos."
    )
    parser.add_argument("what", choices=("make", "worker"), help="make: start or resume; worker: one process of it")
    parser.add_argument("--kind", choices=(*DATASETS, "plates", "samples"), default="scenes")
    parser.add_argument("--count", type=int, default=100, help="scenes in all; the same command with more carries on")
    parser.add_argument("--folder", type=Path, default=Path("out/scenes"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes, one thread each; one per free core is best")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--samples", type=int, default=4, help="rays per pixel")
    parser.add_argument("--number", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    asked = arguments(argv)
    try:
        require_renderer()
        _make(asked)
    except RendererMissing as error:
        print(error, file=sys.stderr)
        return production.CANNOT_START
    except NoSpace as error:
        print(error, file=sys.stderr)
        return production.CANNOT_START
    return 0


def _make(asked: argparse.Namespace) -> None:
    if asked.kind == "plates":
        from scenes import plate_studio
        from scenes.style_list import STYLES

        plate_studio.make_all(STYLES, asked.folder)
    elif asked.kind == "samples":
        from scenes import sample_photos

        sample_photos.make_all(asked.folder)
    else:
        _dataset(asked)


def _dataset(asked: argparse.Namespace) -> None:
    order = Order(asked.kind, asked.count, asked.folder, asked.seed, asked.workers, asked.size, asked.samples)
    if asked.what == "make":
        production.run(order, tool="Cycles, path tracing")
        print(f"\n{asked.folder / 'manifest.json'}")
        return
    from scenes.drawing import draw

    production.work(order, asked.number, lambda index: draw(order, index))


if __name__ == "__main__":
    sys.exit(main())
