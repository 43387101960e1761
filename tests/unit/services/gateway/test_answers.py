"""What a second request with the same Idempotency-Key gets."""

from datetime import UTC, datetime, timedelta

import pytest

from services.gateway.answers import STUCK, Conflict, KeptAnswer, earlier_answer
from shared.contracts.errors import BadRequest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_first_answer_is_repeated() -> None:
    assert earlier_answer(KeptAnswer("f", 202, "{}", NOON), "f", NOON) == (202, "{}")


def test_another_request_under_the_same_key_is_refused() -> None:
    with pytest.raises(BadRequest) as refused:
        earlier_answer(KeptAnswer("f", 202, "{}", NOON), "g", NOON)
    assert refused.value.reason == "idempotency_key_reused"


def test_one_that_is_worked_on_is_not_begun_again_until_its_worker_must_be_dead() -> None:
    running = KeptAnswer("f", None, None, NOON)
    with pytest.raises(Conflict):
        earlier_answer(running, "f", NOON + STUCK - timedelta(seconds=1))
    assert earlier_answer(running, "f", NOON + STUCK) is None
