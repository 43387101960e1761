"""No body is larger than the gateway takes: refused by what it says of itself, or as soon as it has come so far.

Pictures and manifests may be heavy. JSON is read whole and parsed before anybody knows who asks, so it may not.
"""

import re

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.doors.problems import WAIT_S, RequestRefused, answer

BUSY = "too much is being uploaded at once; try again in a moment"
WORDS = 1_000_000  # bytes; 500 product ids or 32 long scenes are less
_FILES = re.compile(r"/v1/(products|references|batches|products/[^/]+/mask)")


class BodyLimit:
    """Counts bytes as they come, of one request and of all together; nothing that is too much is kept."""

    def __init__(self, app: ASGIApp, most: int, together: int) -> None:
        self._app, self._most, self._together, self._held = app, most, together, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._most if _is_file(scope) else min(self._most, WORDS)
        words = f"the body is larger than this gateway takes here: {most / 1e6:.0f} MB"
        if _said(scope) > most:
            await answer(RequestRefused(413, "body_too_large", words))(scope, receive, send)
            return
        came = 0

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            self._held += len(message.get("body", b""))
            if came > most:
                raise HTTPException(413, words)
            if self._held > self._together:
                raise HTTPException(503, BUSY, headers={"Retry-After": WAIT_S})
            return message

        try:
            await self._app(scope, counted, send)
        finally:
            self._held -= came


def _is_file(scope: Scope) -> bool:
    kind = dict(scope["headers"]).get(b"content-type", b"").partition(b";")[0].strip().lower()
    return _FILES.fullmatch(scope["path"]) is not None and kind != b"application/json"


def _said(scope: Scope) -> int:
    text = dict(scope["headers"]).get(b"content-length", b"0")
    return int(text) if text.isdigit() and len(text) < 19 else 0
