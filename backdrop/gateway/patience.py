"""How often and how long a client tries: always an end, and nothing twice that would count twice. Pure."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from backdrop.gateway.problems import Problem, retry_after_s
from backdrop.gateway.requests import Answer, Lost, Request

NOT_TAKEN = frozenset({429, 503})  # the gateway itself says that it did nothing
IN_BETWEEN = frozenset({502, 504})  # a proxy that did not hear the end of it
BUSY = "idempotency_key_busy"


@dataclass(frozen=True, kw_only=True)
class Patience:
    """`tries` in all, the pause doubling from `first_s` to `cap_s` (a random half of it taken off, so that many clients
    spread out). What the gateway asks to wait is waited if it is at most `longest_s`; a quota's day is not.
    """

    tries: int = 6
    first_s: float = 0.5
    cap_s: float = 15.0
    longest_s: float = 120.0
    spread: Callable[[], float] = random.random
    clock: Callable[[], float] = time.monotonic

    def pause_s(self, request: Request, answer: Answer | Lost, tried: int) -> float | None:
        """How long to wait before sending it again; None when it stays as it is."""
        if tried >= self.tries or not _worth_it(request, answer):
            return None
        asked = None if isinstance(answer, Lost) else retry_after_s(answer.headers)
        wait = asked if asked is not None else self._backoff_s(tried)
        return wait if wait <= self.longest_s else None

    def _backoff_s(self, tried: int) -> float:
        return float(min(self.cap_s, self.first_s * 2.0 ** min(tried - 1, 60))) * (0.5 + 0.5 * self.spread())


def _worth_it(request: Request, answer: Answer | Lost) -> bool:
    if isinstance(answer, Lost):
        return request.repeatable
    if answer.status in NOT_TAKEN:
        return True
    return request.repeatable and (answer.status in IN_BETWEEN or _busy(answer))


def _busy(answer: Answer) -> bool:
    """The first sending of this very request is still being worked on."""
    if answer.status != 409:
        return False
    try:
        return Problem.model_validate_json(answer.body).reason == BUSY
    except ValueError:
        return False
