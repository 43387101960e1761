"""What a panel shows is asked as Grafana would ask it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from benchmarks.dashboard_pictures import formatted
from deploy.dashboards.asking import Prometheus, Series, named
from deploy.dashboards.board import Dashboard, Dial, Panel, Query, Row, Unit

PANEL = Panel(title="t", says="s.", unit="s", queries=(Query("rate(x[$__rate_interval]) * $price", "{{service}}!"),))
BOARD = Dashboard(
    uid="u", title="t", says="s", rows=(Row("r", (PANEL,)),), dials=(Dial(name="price", label="p", value="2.5"),)
)


class Server:
    """Answers whatever it is told to, and remembers what was asked."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                url = urlparse(self.path)
                server.asked.append((url.path, parse_qs(url.query)))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(server.answer).encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server
    server.http.shutdown()
    thread.join(timeout=5)
    server.http.server_close()


def data(kind: str, result: Any) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": kind, "result": result}}


def test_a_value_that_is_no_number_is_no_data(server: Server) -> None:
    server.answer = data(
        "vector", [{"metric": {"a": "1"}, "value": [0, "NaN"]}, {"metric": {"a": "2"}, "value": [0, "3"]}]
    )
    assert Prometheus(server.url).now("up") == [({"a": "2"}, 3.0)]
    assert server.asked == [("/api/v1/query", {"query": ["up"]})]


def test_a_lone_number_is_a_line_without_labels(server: Server) -> None:
    server.answer = data("scalar", [0, "7"])
    assert Prometheus(server.url).now("scalar(up)") == [({}, 7.0)]


def test_a_query_that_prometheus_refuses_is_told(server: Server) -> None:
    server.answer = {"status": "error", "error": "parse error"}
    with pytest.raises(ValueError, match=r"parse error: up\("):
        Prometheus(server.url).now("up(")


def test_a_panels_lines_have_names_and_finite_points(server: Server) -> None:
    values = [[10, "1"], [20, "NaN"], [30, "+Inf"], [40, "2"]]
    server.answer = data("matrix", [{"metric": {"service": "curator"}, "values": values}])
    lines = list(Prometheus(server.url, window="30s").lines(PANEL, BOARD, begin=10, end=40, step_s=10))
    assert lines == [Series("curator!", ((10.0, 1.0), (40.0, 2.0)))]
    assert server.asked[0][1]["query"] == ["rate(x[30s]) * 2.5"]


def test_exemplars_are_their_traces(server: Server) -> None:
    server.answer = {"status": "success", "data": [{"exemplars": [{"labels": {"trace_id": "abc"}}]}]}
    assert Prometheus(server.url).exemplars("x_bucket") == ["abc"]


def test_a_legend_is_filled_with_labels() -> None:
    assert named(Query("up", "{{service}} {{reason}}"), {"service": "curator", "reason": "blur"}) == "curator blur"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.25, "s", "250 ms"),
        (90, "s", "90 s"),
        (0, "s", "0 s"),
        (0.5, "percentunit", "50 %"),
        (3 * 2**20, "bytes", "3 MiB"),
        (1.234, "currencyUSD", "$1.23"),
        (12, "per minute", "12/min"),
        (3, "short", "3"),
    ],
)
def test_values_have_their_units(value: float, unit: Unit, text: str) -> None:
    assert formatted(value, unit) == text
