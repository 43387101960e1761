"""`make demo`: python -m backdrop.demo [--photos FOLDER] [--out FOLDER] [--prompts FILE]"""

import argparse
import asyncio
import logging
import os
import sys
import warnings
from collections import Counter
from pathlib import Path

import structlog
from rich.console import Console

from backdrop.photos import Photos, read_photos
from backdrop.wishes import read_prompts, scenes_for
from shared.contracts.errors import BackdropError, BadRequest

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT / "samples" / "photos"
SCENES = 3
CALLED_WRONGLY, FAILED = 2, 1


def main() -> int:
    """Run, and say in the end where the results are. 0 when it ran, 2 when it was called wrongly."""
    console = Console(soft_wrap=True)
    wanted = _arguments()
    try:
        photos = read_photos(wanted.photos)
        prompts = read_prompts(wanted.prompts) if wanted.prompts else ()
        _check_out(wanted.out)
    except BadRequest as error:
        console.print(f"[red]{error.message}[/]", highlight=False)
        return CALLED_WRONGLY
    try:
        return _run(photos, prompts, wanted, console)
    except BackdropError as error:
        console.print(f"[red]{error.message}[/]", highlight=False)
        return FAILED
    except OSError as error:
        console.print(f"[red]something on the disk is missing or full:[/] {error}", highlight=False)
        return FAILED
    except KeyboardInterrupt:
        console.print("stopped")
        return 130


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description="Product photos in, new backgrounds out.")
    parser.add_argument("--photos", type=Path, default=SAMPLES, help="folder of photos; the project's own when absent")
    parser.add_argument("--out", type=Path, default=Path("out/demo"), help="folder for the results")
    parser.add_argument("--prompts", type=Path, help="file with one prompt a line; each photo gets each")
    parser.add_argument("--steps", type=int, default=40, help="training steps; 0 leaves the learning lane out")
    return parser.parse_args()


def _check_out(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise BadRequest("out_is_a_file", f"{out} is a file; the results need a folder")


def _run(photos: Photos, prompts: tuple[str, ...], wanted: argparse.Namespace, console: Console) -> int:
    _quiet_libraries()
    from backdrop.demo.run import Order, run  # torch comes in here, after the arguments are known to be right
    from backdrop.demo.screen import Screen

    scenes = scenes_for(prompts, at_least=SCENES)
    order = Order(photos=photos, scenes=scenes, out=wanted.out, steps=wanted.steps)
    console.print(f"{len(photos.submitted)} photos, {len(scenes)} scenes each", highlight=False)
    with Screen(console) as screen:
        report = asyncio.run(run(order, screen))
    generated = sum(result.status == "generated" for result in report.results)
    minutes = f"{int(report.seconds) // 60}:{int(report.seconds) % 60:02d}"
    console.print(f"{generated} scenes made, {len(report.results) - generated} refused, in {minutes}", highlight=False)
    refused = Counter((r.product_id, r.reason, r.detail) for r in report.results if r.status == "rejected")
    for (product_id, reason, detail), count in refused.items():
        console.print(f"  refused: {product_id} ({count} scenes), {reason}: {detail}", highlight=False, markup=False)
    console.print(f"{report.page}\n{report.lines}", highlight=False)
    return 0


def _quiet_libraries() -> None:
    """Refusals reach the page and the summary; the log lines and bars of a service would only drown our few lines."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    logging.basicConfig(level=logging.ERROR)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    warnings.simplefilter("ignore")
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    diffusers_logging.set_verbosity_error()
    diffusers_logging.disable_progress_bar()
    transformers_logging.disable_progress_bar()


if __name__ == "__main__":
    sys.exit(main())
