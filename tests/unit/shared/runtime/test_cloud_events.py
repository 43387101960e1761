"""Traces and headers, letter for letter."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.events import ProductWithdrawn
from shared.contracts.identity import event_id
from shared.runtime.cloud_events import Trace, cloud_event_headers

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"


def test_a_trace_is_read_as_it_was_written() -> None:
    trace = Trace.read(PARENT)
    assert trace == Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00")
    assert str(trace) == PARENT


@pytest.mark.parametrize(
    "text", [None, "", "01" + PARENT[2:], PARENT.upper(), PARENT + "-0", PARENT[:-1], " " + PARENT, "nonsense"]
)
def test_what_is_no_trace_is_none(text: str | None) -> None:
    assert Trace.read(text) is None


def test_a_new_trace_is_sampled_and_never_the_same() -> None:
    one, other = Trace.new(), Trace.new()
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", str(one))
    assert one.trace_id != other.trace_id and one.span_id != other.span_id


def test_a_child_is_the_next_hop_of_the_same_trace() -> None:
    parent = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "00")
    child = parent.child()
    assert (child.trace_id, child.flags) == (parent.trace_id, "00")
    assert re.fullmatch("[0-9a-f]{16}", child.span_id) and child.span_id != parent.span_id


def test_the_headers_of_an_event_are_those_of_cloud_events_in_binary_mode() -> None:
    event = ProductWithdrawn(product_id="mug")
    headers = {name: value.decode() for name, value in cloud_event_headers(event, source="backdrop/curator")}
    said = headers.pop("ce_time")
    assert headers == {
        "ce_specversion": "1.0",
        "ce_id": event_id(event),
        "ce_type": "backdrop.ProductWithdrawn",
        "ce_source": "backdrop/curator",
        "content-type": "application/json",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", said)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(said)) < timedelta(minutes=1)
