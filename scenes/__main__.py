"""The command line of the studio: python -m scenes --kind scenes --count 100 --out folder."""

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
    parser.add_argument("--kind", choices=(*DATASETS, "plates", "samples"), default="scenes")
    parser.add_argument("--count", type=int, default=100, help="scenes in all; the same command with more carries on")
    parser.add_argument("--out", type=Path, help="folder; default out/<kind>")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1, help="processes of one thread; one per free core is best")
    parser.add_argument("--size", type=int, default=256, help="pixels of a side")
    parser.add_argument("--samples", type=int, default=4, help="rays per pixel")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    asked = arguments(argv)
    try:
        require_renderer()
        _make(asked, asked.out or Path("out") / asked.kind)
    except (RendererMissing, NoSpace) as error:
        print(error, file=sys.stderr)
        return production.CANNOT_START
    except KeyboardInterrupt:
        print("\nstopped; the same command carries on")
        return 130
    return 0


def _make(asked: argparse.Namespace, folder: Path) -> None:
    if asked.kind == "plates":
        from scenes import plate_studio
        from scenes.style_list import STYLES

        plate_studio.make_all(STYLES, folder)
    elif asked.kind == "samples":
        from scenes import sample_photos

        sample_photos.make_all(folder)
    else:
        _dataset(asked, folder)


def _dataset(asked: argparse.Namespace, folder: Path) -> None:
    order = Order(asked.kind, asked.count, folder, asked.seed, asked.workers, asked.size, asked.samples)
    if asked.worker is None:
        production.run(order, tool="Cycles, path tracing")
        print(f"\n{folder / 'manifest.json'}")
        return
    from scenes.drawing import draw

    production.work(order, asked.worker, lambda index: draw(order, index))


if __name__ == "__main__":
    sys.exit(main())
