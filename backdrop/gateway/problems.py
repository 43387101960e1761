"""Answers that are errors, raised as one type that names the reason and the field."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from backdrop.gateway.requests import Answer, Lost
from shared.contracts.errors import BackdropError, DependencyDown, Transient


class FieldProblem(BaseModel):
    """What is wrong with one field."""

    model_config = ConfigDict(frozen=True)
    field: str
    detail: str


class Problem(BaseModel):
    """An error's body (RFC 9457, application/problem+json)."""

    model_config = ConfigDict(frozen=True)
    type: str = "about:blank"
    title: str
    status: int
    reason: str
    detail: str
    field: str | None = None
    errors: tuple[FieldProblem, ...] = ()


class Refused(BackdropError):
    """The gateway said no. `reason` is a stable word, `field` what it is about, `errors` all fields that do not fit.

    `status` is HTTP's; `retry_after_s` what the gateway asks to wait, where it does.
    """

    def __init__(self, problem: Problem, retry_after_s: float | None = None) -> None:
        super().__init__(problem.reason, problem.detail)
        self.status, self.field, self.errors = problem.status, problem.field, problem.errors
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        about = f", {self.field}" if self.field else ""
        return f"{self.message} ({self.status} {self.reason}{about})"


class NotReady(Transient):
    """What was waited for is not there yet; it goes on without who waits."""


def error_of(answer: Answer | Lost) -> BackdropError:
    """What to raise for an answer that is none of success."""
    if isinstance(answer, Lost):
        return DependencyDown("gateway_down", f"the gateway does not answer: {answer.detail}")
    try:
        problem = Problem.model_validate_json(answer.body)
    except ValidationError:
        problem = _strange(answer.status)
    return Refused(problem, retry_after_s(answer.headers))


def unreadable(status: int) -> Refused:
    """For an answer of success that no gateway of ours gives."""
    words = "what answers there is no Backdrop gateway, or one that this client is too old for; check the base URL"
    return Refused(Problem(title="unreadable", status=status, reason="answer_unreadable", detail=words))


def retry_after_s(headers: Mapping[str, Any]) -> float | None:
    """The seconds of Retry-After; a date there counts as none."""
    words = str(headers.get("retry-after", ""))
    return float(words) if words.isascii() and words.isdigit() and len(words) < 10 else None


def _strange(status: int) -> Problem:
    """An answer of something in between: a proxy, a load balancer, another server."""
    known = status in HTTPStatus._value2member_map_
    title = HTTPStatus(status).phrase if known else "unknown"
    return Problem(title=title, status=status, reason=f"http_{status}", detail=f"answered with {status} {title}")
