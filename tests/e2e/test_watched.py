"""What an operator sees of the running stack: a real Prometheus, every query with data, every runbook's commands.

The stack is given products, refusals, nonsense and an outage twice, because a rate needs a before and an after.
"""

import json
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.dashboard_pictures import write
from deploy.dashboards.__main__ import BOARDS
from deploy.dashboards.asking import Prometheus
from deploy.dashboards.board import Dashboard
from deploy.local import prometheus_server
from deploy.local.places import Places
from deploy.local.processes import log_of
from tests.conftest import serving
from tests.e2e.ad_platform import AdPlatform
from tests.e2e.traffic import PATIENCE_S, learn, outage, work
from tests.missing import missing
from tests.unit.deploy.local.test_services import commands_of_the_day
from tests.unit.deploy.test_alerts import ALERTS, RUNBOOKS, recorded

pytestmark = [pytest.mark.e2e, pytest.mark.connected, pytest.mark.slow, pytest.mark.timeout(1200)]

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Watched:
    """A stack that has been through something, and the Prometheus that saw it; `began`: by the monotonic clock."""

    places: Places
    prometheus: Prometheus
    began: float


@pytest.fixture(scope="module")
def watched(stack: Places, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """The stack after two rounds of work and faults."""
    with serving(_quick_prometheus, stack):
        began, prometheus = time.monotonic(), Prometheus(f"http://127.0.0.1:{stack.prometheus_port}", window="20m")
        platform = AdPlatform(
            bootstrap=stack.bootstrap_servers,
            endpoint=f"127.0.0.1:{stack.minio_port}",
            access_key=stack.user,
            secret_key=stack.password,
            bucket=stack.bucket,
        )
        try:
            for number in (1, 2):
                learn(platform, 5 * number)
                work(platform, tmp_path_factory.mktemp("shop"), number)
                outage(stack, platform, number)
            until_settled(prometheus)
            yield Watched(stack, prometheus, began)
        finally:
            platform.close()


def _quick_prometheus(places: Places) -> Any:
    process = prometheus_server.prometheus(places)
    if process is None:
        missing("prometheus is not installed")
    file = places.var / "prometheus" / "prometheus.yml"
    text = file.read_text().replace("scrape_interval: 5s", "scrape_interval: 1s")
    file.write_text(text.replace("evaluation_interval: 15s", "evaluation_interval: 2s"))
    return process


def until_settled(prometheus: Prometheus) -> None:
    """Both trainings have ended, and everything was scraped and recorded after it."""
    end = time.monotonic() + PATIENCE_S
    while (
        sum(count for _, count in prometheus.now('backdrop_outcomes_total{service="trainer", outcome="trained"}')) < 2
    ):
        assert time.monotonic() < end, "two trainings did not end"
        time.sleep(1)
    for last in (scraped_at, evaluated_at, evaluated_at):  # rules look at what other rules recorded
        before = time.time()
        while min(last(prometheus)) <= before:
            assert time.monotonic() < end, f"what came of it was not {last.__name__}"
            time.sleep(1)


def scraped_at(prometheus: Prometheus) -> list[float]:
    """When each target was scraped last."""
    return [at for _, at in prometheus.now("timestamp(up)")]


def evaluated_at(prometheus: Prometheus) -> list[float]:
    """When each group of rules was evaluated last."""
    rules = httpx.get(f"{prometheus.url}/api/v1/rules", timeout=PATIENCE_S, trust_env=False).json()
    return [datetime.fromisoformat(group["lastEvaluation"]).timestamp() for group in rules["data"]["groups"]]


def test_the_dashboards_can_be_looked_at(watched: Watched, tmp_path: Path) -> None:
    """Set DASHBOARD_PICTURES to a folder to have all of them there; one tells whether they can be drawn."""
    folder = os.environ.get("DASHBOARD_PICTURES")
    boards = BOARDS if folder else BOARDS[:1]
    minutes = math.ceil((time.monotonic() - watched.began) / 60)
    paths = write(replace(watched.prometheus, window="30s"), Path(folder or tmp_path), boards, minutes=minutes)
    assert len(paths) == len(boards) and all(path.stat().st_size > 10_000 for path in paths)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_every_query_of_every_dashboard_has_data(board: Dashboard, watched: Watched) -> None:
    without = {
        f"{panel.title}: {query.expr}"
        for panel in board.panels()
        for query in panel.queries
        if not watched.prometheus.now(watched.prometheus.filled(query.expr, board))
    }
    assert without == set()


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_everything_an_alert_looks_at_has_data(rule: dict[str, Any], watched: Watched) -> None:
    looked_at = set(re.findall(r"\b(?:backdrop[:_][\w:]+|up)(?:\{[^}]*\})?", rule["expr"]))
    assert looked_at
    assert {name for name in looked_at if not watched.prometheus.now(name)} == set()


def test_everything_recorded_has_data(watched: Watched) -> None:
    assert {name for name in recorded() if not watched.prometheus.now(name)} == set()


def test_dead_letters_of_the_run_are_an_alert(watched: Watched) -> None:
    firing = watched.prometheus.now('ALERTS{alertstate="firing", alertname="DeadLetters"}')
    assert {labels["reason"] for labels, _ in firing} >= {"bad_event"}


def test_a_slow_option_leads_to_its_trace_and_its_log_lines(watched: Watched) -> None:
    exemplars = watched.prometheus.exemplars("backdrop_submitted_to_option_seconds_bucket")
    assert exemplars
    log = log_of("segmenter", watched.places).read_text()
    assert any(f'"trace_id": "{trace}"' in log for trace in exemplars)


def commands() -> list[str]:
    """Every command of every runbook, once."""
    blocks = [
        block
        for page in sorted(RUNBOOKS.glob("*.md"))
        for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.S)
    ]
    return list(dict.fromkeys(line for block in blocks for line in block.splitlines()))


