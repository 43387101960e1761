"""The command line of the studio: python -m bundled.studio --kind scenes --count 100 --out folder."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bundled.studio.plan import requests
from bundled.studio.plan.requests import Impossible, SceneFilter
from bundled.studio.plan.vocabulary import UnknownName
from bundled.studio.render.libraries import RendererMissing, require_renderer
from bundled.studio.run import cores, packing, production
from bundled.studio.run.order import DrawingOrder
from bundled.studio.run.selection import selected
from bundled.studio.run.shards import NoSpace, make_folder
from bundled.studio.run.supervisor import CANNOT_START, Hopeless
from bundled.studio.run.worker import work

Make = Callable[[argparse.Namespace, DrawingOrder], None]
DATASETS = ("scenes", "packshots", "judge")
BAD_INPUT, STOPPED = 2, 130


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bundled.studio",
        description="Draws product scenes, packshots, judge pairs, style plates and sample photos.",
    )
    parser.add_argument("--kind", choices=(*DATASETS, "plates", "samples"), default="scenes")
    parser.add_argument(
        "--count", type=positive, default=100, help="scenes in all; the same command with more carries on"
    )
    parser.add_argument("--out", type=Path, help="folder; default out/<kind>")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--workers", type=positive, default=cores.free(), help="processes of one core each; default: every free core"
    )
    parser.add_argument("--size", type=positive, default=256, help="pixels of a side")
    parser.add_argument("--samples", type=positive, default=4, help="rays per pixel")
    parser.add_argument("--surface", help="only scenes on this surface")
    parser.add_argument("--backdrop", help="only scenes before this backdrop")
    parser.add_argument("--product", help="only scenes with this kind of product")
    parser.add_argument("--split", choices=("train", "held"), help="only scenes to learn from, or only to measure with")
    parser.add_argument(
        "--patience", type=positive, help="seconds until a scene counts as hung; default by size and rays"
    )
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    return _only_for_datasets(parser, parser.parse_args(argv))


def positive(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word!r} is not a whole number from 1 up")
    return int(word)


def _only_for_datasets(parser: argparse.ArgumentParser, asked: argparse.Namespace) -> argparse.Namespace:
    if asked.kind not in DATASETS and (asked.surface or asked.backdrop or asked.product or asked.split):
        parser.error(
            f"--surface, --backdrop, --product and --split choose among {', '.join(DATASETS)}; {asked.kind} are fixed"
        )
    return asked


def order_of(asked: argparse.Namespace) -> DrawingOrder:
    request = SceneFilter(asked.surface, asked.backdrop, asked.product, asked.split)
    folder = asked.out or Path("out") / asked.kind
    return DrawingOrder(
        asked.kind, asked.count, folder, asked.seed, asked.workers, asked.size, asked.samples, asked.patience, request
    )


def main(argv: list[str] | None = None, make: Make | None = None) -> int:
    """`make` stands in for the studio where there is no renderer."""
    asked = arguments(argv)
    try:
        (make or _make)(asked, order_of(asked))
    except (UnknownName, Impossible, packing.OtherOrder) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except (RendererMissing, NoSpace, production.FolderTaken, Hopeless) as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    except KeyboardInterrupt:
        print("\nstopped; the same command carries on")
        return STOPPED
    return 0


def _make(asked: argparse.Namespace, order: DrawingOrder) -> None:
    if asked.worker is not None:
        _work(order, asked.worker, asked.parent)
        return
    requests.check(order.request, order.kind)
    make_folder(order.folder)
    if order.kind not in DATASETS:
        require_renderer()
        _pictures(order.kind, order.folder)
        return
    packing.refuse_mixing(order)
    require_renderer()
    production.run(order, tool="Cycles, path tracing")
    print(order.folder / "manifest.json")


def _work(order: DrawingOrder, worker: int, parent: int | None) -> None:
    cores.settle(worker)
    require_renderer()
    from bundled.studio.run.drawing import draw

    plans = selected(order)
    work(order, worker, lambda scene: draw(order, plans[scene]), parent)


def _pictures(kind: str, folder: Path) -> None:
    if kind == "plates":
        from bundled.studio.plan.style_list import STYLES
        from bundled.studio.render import plate_studio

        plate_studio.make_all(STYLES, folder)
    else:
        from bundled.studio.render import sample_photos

        sample_photos.make_all(folder)


if __name__ == "__main__":
    sys.exit(main())
