"""Both arms' click rates with their intervals, and where the taste changes, as an SVG."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.taste.run import FROZEN, LEARNING

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 340, 64, 24, 44
COLOURS = {LEARNING: "#0b6e4f", FROZEN: "#8a8f98"}
TICKS = 5
STYLE = "text{font:12px sans-serif}.g{stroke:#ddd}.c{stroke:#b33;stroke-dasharray:5 4}.t{font-weight:bold}"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Scale:
    """From rounds and rates to pixels."""

    rounds: int
    most: float

    def x(self, number: float) -> float:
        """A round's place."""
        return LEFT + (WIDTH - LEFT - 20) * number / max(1, self.rounds - 1)

    def y(self, rate: float) -> float:
        """A rate's height."""
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * rate / self.most


def plot(found: dict[str, Any]) -> str:
    """Of a report's rounds; a dashed line where the taste changes."""
    rows = found["rounds"]
    steps = math.ceil(100 * max(float(row["high"]) for row in rows) / (TICKS - 1))  # whole percents from tick to tick
    scale = Scale(1 + max(int(row["round"]) for row in rows), (TICKS - 1) * max(1, steps) / 100)
    parts = _grid(scale)
    if found["changes_to"]:
        parts += _change(scale, found["changes_to"]["round"] - 0.5)
    for place, arm in enumerate(COLOURS):
        parts += _arm(scale, [row for row in rows if row["arm"] == arm], arm, LEFT + 150 * place)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><style>{STYLE}</style>'
    return head + "".join(parts) + "</svg>"


def _grid(scale: Scale) -> list[str]:
    parts = [f'<text x="{LEFT}" y="14" class="t">simulated click rate per round, 95 % intervals</text>']
    for tick in range(TICKS):
        rate = scale.most * tick / (TICKS - 1)
        y = scale.y(rate)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}" class="g"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{rate:.0%}</text>')
    numbers = range(scale.rounds)
    return parts + [f'<text x="{scale.x(n):.1f}" y="{HEIGHT - 24}" text-anchor="middle">{n}</text>' for n in numbers]


def _change(scale: Scale, number: float) -> list[str]:
    at = scale.x(number)
    return [
        f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" class="c"/>',
        f'<text x="{at + 4:.1f}" y="{TOP + 12}">the taste changes</text>',
    ]


def _arm(scale: Scale, rows: Sequence[Row], arm: str, left: int) -> list[str]:
    """Its line, the interval as a band around it, its name."""
    colour = COLOURS[arm]
    band = [*_points(scale, rows, "high"), *reversed(_points(scale, rows, "low"))]
    line = " ".join(_points(scale, rows, "rate"))
    return [
        f'<polygon points="{" ".join(band)}" fill="{colour}" opacity=".18"/>',
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5"/>',
        f'<text x="{left}" y="{HEIGHT - 6}" fill="{colour}">{arm} arm</text>',
    ]


def _points(scale: Scale, rows: Sequence[Row], what: str) -> list[str]:
    return [f"{scale.x(row['round']):.1f},{scale.y(row[what]):.1f}" for row in rows]
