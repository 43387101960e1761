"""Leases by hand-held clock: expiry, fencing, outcomes that are written once."""

from dataclasses import replace

import pytest

from services.trainer.jobs.entries import Outcome
from services.trainer.jobs.ledger import LeaseLost, Ledger
from shared.contracts.events import TrainingRequested
from tests.fakes.blobs import MemoryBlobs


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def two_ledgers() -> tuple[Ledger, Ledger, Clock]:
    blobs, clock = MemoryBlobs(), Clock()
    return Ledger(blobs, "one", ttl_s=60, clock=clock), Ledger(blobs, "two", ttl_s=60, clock=clock), clock


def test_a_lease_is_exclusive_until_it_expires() -> None:
    one, two, clock = two_ledgers()
    first = one.take("job")
    assert first is not None and first.token == 1 and two.take("job") is None
    clock.now += 59
    first.renew()
    clock.now += 59
    assert two.take("job") is None
    clock.now += 2
    second = two.take("job")
    assert second is not None and second.token == 2


def test_the_old_holder_is_fenced_off() -> None:
    one, two, clock = two_ledgers()
    first = one.take("job")
    clock.now += 61
    second = two.take("job")
    assert first is not None and second is not None
    with pytest.raises(LeaseLost):
        first.renew()
    with pytest.raises(LeaseLost):
        one.finish(first, Outcome(reason="better"))
    assert two.finish(second, Outcome(reason="not_better")).reason == "not_better"


def test_a_released_job_is_free_at_once_or_after_a_pause() -> None:
    one, two, clock = two_ledgers()
    first = one.take("job")
    assert first is not None
    first.release(after_s=10)
    assert two.take("job") is None
    clock.now += 11
    assert two.take("job") is not None


def test_the_first_outcome_counts() -> None:
    one, _, _ = two_ledgers()
    lease = one.take("job")
    assert lease is not None
    one.finish(lease, Outcome(reason="better"))
    assert one.finish(lease, Outcome(reason="not_better")).reason == "better"


def request(job_id: str) -> TrainingRequested:
    return TrainingRequested(job_id=job_id, stage="product", model="m", dataset="product", dataset_version="1")


def test_a_free_job_and_one_that_waits_for_its_next_try_are_something_to_do() -> None:
    one, two, _ = two_ledgers()
    assert not two.anything_to_do()
    one.accept(request("job"))
    assert two.anything_to_do()
    lease = one.take("job")
    assert lease is not None
    lease.release(after_s=600)
    assert two.anything_to_do()


def test_a_job_in_other_hands_is_nothing_to_do_until_they_let_go() -> None:
    one, two, clock = two_ledgers()
    one.accept(request("job"))
    assert one.take("job") is not None
    assert not two.anything_to_do()
    clock.now += 61
    assert two.anything_to_do()


def test_a_job_that_has_ended_is_nothing_to_do() -> None:
    one, two, _ = two_ledgers()
    one.accept(request("job"))
    lease = one.take("job")
    assert lease is not None
    one.finish(lease, Outcome(reason="better"))
    one.mark_announced("job")
    assert not two.anything_to_do()


def test_a_job_keeps_the_trace_that_its_request_came_with() -> None:
    one, two, _ = two_ledgers()
    replace(one, trace=lambda: "00-trace").accept(request("traced"))
    two.accept(request("untraced"))
    assert {job.job_id: job.trace for job in two.unfinished()} == {"traced": "00-trace", "untraced": None}


def test_a_request_that_comes_again_with_another_trace_is_the_same() -> None:
    one, _, _ = two_ledgers()
    assert one.accept(request("job"))
    assert not replace(one, trace=lambda: "00-other").accept(request("job"))
