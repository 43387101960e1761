"""Errors as RFC 9457 problems: what went wrong, with which field, and what to do. Nothing else leaks out."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from services.gateway.answers import Conflict
from services.gateway.core import NoRefiner
from services.gateway.shapes.replies import FieldProblem, Problem
from shared.contracts.errors import BackdropError, BadImage, BadRequest, DependencyDown, NotKnown, Transient

log = logging.getLogger("gateway")

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[BackdropError], int] = {
    Conflict: 409, NoRefiner: 501, BadImage: 422, BadRequest: 422, NotKnown: 404, DependencyDown: 503, Transient: 503,
}  # fmt: skip
WAIT_S = "5"
OUTAGE = "a part behind this gateway does not answer now; nothing was lost, try again in a moment"
REASONS = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 400: "bad_request", 503: "busy"}


class RequestRefused(Exception):
    """A request that is answered with a problem."""

    def __init__(
        self,
        status: int,
        reason: str,
        detail: str,
        *,
        field: str | None = None,
        errors: tuple[FieldProblem, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.reason, self.detail, self.field, self.errors = status, reason, detail, field, errors
        self.headers = dict(headers or {})


@contextmanager
def about(field: str) -> Iterator[None]:
    """Name the field that an error inside is about."""
    try:
        yield
    except BackdropError as error:
        refused = refusal_of(error)
        refused.field = field
        raise refused from error
    except ValidationError as error:
        raise invalid(error.errors(include_url=False, include_input=False), prefix=field) from error


def refusal_of(error: BackdropError) -> RequestRefused:
    """What one of our errors means to who asked. An outage's own words name hosts and users: they are written down."""
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
    headers = {"Retry-After": WAIT_S} if status == 503 else {}
    if isinstance(error, DependencyDown):
        log.warning("a request found an outage: %s", error.message, extra={"reason": error.reason})
        return RequestRefused(status, error.reason, OUTAGE, headers=headers)
    return RequestRefused(status, error.reason, error.message, headers=headers)


def invalid(problems: Any, *, prefix: str | None = None) -> RequestRefused:
    """A body or a parameter that does not fit, field by field."""
    errors = tuple(FieldProblem(field=_field(one["loc"], prefix), detail=one["msg"]) for one in problems)
    first = errors[0] if errors else FieldProblem(field="body", detail="is not valid")
    return RequestRefused(422, "invalid", f"{first.field}: {first.detail}", field=first.field, errors=errors)


def missing(what: str) -> RequestRefused:
    """For what is not there, and for what belongs to somebody else."""
    return RequestRefused(404, f"{what}_unknown", f"there is no such {what}")


def answer(refused: RequestRefused) -> Response:
    """The problem as a response."""
    problem = Problem(
        title=HTTPStatus(refused.status).phrase,
        status=refused.status,
        reason=refused.reason,
        detail=refused.detail,
        field=refused.field,
        errors=refused.errors,
    )
    return Response(problem.model_dump_json(), refused.status, refused.headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Have every error of the application answered as a problem."""
    app.add_exception_handler(RequestRefused, _refused)
    app.add_exception_handler(BackdropError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unknown)


async def _refused(_: Request, error: Any) -> Response:
    return answer(error)


async def _ours(_: Request, error: Any) -> Response:
    return answer(refusal_of(error))


async def _invalid(_: Request, error: Any) -> Response:
    return answer(invalid(error.errors()))


async def _http(_: Request, error: Any) -> Response:
    reason = REASONS.get(error.status_code, "refused")
    return answer(RequestRefused(error.status_code, reason, str(error.detail), headers=error.headers))


async def _unknown(request: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error, extra={"path": request.url.path})
    return answer(RequestRefused(500, "unexpected", "something went wrong here; it was written down, try again later"))


def _field(place: tuple[Any, ...], prefix: str | None) -> str:
    parts = [str(part) for part in place if part not in ("body", "query", "path", "header")]
    return ".".join([*([prefix] if prefix else []), *parts]) or "body"
