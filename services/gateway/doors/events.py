"""/v1/events: the topics as server-sent events, resumable by Last-Event-ID; the body of each is CloudEvents JSON."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from services.gateway.doors.entry.access import Access
from services.gateway.doors.problems import RequestRefused
from services.gateway.doors.products import PROBLEMS, Reader, known
from services.gateway.gateway import Gateway
from services.gateway.heard.feed import Interest
from services.gateway.records import LogLine
from shared.contracts.errors import DependencyDown

PING = b": ping\n\n"
CHECK_S = 15.0
RETRY = b"retry: 2000\n\n"
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
SSE: dict[int | str, Any] = {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}}


class EventDoor:
    """What happens, as it happens."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def router(self) -> APIRouter:
        """Its route."""
        router = APIRouter(tags=["events"], responses={**PROBLEMS, **SSE})
        router.add_api_route("/v1/events", self.events, methods=["GET"], response_class=StreamingResponse)
        return router

    async def events(
        self,
        request: Request,
        who: Reader,
        product_id: Annotated[str | None, Query(max_length=200)] = None,
        last_event_id: Annotated[str | None, Query(max_length=30)] = None,
        resumed: Annotated[str | None, Header(alias="Last-Event-ID", max_length=30)] = None,
    ) -> StreamingResponse:
        """Events of the tenant's products, of one with `product_id`; from now on, or behind the last one heard."""
        if product_id is not None:
            await run_in_threadpool(known, self._gateway, who, product_id)
        interest = Interest(who.tenant, product_id, operator=who.may("operate"))
        number = _number(resumed if resumed is not None else last_event_id)
        lines = self._gateway.feed.listen(interest, number)
        begin = self._gateway.feed.last if number is None else number
        still = partial(_still_in, request.app.state.access, request)
        return StreamingResponse(_written(lines, still, begin), media_type="text/event-stream", headers=HEADERS)


async def _written(
    told: AsyncIterator[Sequence[LogLine]], still_in: Callable[[], bool], begin: int
) -> AsyncIterator[bytes]:
    yield RETRY
    if begin:
        yield f"id: {begin}\n\n".encode()  # whose line breaks before the first event resumes from here
    looked = time.monotonic()
    async for lines in told:
        if time.monotonic() - looked >= CHECK_S:
            if not await run_in_threadpool(still_in):
                return
            looked = time.monotonic()
        yield b"".join([line.frame for line in lines]) or PING


def _still_in(access: Access, request: Request) -> bool:
    """Whether who asked may still listen: a key may be revoked or run out under an open stream."""
    try:
        access.who(request)
    except RequestRefused:
        return False
    except DependencyDown:
        return True  # nobody can say now; the next look will
    return True


def _number(text: str | None) -> int | None:
    if text is None or text == "":
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise RequestRefused(
            422, "last_event_id_invalid", "give the id of an event that was heard", field="Last-Event-ID"
        )
    return int(text)
