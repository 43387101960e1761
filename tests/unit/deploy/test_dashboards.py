"""The dashboards are those of their sources, show every metric, and ask for none that is not there."""

import json
import re
from collections.abc import Iterator

import pytest

from deploy.dashboards.__main__ import BOARDS, FOLDER, files
from deploy.dashboards.board import Dashboard, Panel, Query, Row, rendered
from deploy.metrics_page import rows
from tests.unit.deploy.test_alerts import ALERTS, recorded

SUFFIXES = {"counter": [""], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}


def exposed() -> set[str]:
    return {row.name + suffix for row in rows() for suffix in SUFFIXES[row.kind]}


def labels_of() -> dict[str, set[str]]:
    """Labels by exposed name; those of a scrape's target are on everything."""
    return {
        row.name + suffix: {*row.labels, "le", "job", "instance", "service"}
        for row in rows()
        for suffix in SUFFIXES[row.kind]
    }


def queries() -> Iterator[str]:
    for board in BOARDS:
        for panel in board.panels():
            yield from (query.expr for query in panel.queries)


def asked() -> set[str]:
    alerts = [rule["expr"] for rule in ALERTS]
    return {name for text in (*queries(), *alerts) for name in re.findall(r"\bbackdrop_\w+", text)}


def test_the_files_are_not_stale() -> None:
    assert {path: path.read_text() for path in FOLDER.glob("*.json")} == files(), "run: python -m deploy.dashboards"


def test_every_metric_that_is_looked_at_exists() -> None:
    assert asked() <= exposed()
    names = {name for text in queries() for name in re.findall(r"\bbackdrop:[\w:]+", text)}
    assert names <= recorded()


def test_every_metric_is_looked_at() -> None:
    seen = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked()}
    assert {row.name for row in rows()} == seen


def test_selectors_name_labels_that_the_metric_has() -> None:
    known = labels_of()
    for text in queries():
        for name, selector in re.findall(r"\b(backdrop_\w+)\{([^}]*)\}", text):
            assert set(re.findall(r"(\w+)\s*[=!]~?", selector)) <= known[name], text


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_panels_do_not_overlap_and_fit(board: Dashboard) -> None:
    places = [panel["gridPos"] for panel in rendered(board)["panels"]]
    cells = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells)) > 0
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_every_panel_says_what_it_means_and_names_its_lines(board: Dashboard) -> None:
    titles = [panel.title for panel in board.panels()]
    assert len(titles) == len(set(titles))
    for panel in board.panels():
        assert panel.says.endswith("."), panel.title
        by = {label for query in panel.queries for label in re.findall(r"\{\{(\w+)\}\}", query.legend)}
        for query in panel.queries:
            assert by <= set(re.findall(r"\w+", query.expr)) | {"instance"}, panel.title


def test_each_board_is_found_by_its_name_once() -> None:
    assert len({board.uid for board in BOARDS}) == len({board.title for board in BOARDS}) == len(BOARDS) == 10


def test_a_row_that_is_full_goes_on_below() -> None:
    panel = Panel(title="t", says="s.", unit="s", queries=(Query("up", "{{service}}"),), width=10, height=5)
    board = Dashboard(uid="u", title="t", says="s", rows=(Row("one", (panel, panel, panel)), Row("two", (panel,))))
    places = [panel["gridPos"] for panel in rendered(board)["panels"]]
    assert [(at["x"], at["y"]) for at in places] == [(0, 0), (0, 1), (10, 1), (0, 6), (0, 11), (0, 12)]


def test_what_is_written_can_be_read_by_grafana() -> None:
    for text in files().values():
        board = json.loads(text)
        assert {"uid", "title", "panels", "schemaVersion", "templating"} <= set(board)
        assert all(panel["datasource"]["uid"] == "prometheus" for panel in board["panels"] if panel["type"] != "row")
