"""The page's files, and the headers that every answer carries: nothing is framed, sniffed or run that is not ours."""

from pathlib import Path
from typing import Any

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
LEAST_PACKED = 500  # bytes
RAW = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Guarded:
    """Puts the headers on every answer that does not say otherwise: what is not said to be kept is not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}
                message["headers"] += [header for header in RAW if header[0] not in said]
            await send(message)

        await self._app(scope, receive, guarded)


def page_files(folder: Path) -> ASGIApp:
    """The page at /, its words packed; browsers ask each time whether a file is still the same."""
    return GZipMiddleware(PageFiles(directory=folder, html=True), minimum_size=LEAST_PACKED, compresslevel=6)


class PageFiles(StaticFiles):
    """Static files that are asked for anew each time, by their ETag."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        """As Starlette's."""
        response = super().file_response(*args, **options)
        response.headers["cache-control"] = "no-cache"
        return response
