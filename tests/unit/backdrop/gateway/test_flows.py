"""Tries, pages, streams and waits, step by step: nothing is sent here, and no time passes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from backdrop.gateway import Patience, flows
from backdrop.gateway.answers import Done
from backdrop.gateway.calls import hooks, photos, scenes
from backdrop.gateway.flows import Item, Open, Pause, Read, Send
from backdrop.gateway.problems import NotReady, Refused
from backdrop.gateway.requests import Answer, Call, Lost
from shared.contracts.errors import DependencyDown
from tests.unit.backdrop.gateway.samples import BACKGROUND, OPTION

NO_ANSWER = Lost("reset by peer")
OPENED = Answer(status=200)


@dataclass
class Clock:
    """Time that passes when somebody pauses, and with each read."""

    at_s: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.at_s


def patience(clock: Clock, **given: Any) -> Patience:
    return Patience(clock=clock, spread=lambda: 1.0, **given)


def play(flow: Any, outcomes: Sequence[Any], clock: Clock, read_s: float = 0.0) -> tuple[list[Any], list[Any], Any]:
    """Steps asked for, items given, and the result (or the error)."""
    steps: list[Any] = []
    items: list[Any] = []
    todo = list(outcomes)
    outcome = None
    while True:
        try:
            step = flow.send(outcome)
        except StopIteration as end:
            return steps, items, end.value
        except Exception as error:
            return steps, items, error
        outcome = None
        if isinstance(step, Item):
            items.append(step.value)
        elif isinstance(step, Pause):
            clock.at_s += step.seconds
            clock.pauses.append(step.seconds)
        else:
            steps.append(step)
            clock.at_s += read_s if isinstance(step, Read) else 0.0
            if not todo:
                return steps, items, None
            outcome = todo.pop(0)


def problem(status: int, reason: str, field: str | None = None, **headers: str) -> Answer:
    body = {"type": "about:blank", "title": "No", "status": status, "reason": reason, "detail": "no", "field": field}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, body=json.dumps(body).encode(), headers=names)


def answered(background: Any = BACKGROUND, **changed: Any) -> Answer:
    return Answer(status=200, body=background.model_copy(update=changed).model_dump_json().encode())


def frame(number: int, product_id: str = "mug") -> bytes:
    event = {
        "id": f"e{number}",
        "source": "backdrop/test",
        "type": "backdrop.ProductWithdrawn",
        "subject": product_id,
        "time": "2026-01-01T00:00:00Z",
        "data": {"product_id": product_id},
    }
    return f"id: {number}\nevent: x\ndata: {json.dumps(event)}\n\n".encode()


def test_what_the_gateway_asks_to_wait_is_waited() -> None:
    clock = Clock()
    steps, _, found = play(
        flows.tried(scenes.ask("mug"), patience(clock)),
        [problem(429, "rate_limited", retry_after="7"), problem(503, "kafka_down", retry_after="5"), answered()],
        clock,
    )
    assert found == BACKGROUND and clock.pauses == [7.0, 5.0]
    assert len({step.request.headers["Idempotency-Key"] for step in steps}) == 1


def test_a_quota_that_ends_at_midnight_is_not_waited_for() -> None:
    clock = Clock()
    _, _, error = play(
        flows.tried(scenes.ask("mug"), patience(clock)), [problem(429, "quota_exceeded", retry_after="40000")], clock
    )
    assert isinstance(error, Refused)
    assert (error.status, error.reason, error.retry_after_s, clock.pauses) == (429, "quota_exceeded", 40000.0, [])


def test_tries_end_and_pauses_double() -> None:
    clock = Clock()
    _, _, error = play(flows.tried(photos.product("mug"), patience(clock, tries=4)), [NO_ANSWER] * 9, clock)
    assert isinstance(error, DependencyDown) and "reset by peer" in error.message
    assert clock.pauses == [0.5, 1.0, 2.0]


@pytest.mark.parametrize("call", [scenes.review(BACKGROUND, OPTION), scenes.engage(BACKGROUND, OPTION, "click")])
def test_a_vote_or_a_click_whose_answer_was_lost_is_told_again_as_the_same(call: Call[Done]) -> None:
    clock, done = Clock(), Answer(status=202, body=Done(accepted=1).model_dump_json().encode())
    steps, _, found = play(flows.tried(call, patience(clock)), [NO_ANSWER, problem(502, "x"), done], clock)
    assert isinstance(found, Done) and len(steps) == 3
    assert len({step.request.headers["Idempotency-Key"] for step in steps}) == 1


def test_each_vote_is_one_of_its_own() -> None:
    keys = {scenes.review(BACKGROUND, OPTION).request.headers["Idempotency-Key"] for _ in range(2)}
    assert len(keys) == 2
    named = scenes.review(BACKGROUND, OPTION, idempotency_key="vote-7")
    assert named.request.headers["Idempotency-Key"] == "vote-7"


def test_what_has_no_key_is_not_sent_again_when_its_answer_was_lost() -> None:
    steps, _, error = play(flows.tried(hooks.replay_webhook("w1"), patience(Clock())), [NO_ANSWER] * 9, Clock())
    assert isinstance(error, DependencyDown) and len(steps) == 1
    steps, _, _ = play(
        flows.tried(hooks.replay_webhook("w1"), patience(Clock())), [problem(502, "x"), answered()], Clock()
    )
    assert len(steps) == 1


def test_a_no_is_said_at_once_with_its_field() -> None:
    _, _, error = play(flows.tried(scenes.ask("mug"), patience(Clock())), [problem(422, "invalid", "count")], Clock())
    assert isinstance(error, Refused)
    assert (error.reason, error.field, str(error)) == ("invalid", "count", "no (422 invalid, count)")


def test_a_first_sending_that_is_still_worked_on_is_waited_for() -> None:
    clock = Clock()
    outcomes = [NO_ANSWER, problem(409, "idempotency_key_busy"), answered()]
    _, _, found = play(flows.tried(scenes.ask("mug"), patience(clock)), outcomes, clock)
    assert found == BACKGROUND and clock.pauses == [0.5, 1.0]


def test_another_conflict_is_an_error() -> None:
    _, _, error = play(flows.tried(scenes.ask("mug"), patience(Clock())), [problem(409, "other")], Clock())
    assert isinstance(error, Refused) and error.reason == "other"


def test_a_proxys_page_is_an_error_with_its_status() -> None:
    _, _, error = play(
        flows.tried(hooks.replay_webhook("w1"), patience(Clock())), [Answer(status=502, body=b"<html>")], Clock()
    )
    assert isinstance(error, Refused) and (error.status, error.reason) == (502, "http_502")


def test_pages_follow_each_other_to_the_end() -> None:
    def page(cursor: str | None, *names: str) -> Answer:
        items = [BACKGROUND.model_copy(update={"request_id": name}).model_dump(mode="json") for name in names]
        return Answer(status=200, body=json.dumps({"items": items, "next_cursor": cursor}).encode())

    steps, items, _ = play(
        flows.backgrounds(patience(Clock()), "mug"), [page("c1", "a", "b"), page(None, "c")], Clock()
    )
    assert [item.request_id for item in items] == ["a", "b", "c"]
    assert [step.request.query.get("cursor") for step in steps] == [None, "c1"]


def test_a_stream_that_breaks_goes_on_behind_the_last_event() -> None:
    clock = Clock()
    half = frame(3)[:20]
    outcomes = [OPENED, frame(1) + frame(2), half, b"", OPENED, frame(3), NO_ANSWER, NO_ANSWER, OPENED]
    steps, items, _ = play(flows.events(patience(clock), "mug"), outcomes, clock)
    assert [item.last_id for item in items] == ["1", "2", "3"]
    opened = [step.request.headers.get("Last-Event-ID") for step in steps if isinstance(step, Open)]
    assert opened == [None, "2", "3", "3"]


def test_a_stream_that_is_refused_says_why() -> None:
    _, _, error = play(flows.events(patience(Clock()), "mug"), [problem(404, "product_unknown")], Clock())
    assert isinstance(error, Refused) and error.reason == "product_unknown"


def test_a_gateway_that_stays_away_ends_the_stream() -> None:
    clock = Clock()
    _, _, error = play(flows.events(patience(clock, tries=3)), [NO_ANSWER] * 9, clock)
    assert isinstance(error, DependencyDown) and clock.pauses == [0.5, 1.0]


def test_events_end_when_their_time_is_over() -> None:
    clock = Clock()
    steps, items, error = play(
        flows.events(patience(clock), for_s=25.0), [OPENED, *[b": ping\n\n"] * 9], clock, read_s=10.0
    )
    assert (items, error) == ([], None)
    assert len([step for step in steps if isinstance(step, Read)]) == 3
    assert [step.silence_s for step in steps if isinstance(step, Open)] == [25.0]


def test_options_that_came_before_the_stream_was_open_are_found() -> None:
    steps, _, found = play(flows.wait_for_options(patience(Clock()), BACKGROUND), [OPENED, answered()], Clock())
    assert found == BACKGROUND and [type(step) for step in steps] == [Open, Send]


def test_options_are_looked_for_after_each_event() -> None:
    asked = answered(status="requested", options=())
    outcomes = [OPENED, asked, frame(1) + frame(2), asked, answered()]
    steps, _, found = play(flows.wait_for_options(patience(Clock()), BACKGROUND), outcomes, Clock())
    assert found == BACKGROUND and [type(step) for step in steps] == [Open, Send, Read, Send, Send]


def test_a_wait_has_an_end() -> None:
    clock = Clock()
    outcomes = [OPENED, answered(status="requested"), *[b": ping\n\n"] * 9]
    _, _, error = play(flows.wait_for_options(patience(clock), BACKGROUND, for_s=35.0), outcomes, clock, read_s=15.0)
    assert isinstance(error, NotReady) and "35 s" in error.message and clock.at_s == 45.0
