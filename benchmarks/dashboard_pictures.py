"""Every dashboard as a picture, drawn from what a Prometheus answers: for looking at them where no Grafana can be had.

`python -m benchmarks.dashboard_pictures --prometheus http://127.0.0.1:9090 --out docs/pictures/dashboards --minutes 10`
"""

import argparse
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from deploy.dashboards.__main__ import BOARDS
from deploy.dashboards.asking import Line, Prometheus
from deploy.dashboards.board import Board, Panel, Row, Unit

COLUMNS = 3
INCH = (6.0, 3.1)  # of one panel
MOST_NAMES = 10
POINTS = 120


def draw(board: Board, prometheus: Prometheus, *, minutes: float) -> Figure:
    """All panels of a board over the last minutes, row by row."""
    heights = [-(-len(row.panels) // COLUMNS) for row in board.rows]
    figure = Figure(figsize=(COLUMNS * INCH[0], sum(heights) * INCH[1] + 0.45 * len(heights) + 0.5))
    figure.suptitle(board.title, x=0.01, ha="left", fontsize=15, fontweight="bold")
    parts = figure.subfigures(len(board.rows), 1, height_ratios=[height + 0.15 for height in heights], squeeze=False)
    for row, height, part in zip(board.rows, heights, parts[:, 0], strict=True):
        _draw_row(row, part, height, board, prometheus, minutes)
    return figure


def _draw_row(row: Row, part: Any, height: int, board: Board, prometheus: Prometheus, minutes: float) -> None:
    part.suptitle(row.title, x=0.01, ha="left", fontsize=12, color="#444444")
    part.subplots_adjust(top=1 - 0.42 / height, bottom=0.13 / height, left=0.05, right=0.99, hspace=0.55, wspace=0.18)
    axes = part.subplots(height, COLUMNS, squeeze=False).flat
    end = time.time()
    for panel, axis in zip(row.panels, axes, strict=False):
        step = max(minutes * 60 / POINTS, 1.0)
        lines = list(prometheus.lines(panel, board, begin=end - minutes * 60, end=end, step_s=step))
        _draw_panel(panel, lines, axis)
    for axis in list(part.axes)[len(row.panels) :]:
        axis.set_axis_off()


def _draw_panel(panel: Panel, lines: Sequence[Line], axis: Any) -> None:
    axis.set_title(panel.title, loc="left", fontsize=9.5, fontweight="bold")
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: formatted(value, panel.unit)))
    axis.tick_params(labelsize=7)
    if panel.kind == "stat":
        _draw_figures(panel, lines, axis)
        return
    _draw_lines(panel, lines, axis)
    axis.set_ylim(bottom=0)
    axis.xaxis.set_major_formatter(DateFormatter("%H:%M"))  # type: ignore[no-untyped-call]
    axis.grid(alpha=0.25)
    if lines:
        axis.legend(*_names(axis), fontsize=6, loc="upper left", framealpha=0.6, ncols=2)


def _draw_lines(panel: Panel, lines: Sequence[Line], axis: Any) -> None:
    below: dict[float, float] = {}
    for line in lines:
        times = [datetime.fromtimestamp(at) for at, _ in line.points]
        values = [value + (below.get(at, 0.0) if panel.stacked else 0.0) for at, value in line.points]
        floor = [below.get(at, 0.0) for at, _ in line.points]
        axis.plot(times, values, linewidth=1.2, label=line.name)
        if panel.stacked:
            axis.fill_between(times, floor, values, alpha=0.3)
            below |= {at: value for (at, _), value in zip(line.points, values, strict=True)}


def _names(axis: Any) -> tuple[list[Any], list[str]]:
    """As many of the legend as have room; how many more there are, in words."""
    handles, names = axis.get_legend_handles_labels()
    more = len(names) - MOST_NAMES
    return handles[:MOST_NAMES], [*names[: MOST_NAMES - 1], f"… {more} more"] if more > 0 else names


def _draw_figures(panel: Panel, lines: Sequence[Line], axis: Any) -> None:
    axis.set_axis_off()
    said = [f"{formatted(line.points[-1][1], panel.unit)}  {line.name}" for line in lines if line.points]
    axis.text(0.02, 0.45, "\n".join(said) or "no data", fontsize=17, va="center", transform=axis.transAxes)


_FORMATS: dict[Unit, Callable[[float], str]] = {
    "s": lambda value: f"{value * 1000:.3g} ms" if 0 < abs(value) < 1 else f"{value:.3g} s",
    "bytes": lambda value: f"{value / 2**20:.4g} MiB",
    "percentunit": lambda value: f"{100 * value:.3g} %",
    "currencyUSD": lambda value: f"${value:.2f}",
    "per second": lambda value: f"{value:.3g}/s",
    "per minute": lambda value: f"{value:.3g}/min",
    "samples/s": lambda value: f"{value:.3g} samples/s",
}


def formatted(value: float, unit: Unit) -> str:
    """A value with its unit, as Grafana shows it."""
    return _FORMATS[unit](value) if unit in _FORMATS else f"{value:.4g}"


def write(prometheus: Prometheus, folder: Path, *, minutes: float) -> list[Path]:
    """One PNG for each board."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for board in BOARDS:
        paths.append(folder / f"{board.uid.removeprefix('backdrop-')}.png")
        draw(board, prometheus, minutes=minutes).savefig(paths[-1], dpi=70)
    return paths


def main() -> None:
    """Draw all of them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--prometheus", default="http://127.0.0.1:9090")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures/dashboards"))
    parser.add_argument("--minutes", type=float, default=10.0)
    options = parser.parse_args()
    for path in write(Prometheus(options.prometheus), options.out, minutes=options.minutes):
        print(path)


if __name__ == "__main__":
    main()
