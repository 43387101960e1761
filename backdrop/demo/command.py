"""`backdrop demo`: product photos in, new backgrounds out, without any server. `make demo` calls it."""

import logging
import os
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from backdrop.demo.screen import PatientConsole, Screen
from backdrop.submitting.photos import read_photos
from backdrop.submitting.wishes import read_prompts, scenes_for
from deploy.embedded.beginning import check_writable
from deploy.embedded.stopping import BY_SIGNAL, hear_signals, leave_after, leave_on_signals
from shared.contracts.errors import BadRequest

if TYPE_CHECKING:
    from backdrop.demo.run import Open, Order, Report

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "photos"
SCENES = 3
FAILED, CALLED_WRONGLY, PARTIAL = 1, 2, 3


def demo(
    photos: Annotated[Path, typer.Option(help="folder of photos; the project's own when absent")] = SAMPLES,
    out: Annotated[Path, typer.Option(help="folder for the results")] = Path("out/demo"),
    prompts: Annotated[Path | None, typer.Option(help="a file with one prompt a line; each photo gets each")] = None,
    steps: Annotated[int, typer.Option(min=0, help="training steps; 0 leaves the learning lane out")] = 40,
    silence: Annotated[
        float | None,
        typer.Option(min=1, help="seconds without a sign of life that end the run  [default: as this machine needs]"),
    ] = None,
) -> None:
    """Photos through all five services in this process, and a page of results at the end.

    Ends with 0 when all is there, 1 when nothing could be made, 2 when called wrongly, 3 when something is missing,
    130 or 143 when interrupted. What there is, is written in each case.
    """
    leave_on_signals("stopped before anything was made")
    console = PatientConsole(soft_wrap=True)
    try:
        found = read_photos(photos)
        scenes = scenes_for(read_prompts(prompts) if prompts else (), at_least=SCENES)
        check_writable(out, "--out")
    except BadRequest as error:
        console.print(error.message, style="red", markup=False, highlight=False)
        raise typer.Exit(CALLED_WRONGLY) from error
    _load(console)
    from backdrop.demo.run import Order

    carry_out(Order(photos=found, scenes=scenes, out=out, steps=steps, silence_s=silence), console)


def _load(console: Console) -> None:
    """Bring the services in, torch with them, after the arguments are known to be right."""
    try:
        quiet_libraries()
        import backdrop.demo.run  # noqa: F401
        import deploy.embedded.stack  # noqa: F401
    except ModuleNotFoundError as error:
        words = f"`{error.name}` is not installed, which the demo needs: pip install 'backdrop[embedded]'"
        console.print(words, style="red", highlight=False, markup=False)
        raise typer.Exit(FAILED) from error


def carry_out(order: "Order", console: Console, open_stack: "Open | None" = None) -> NoReturn:
    """Run, say where the results are and what is missing, and end the process with the code that tells."""
    hear_signals()
    leave_after(lambda: _carried_out(order, console, open_stack))


def _carried_out(order: "Order", console: Console, open_stack: "Open | None") -> int:
    from backdrop.demo.run import embedded, run

    console.print(f"{len(order.photos.submitted)} photos, {len(order.scenes)} scenes each", highlight=False)
    try:
        with Screen(console) as screen:
            report = run(order, screen, open_stack=open_stack or embedded)
    except OSError as error:
        words = f"something on the disk is missing or full: {error}"
        console.print(words, style="red", markup=False, highlight=False)
        return FAILED
    _tell(report, lambda line: console.print(line, highlight=False, markup=False))
    return _code(report)


def _tell(report: "Report", say: Callable[[str], None]) -> None:
    generated = sum(result.status == "generated" for result in report.results)
    say(f"{generated} scenes made, {len(report.results) - generated} refused, in {_clock(report.times['in all'])}")
    say("  " + ", ".join(f"{name} {_clock(seconds)}" for name, seconds in report.times.items() if name != "in all"))
    refused = Counter((r.product_id, r.reason, r.detail) for r in report.results if r.status == "rejected")
    for (product_id, reason, detail), count in refused.items():
        say(f"  refused: {product_id} ({count} scenes), {reason}: {detail}")
    for line in report.missing:
        say(f"  missing: {line}")
    say(f"{report.page}\n{report.lines}")


def _code(report: "Report") -> int:
    if report.signal is not None:
        return BY_SIGNAL + report.signal
    if not report.missing:
        return 0
    return PARTIAL if any(result.status == "generated" for result in report.results) else FAILED


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def quiet_libraries() -> None:
    """Refusals reach the page and the summary; the log lines and bars of a service would only drown our few lines."""
    import structlog

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
