"""Asking a Prometheus what a panel shows, as Grafana would."""

import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.dashboards.board import Dashboard, Panel, Query
from deploy.dashboards.promql import WINDOW

TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Series:
    """One line of a graph: its name in the legend, and its points in seconds since 1970."""

    name: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Prometheus:
    """One server; `window` stands for Grafana's `$__rate_interval`."""

    url: str
    window: str = "1m"

    def now(self, expr: str) -> list[tuple[Mapping[str, str], float]]:
        """Labels and values of an expression; what is no number is left out. Raises ValueError for a bad query."""
        found = self._asked("query", {"query": expr})
        values = [(sample["metric"], float(sample["value"][1])) for sample in found]
        return [(labels, value) for labels, value in values if not math.isnan(value)]

    def exemplars(self, expr: str) -> list[str]:
        """Trace ids of the last hour's exemplars of a histogram's buckets."""
        now = time.time()
        found = self._get("query_exemplars", {"query": expr, "start": now - 3600, "end": now})["data"]
        return [one["labels"]["trace_id"] for series in found for one in series["exemplars"]]

    def lines(self, panel: Panel, board: Dashboard, *, begin: float, end: float, step_s: float) -> Iterator[Series]:
        """Every line of a panel between two moments."""
        for query in panel.queries:
            span = {"start": begin, "end": end, "step": step_s}
            for series in self._asked("query_range", {"query": self.filled(query.expr, board), **span}):
                points = [(float(at), float(value)) for at, value in series["values"]]
                yield Series(named(query, series["metric"]), tuple(p for p in points if math.isfinite(p[1])))

    def filled(self, expr: str, board: Dashboard) -> str:
        """A query with Grafana's variables in it."""
        for dial in board.dials:
            expr = expr.replace(f"${dial.name}", dial.value)
        return expr.replace(WINDOW, self.window)

    def _asked(self, what: str, parameters: Mapping[str, Any]) -> list[Any]:
        data = self._get(what, parameters)["data"]
        if data["resultType"] == "scalar":
            return [{"metric": {}, "value": data["result"]}]
        return list(data["result"])

    def _get(self, what: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.get(
            f"{self.url}/api/v1/{what}", params=parameters, timeout=TIMEOUT_S, trust_env=False
        ).json()
        if answer["status"] != "success":
            raise ValueError(f"{answer.get('error')}: {parameters['query']}")
        return answer


def named(query: Query, labels: Mapping[str, str]) -> str:
    """A line's name, as Grafana fills a legend."""
    name = query.legend
    for label, value in labels.items():
        name = name.replace(f"{{{{{label}}}}}", value)
    return name
