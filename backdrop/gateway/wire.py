"""Between our requests and httpx; what both clients share."""

from typing import Any
from urllib.parse import urlsplit

import httpx

from backdrop.gateway.requests import Answer, Form, Lost, Raw, Request
from shared.contracts.errors import BadRequest

AGENT = "backdrop-client"


def options(base_url: str, key: str | None, timeout_s: float) -> dict[str, Any]:
    """Arguments of an httpx client. Raises BadRequest for an address or a key that cannot be one."""
    url = urlsplit(base_url)
    if url.scheme not in ("http", "https") or not url.netloc:
        raise BadRequest("url_invalid", f"{base_url!r} is no address of a gateway; give https://host")
    headers = {"User-Agent": AGENT}
    if key is not None:
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise BadRequest("key_invalid", "the API key has characters that no key has; give it as it was made, bk_…")
        headers["Authorization"] = f"Bearer {key}"
    return {"base_url": base_url.rstrip("/"), "headers": headers, "timeout": timeout_s}


def arguments(request: Request) -> dict[str, Any]:
    """Arguments of an httpx request."""
    found: dict[str, Any] = {
        "method": request.method,
        "url": request.path,
        "params": request.query or None,
        "headers": dict(request.headers),
    }
    if isinstance(request.body, Form):
        found["data"] = request.body.words
        found["files"] = {name: (name, data) for name, data in request.body.files.items()}
    elif isinstance(request.body, Raw):
        found["content"] = request.body.content
        found["headers"]["Content-Type"] = request.body.kind
    return found


def answered(response: httpx.Response, body: bytes = b"") -> Answer:
    """An httpx response as our answer."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(status=response.status_code, headers=headers, body=body)


def lost(error: httpx.HTTPError) -> Lost:
    """What broke off, in words."""
    return Lost(f"{error} ({type(error).__name__})" if str(error) else type(error).__name__)
