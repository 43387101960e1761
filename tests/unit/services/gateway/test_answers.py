"""What a second request with the same Idempotency-Key gets."""

from datetime import UTC, datetime

import pytest

from services.gateway.answers import Conflict, KeptAnswer, earlier_answer
from shared.contracts.errors import BadRequest

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_who_holds_the_key_goes_to_work() -> None:
    assert earlier_answer(KeptAnswer("f", None, None, NOON, ours=True), "f") is None


def test_the_first_answer_is_repeated() -> None:
    assert earlier_answer(KeptAnswer("f", 202, "{}", NOON), "f") == (202, "{}")


def test_another_request_under_the_same_key_is_refused() -> None:
    with pytest.raises(BadRequest) as refused:
        earlier_answer(KeptAnswer("f", 202, "{}", NOON), "g")
    assert refused.value.reason == "idempotency_key_reused"


def test_one_that_is_worked_on_is_not_begun_again() -> None:
    with pytest.raises(Conflict):
        earlier_answer(KeptAnswer("f", None, None, NOON), "f")