def here(command: str, places: Places) -> str:
    """A command with the addresses of this stack in place of the usual ones."""
    ports = {"9090": places.prometheus_port, "9000": places.minio_port}
    for number, service in enumerate(("segmenter", "captioner", "curator", "trainer", "inpainter"), 8001):
        ports[str(number)] = places.service_port(service)
    return re.sub(r"http://127\.0\.0\.1:(\d{4})", lambda found: f"http://127.0.0.1:{ports[found[1]]}", command)


def failed(commands: Iterable[str], places: Places) -> str:
    """What did not work, and how; "{}" when all did and had something to say."""
    ports = {f"LOCAL_{name.upper()}": str(value) for name, value in places.model_dump().items() if "port" in name}
    environment = {
        **os.environ,
        **ports,
        "LOCAL_VAR": str(places.var),
        "KAFKA_BOOTSTRAP_SERVERS": places.bootstrap_servers,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    found = {}
    for command in commands:
        done = subprocess.run(
            here(command, places), shell=True, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
        )
        if done.returncode or not done.stdout.strip():
            found[command] = f"{done.returncode}: {done.stdout[-300:]} {done.stderr[-300:]}"
    return json.dumps(found, indent=1)


def test_the_runbooks_commands_work(watched: Watched) -> None:
    assert len(commands()) > 30
    assert failed(commands(), watched.places) == "{}"


def test_the_commands_of_the_day_work(watched: Watched, tmp_path: Path) -> None:
    told = 'eval "$(python -m deploy.local environment)" && '
    table = [told + command.replace("FOLDER", str(tmp_path / "copy")) for command in commands_of_the_day()]
    assert len(table) > 10
    trouble = json.loads(failed(table, watched.places))
    # nobody can say before whether one of two short trainings comes out better
    assert [words for words in trouble.values() if "was ever in use" not in words] == []
    assert any((tmp_path / "copy").iterdir())
