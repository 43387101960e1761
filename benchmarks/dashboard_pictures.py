"""Every dashboard as a picture, drawn from what a Prometheus answers: for looking at them where no Grafana can be had.

`python -m benchmarks.dashboard_pictures --prometheus http://127.0.0.1:9090 --out docs/pictures/dashboards --minutes 10`
"""

import argparse
import io
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import DateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from PIL import Image

from deploy.dashboards.__main__ import BOARDS
from deploy.dashboards.asking import Prometheus, Series
from deploy.dashboards.board import COLOURS, Dashboard, Panel, Row, Unit

WIDTH, MARGIN, GAP = 17.0, 0.85, 0.85  # inches
HEADING, TITLE = 0.4, 0.55
HEIGHTS = {"stat": 0.55, "timeseries": 1.75}
LEGEND = 0.75  # below a graph
COLUMNS = {"stat": 4, "timeseries": 3}
MOST_NAMES = 9
LONG = 26  # characters of a name; three such do not fit below a graph
POINTS = 120


@dataclass(frozen=True)
class Span:
    """The time that is looked at: `end` in seconds since 1970, and steps."""

    end: float
    minutes: float

    @property
    def step_s(self) -> float:
        """Seconds between two points."""
        return max(self.minutes * 60 / POINTS, 1.0)

    @property
    def times(self) -> list[float]:
        """Every step, as Prometheus answers them."""
        begin, count = self.end - self.minutes * 60, int(self.minutes * 60 / self.step_s)
        return [begin + number * self.step_s for number in range(count + 1)]


def draw(board: Dashboard, prometheus: Prometheus, span: Span) -> Figure:
    """All panels of a board over a time, row by row."""
    placed = list(_placed(board.rows))
    height = placed[-1][2] + MARGIN
    figure = Figure(figsize=(WIDTH, height))
    figure.text(0.012, 1 - 0.3 / height, board.title, fontsize=17, fontweight="bold", va="center")
    for what, left, bottom, wide, high in placed:
        if isinstance(what, str):
            figure.text(0.012, 1 - bottom / height, what, fontsize=13, color="#555555", va="bottom")
            continue
        axis = figure.add_axes((left / WIDTH, 1 - bottom / height, wide / WIDTH, high / height))
        times = span.times
        lines = list(prometheus.lines(what, board, begin=times[0], end=span.end, step_s=span.step_s))
        _draw_panel(what, lines, axis, span)
    return figure


def _placed(rows: Sequence[Row]) -> Iterator[tuple[Panel | str, float, float, float, float]]:
    """Headings and panels with left, bottom (from above), width and height in inches."""
    y = TITLE
    for row in rows:
        y += HEADING
        yield row.title, 0.0, y, WIDTH, HEADING
        kind = "stat" if all(panel.kind == "stat" for panel in row.panels) else "timeseries"
        columns, high = COLUMNS[kind], HEIGHTS[kind]
        wide = (WIDTH - 2 * MARGIN - (columns - 1) * GAP) / columns
        for number, panel in enumerate(row.panels):
            if number % columns == 0:
                y += TITLE + high + (LEGEND if number and kind == "timeseries" else 0)
            yield panel, MARGIN + number % columns * (wide + GAP), y, wide, high
        y += LEGEND if kind == "timeseries" else 0.1


def _draw_panel(panel: Panel, lines: Sequence[Series], axis: Axes, span: Span) -> None:
    axis.set_title(panel.title, loc="left", fontsize=11, fontweight="bold")
    if panel.kind == "stat":
        _draw_figures(panel, lines, axis)
        return
    for line, values, floor in _stacked(lines, span.times) if panel.stacked else _flat(lines, span.times):
        times: Any = [datetime.fromtimestamp(at) for at in span.times]
        (drawn,) = axis.plot(times, values, linewidth=1.4, label=line.name, color=COLOURS.get(line.name))
        if panel.stacked:
            axis.fill_between(times, floor, values, alpha=0.3, color=drawn.get_color())
    _finish(panel, axis, span)


def _flat(lines: Sequence[Series], times: Sequence[float]) -> Iterator[tuple[Series, Any, Any]]:
    for line in lines:
        values = _on(times, line)
        yield line, values, values


