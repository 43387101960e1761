"""Every alert is tested as it fires and as it does not, and leads to a page that says what to do."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.prometheus_rule import MANIFEST, manifest
from tests.missing import needs

ROOT = Path(__file__).resolve().parents[3]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RUNBOOKS = ROOT / "docs" / "runbooks"
TESTS = sorted(PROMETHEUS.glob("*.test.yml"))


def loaded(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(path.read_text())
    return read


def rules_of(file: str) -> list[dict[str, Any]]:
    return [rule for group in loaded(PROMETHEUS / file)["groups"] for rule in group["rules"]]


ALERTS = rules_of("alerts.yml")


def recorded() -> set[str]:
    return {rule["record"] for rule in rules_of("recording.yml")}


def cases() -> list[dict[str, Any]]:
    return [case for path in TESTS for test in loaded(path)["tests"] for case in test.get("alert_rule_test", ())]


@pytest.mark.parametrize("alert", [rule["alert"] for rule in ALERTS])
def test_an_alert_is_tested_as_it_fires_and_as_it_does_not(alert: str) -> None:
    expected = [case["exp_alerts"] for case in cases() if case["alertname"] == alert]
    assert any(expected) and not all(expected)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_leads_to_its_page(rule: dict[str, Any]) -> None:
    page = ROOT / rule["annotations"]["runbook_url"]
    assert page == RUNBOOKS / f"{rule['alert']}.md"
    text = page.read_text()
    assert text.startswith(f"# {rule['alert']}\n") and "## Look" in text and "## Then" in text and "```sh" in text
    assert rule["labels"]["severity"] in {"page", "ticket"} and rule["annotations"]["summary"]


def test_no_page_is_about_an_alert_that_is_gone() -> None:
    pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == {rule["alert"] for rule in ALERTS}
    assert set(re.findall(r"\]\((\w+)\.md\)", (RUNBOOKS / "README.md").read_text())) == pages


def test_what_is_recorded_is_looked_at_and_what_is_looked_at_is_recorded() -> None:
    dashboards = " ".join(path.read_text() for path in (ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
    alerts = " ".join(rule["expr"] for rule in ALERTS)
    books = " ".join(path.read_text() for path in RUNBOOKS.glob("*.md"))
    looked_at = set(re.findall(r"\bbackdrop:[\w:]+", f"{dashboards} {alerts} {books}"))
    assert looked_at == recorded()


def test_prometheus_scrapes_every_service() -> None:
    from deploy.local.places import PROCESSES

    jobs = loaded(PROMETHEUS / "prometheus.yml")["scrape_configs"]
    targets = {target for job in jobs for some in job["static_configs"] for target in some["targets"]}
    assert targets == {f"{service}:8000" for service in PROCESSES}
    named = {some["labels"]["service"] for job in jobs for some in job["static_configs"]}
    assert named == set(PROCESSES) and all(job["honor_labels"] for job in jobs)


@needs("promtool")
@pytest.mark.parametrize(
    "arguments",
    [["check", "config", "prometheus.yml"], *(["test", "rules", path.name] for path in TESTS)],
    ids=lambda arguments: arguments[-1],
)
def test_promtool_accepts_the_configuration_and_every_case_of_every_alert(arguments: list[str]) -> None:
    done = subprocess.run(["promtool", *arguments], cwd=PROMETHEUS, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_of_the_cluster_are_those_of_the_stack() -> None:
    assert MANIFEST.read_text() == manifest(), "run: make schemas"
