"""Idempotency at the door: a POST with a key that was used is answered as before, and nothing is done again."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool

from services.gateway.answers import Answers, earlier_answer
from services.gateway.callers.keys import Identity
from services.gateway.core import fingerprint
from services.gateway.doors.problems import RequestRefused
from services.gateway.gateway import now
from services.gateway.shapes.replies import Reply
from shared.contracts.blobs import digest

HEADER = "Idempotency-Key"
_KEY = re.compile(r"^[\x21-\x7e]{1,200}$")
JSON = "application/json"


@dataclass(frozen=True)
class Once:
    """Runs the work of a request, once for each Idempotency-Key of a tenant."""

    answers: Answers

    async def __call__(
        self,
        request: Request,
        identity: Identity,
        said: tuple[object, ...],
        work: Callable[[], Awaitable[Reply]],
        *,
        status: int = 202,
    ) -> Response:
        """The answer of `work`, or of the first request with this key. `said`: all that makes it the same request."""
        return await self.dated(request, identity, said, lambda _: work(), status=status)

    async def dated(
        self,
        request: Request,
        identity: Identity,
        said: tuple[object, ...],
        work: Callable[[datetime], Awaitable[Reply]],
        *,
        status: int = 202,
    ) -> Response:
        """The same of work that is given its moment: when the key came first, so that half of it done before is not
        done as something else again."""
        key = key_of(request)
        if key is None:
            return written(await work(now()), status)
        mark = _mark(request, said)
        kept = await run_in_threadpool(self.answers.begin, identity.tenant, key, mark, now())
        earlier = earlier_answer(kept, mark)
        if earlier is not None:
            return _response(*earlier)
        try:
            body = (await work(kept.asked)).written
        except BaseException:
            await run_in_threadpool(self.answers.abandon, identity.tenant, key)
            raise
        await run_in_threadpool(self.answers.finish, identity.tenant, key, status, body)
        return _response(status, body)


def key_of(request: Request) -> str | None:
    """The request's key. Raises Refused for what cannot be one."""
    key = request.headers.get(HEADER)
    if key is not None and not _KEY.match(key):
        raise RequestRefused(422, "idempotency_key_invalid", "give 1 to 200 visible ASCII characters", field=HEADER)
    return key


def made_name(request: Request, identity: Identity, prefix: str, *said: object) -> str | None:
    """A name that follows from the key and all that is said, so that a request which died half-way does the same again.

    A key is free again after a day: what it says then is something else, and has another name. None without a key.
    """
    key = key_of(request)
    if key is None:
        return None
    return f"{prefix}-{digest(f'{identity.tenant} {prefix} {key} {_mark(request, said)}'.encode())[:20]}"


def _mark(request: Request, said: tuple[object, ...]) -> str:
    return fingerprint(request.method, request.url.path, *said)


def written(reply: Reply, status: int = 200) -> Response:
    """A reply as it is sent: FastAPI would take one more thread to look whether it is one."""
    return _response(status, reply.written)


def _response(status: int, body: str) -> Response:
    return Response(body, status, media_type=JSON)