def _stacked(lines: Sequence[Series], times: Sequence[float]) -> Iterator[tuple[Series, Any, Any]]:
    floor = np.zeros(len(times))
    for line in lines:
        values = floor + np.nan_to_num(_on(times, line))
        yield line, values, floor
        floor = values


def _on(times: Sequence[float], line: Series) -> Any:
    """A line's values at every step; what is missing is a gap."""
    step = times[1] - times[0]
    known = {round((at - times[0]) / step): value for at, value in line.points}
    return np.array([known.get(number, math.nan) for number in range(len(times))])


def _finish(panel: Panel, axis: Axes, span: Span) -> None:
    """Units, time, names."""
    axis.yaxis.set_major_locator(MaxNLocator(5))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: formatted(value, panel.unit)))
    axis.xaxis.set_major_formatter(DateFormatter("%H:%M:%S"))  # type: ignore[no-untyped-call]
    begin, end = (datetime.fromtimestamp(at) for at in (span.times[0], span.end))
    axis.set_xlim(begin, end)  # type: ignore[arg-type]
    axis.xaxis.set_major_locator(MaxNLocator(5))
    axis.tick_params(labelsize=8)
    axis.grid(alpha=0.25)
    axis.set_ylim(bottom=0, top=1.1 * _highest(axis) or (2.0**30 if panel.unit == "bytes" else 1.0))
    _legend(axis)


def _legend(axis: Axes) -> None:
    """Every line's name, or of many the first and how many more there are."""
    handles, names = axis.get_legend_handles_labels()
    if not names:
        axis.text(0.5, 0.5, "no data", ha="center", transform=axis.transAxes, color="#999999")
        return
    more = len(names) - MOST_NAMES
    if more > 0:
        handles, names = handles[:MOST_NAMES], [*names[: MOST_NAMES - 1], f"… {more + 1} more"]
    below: Any = {"loc": "upper left", "bbox_to_anchor": (-0.03, -0.11), "frameon": False}
    columns = 3 if max(map(len, names)) < LONG else 2
    axis.legend(handles, names, fontsize=7.5, ncols=columns, borderaxespad=0.0, handlelength=1.2, **below)


def _highest(axis: Axes) -> float:
    return max(
        (float(np.nan_to_num(np.asarray(line.get_ydata(), float)).max()) for line in axis.get_lines()), default=0
    )


def _draw_figures(panel: Panel, lines: Sequence[Series], axis: Axes) -> None:
    axis.set_axis_off()
    said = [f"{figure(line.points[-1][1], panel.unit)}  {line.name}" for line in lines if line.points]
    axis.text(0.0, 0.5, "\n".join(said) or "no data", fontsize=15, va="center", transform=axis.transAxes)


_FORMATS: dict[Unit, Callable[[float], str]] = {
    "s": lambda value: f"{value * 1000:.3g} ms" if 0 < abs(value) < 1 else f"{value:.3g} s",
    "bytes": lambda value: f"{value / 2**20:.4g} MiB",
    "percentunit": lambda value: f"{100 * value:.3g} %",
    "currencyUSD": lambda value: f"${value:.2f}",
    "per second": lambda value: f"{value:.3g}/s",
    "per minute": lambda value: f"{value:.3g}/min",
    "samples/s": lambda value: f"{value:.3g}/s",
}


def formatted(value: float, unit: Unit) -> str:
    """A value with its unit, as Grafana shows it."""
    return _FORMATS[unit](value) if unit in _FORMATS else f"{value:.4g}"


def figure(value: float, unit: Unit) -> str:
    """The same for a lone figure: what is counted has no fractions."""
    return f"{value:.0f}" if unit == "short" else formatted(value, unit)


def write(prometheus: Prometheus, folder: Path, boards: Sequence[Dashboard] = BOARDS, *, minutes: float) -> list[Path]:
    """One PNG for each board, of the same last minutes, however long drawing takes."""
    folder.mkdir(parents=True, exist_ok=True)
    span, paths = Span(time.time(), minutes), list[Path]()
    for board in boards:
        paths.append(folder / f"{board.uid.removeprefix('backdrop-')}.png")
        buffer = io.BytesIO()
        draw(board, prometheus, span).savefig(buffer, dpi=60)
        _small(Image.open(buffer)).save(paths[-1], optimize=True)
    return paths


def _small(picture: Image.Image) -> Image.Image:
    """With a palette: a third of the size, and every line keeps its colour."""
    return picture.convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


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
