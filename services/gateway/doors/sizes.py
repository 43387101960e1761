"""No body is larger than the gateway takes: refused by what it says of itself, or as soon as it has come so far."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.doors.problems import Refused, answer


class BodyLimit:
    """Counts bytes as they come; nothing that is too much is kept."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app, self._most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _said(scope) > self._most:
            words = f"the body is larger than this gateway takes: {self._most / 1e6:.0f} MB"
            await answer(Refused(413, "body_too_large", words))(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self._most:
                raise HTTPException(413, f"the body is larger than this gateway takes: {self._most / 1e6:.0f} MB")
            return message

        await self._app(scope, counted, send)


def _said(scope: Scope) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() and len(text) < 19 else 0
