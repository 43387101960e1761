"""A dashboard as data: rows of panels, each a few queries with one unit; and its JSON, as Grafana provisions it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

SOURCE = {"type": "prometheus", "uid": "prometheus"}
COLUMNS = 24
Unit = Literal["s", "bytes", "percentunit", "short", "currencyUSD", "none", "per second", "per minute", "samples/s"]
COLOURS = {
    "segmenter": "#1f77b4",
    "captioner": "#2ca02c",
    "inpainter": "#ff7f0e",
    "curator": "#9467bd",
    "trainer": "#8c564b",
    "gateway": "#7f7f7f",
}
SUFFIXES = {"per second": "suffix:/s", "per minute": "suffix:/min", "samples/s": "suffix: samples/s"}


@dataclass(frozen=True)
class Query:
    """`expr` in PromQL; `legend` names its lines by their labels, such as `{{service}}`."""

    expr: str
    legend: str


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One graph. `says` is what a person reads who asks what it means; `stacked` adds its lines up."""

    title: str
    says: str
    unit: Unit
    queries: tuple[Query, ...]
    kind: Literal["timeseries", "stat"] = "timeseries"
    width: int = 8
    height: int = 8
    stacked: bool = False


@dataclass(frozen=True)
class Row:
    """Panels under one heading."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, kw_only=True)
class Dial:
    """A number that whoever looks may change, such as a price; `$name` in queries."""

    name: str
    label: str
    value: str


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """One dashboard."""

    uid: str
    title: str
    says: str
    rows: tuple[Row, ...]
    dials: tuple[Dial, ...] = ()

    def panels(self) -> Iterator[Panel]:
        """All of them, in order."""
        for row in self.rows:
            yield from row.panels


def rendered(board: Dashboard) -> dict[str, Any]:
    """The JSON model of a dashboard."""
    return {
        "uid": board.uid,
        "title": board.title,
        "description": board.says,
        "tags": ["backdrop"],
        "timezone": "",
        "schemaVersion": 39,
        "version": 1,
        "editable": False,
        "refresh": "15s",
        "time": {"from": "now-1h", "to": "now"},
        "links": [_other_boards()],
        "annotations": {"list": []},
        "templating": {"list": [_dial(dial) for dial in board.dials]},
        "panels": list(_laid_out(board.rows)),
    }


def _other_boards() -> dict[str, Any]:
    return {"type": "dashboards", "title": "Backdrop", "tags": ["backdrop"], "asDropdown": True, "keepTime": True}


def _dial(dial: Dial) -> dict[str, Any]:
    current = {"text": dial.value, "value": dial.value}
    return {"type": "textbox", "name": dial.name, "label": dial.label, "query": dial.value, "current": current}


def _laid_out(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Rows below each other; panels from left to right, as many as fit."""
    number, y = 1, 0
    for row in rows:
        yield {"type": "row", "id": number, "title": row.title, "collapsed": False, "gridPos": _place(0, y, COLUMNS, 1)}
        number, y, x, tallest = number + 1, y + 1, 0, 0
        for panel in row.panels:
            if x + panel.width > COLUMNS:
                x, y, tallest = 0, y + tallest, 0
            yield _panel(panel, number, _place(x, y, panel.width, panel.height))
            number, x, tallest = number + 1, x + panel.width, max(tallest, panel.height)
        y += tallest


def _place(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    return {
        "type": panel.kind,
        "id": number,
        "title": panel.title,
        "description": panel.says,
        "datasource": SOURCE,
        "gridPos": place,
        "targets": [_target(query, letter) for query, letter in zip(panel.queries, "ABCDEFGH", strict=False)],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": _overrides(panel)},
        "options": _stat_options() if panel.kind == "stat" else _graph_options(),
    }


def _target(query: Query, letter: str) -> dict[str, Any]:
    target = {"refId": letter, "expr": query.expr, "legendFormat": query.legend, "datasource": SOURCE}
    return {**target, "exemplar": True} if "_bucket" in query.expr else target


def _defaults(panel: Panel) -> dict[str, Any]:
    unit = SUFFIXES.get(panel.unit, panel.unit)
    if panel.kind == "stat":
        return {"unit": unit, "decimals": 0} if panel.unit == "short" else {"unit": unit}
    stacking = {"mode": "normal" if panel.stacked else "none"}
    custom = {"lineWidth": 1, "fillOpacity": 30 if panel.stacked else 5, "stacking": stacking, "showPoints": "never"}
    return {"unit": unit, "min": 0, "custom": custom}


def _overrides(panel: Panel) -> list[dict[str, Any]]:
    """A stage has one colour wherever it is a line of its own."""
    by_stage = any(query.legend == "{{service}}" for query in panel.queries)
    return [_coloured(*pair) for pair in COLOURS.items()] if by_stage else []


def _coloured(service: str, colour: str) -> dict[str, Any]:
    fixed = {"id": "color", "value": {"mode": "fixed", "fixedColor": colour}}
    return {"matcher": {"id": "byName", "options": service}, "properties": [fixed]}


def _graph_options() -> dict[str, Any]:
    return {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }


def _stat_options() -> dict[str, Any]:
    return {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "area"}
