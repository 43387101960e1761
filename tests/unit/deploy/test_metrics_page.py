"""The page of metrics is that of the code, and its names are as Prometheus wants them."""

import re
import subprocess

from prometheus_client import CollectorRegistry, generate_latest

from deploy.metrics_page import LABELS, PAGE, ROOMS, page, rows
from tests.missing import needs

UNITS = ("_seconds", "_bytes", "_ratio", "_messages", "_images")


def test_the_page_is_not_stale() -> None:
    assert page(PAGE.read_text()) == PAGE.read_text(), "run: python -m deploy.metrics_page"


def test_every_label_says_what_bounds_it_and_none_is_said_in_vain() -> None:
    assert {label for row in rows() for label in row.labels} == set(LABELS)


def test_names_are_ours_and_unique() -> None:
    names = [row.name for row in rows()]
    assert len(names) == len(set(names)) > 30
    assert all(re.fullmatch(r"backdrop_[a-z]+(_[a-z]+)*", name) for name in names)


def test_what_grows_ends_in_total_and_what_is_spread_ends_in_its_unit() -> None:
    for row in rows():
        assert (row.kind == "counter") == row.name.endswith("_total"), row
        assert row.kind != "histogram" or row.name.endswith(UNITS), row


def test_every_metric_of_a_room_says_what_it_is() -> None:
    assert all(len(row.says) > 10 and not row.says.endswith(".") for row in rows())


@needs("promtool")
def test_promtool_finds_no_fault_with_the_names() -> None:
    registry = CollectorRegistry()
    for fill in ROOMS.values():
        fill(registry)
    done = subprocess.run(
        ["promtool", "check", "metrics"], input=generate_latest(registry), capture_output=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, b"")
