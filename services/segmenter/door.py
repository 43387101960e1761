"""/refine: a photo and clicks in by HTTP, a mask out, for a gateway whose page waits. Inside the stack's network only.

POST with a picture file as the body and the clicks as `?clicks=[{"x": 0.5, "y": 0.4, "keep": true}]`, perhaps with
`&box=[left, top, right, bottom]`; answers a soft mask of the picture's size, 1024 px at most, as PNG (one channel, from
128 on it is product), or 4xx with the reason and the words of an error as JSON. A file that was sent a moment ago need
not be sent again: `&photo="its sha256"` and no body; 404 where it is not held any more.
"""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

from faststream.asgi import AsgiResponse
from faststream.asgi.types import ASGIApp, Receive, Scope, Send
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.segmenter.refining import RefineMask
from shared.contracts.blobs import Sha256, digest
from shared.contracts.errors import BadRequest, NotKnown, Permanent
from shared.contracts.images import encode_image
from shared.contracts.picture_files.limits import MAX_BYTES


class ClickAsked(BaseModel):
    """A click, as fractions of the photo."""

    model_config = ConfigDict(frozen=True)

    x: float = Field(ge=0.0, le=1.0)
    y: float = Field(ge=0.0, le=1.0)
    keep: bool = True


class RefineQuery(BaseModel):
    """What the address says."""

    model_config = ConfigDict(frozen=True)

    clicks: tuple[ClickAsked, ...] = Field(min_length=1, max_length=64)
    box: tuple[float, float, float, float] | None = None
    photo: Sha256 | None = None


def refine_door(refine: RefineMask) -> ASGIApp:
    """The application behind /refine."""

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        response = await _answered(refine, scope, receive)
        await response(scope, receive, send)

    return door


async def _answered(refine: RefineMask, scope: Scope, receive: Receive) -> AsgiResponse:
    if scope["method"] != "POST":
        return _json(405, "method_not_allowed", "POST a picture")
    try:
        asked, data = _asked(scope["query_string"]), await _body(receive)
        png = await asyncio.to_thread(_refined, refine, asked, data)
    except ValidationError as error:
        return _json(422, "invalid", str(error.errors(include_url=False, include_input=False)[0]["msg"]))
    except NotKnown as error:
        return _json(404, error.reason, error.message)
    except Permanent as error:
        return _json(422, error.reason, error.message)
    return AsgiResponse(png, 200, {"content-type": "image/png"})


def _asked(query: bytes) -> RefineQuery:
    given = {name: values[0] for name, values in parse_qs(query.decode("ascii", "replace")).items()}
    try:
        return RefineQuery.model_validate({name: json.loads(text) for name, text in given.items()})
    except json.JSONDecodeError as error:
        raise BadRequest("invalid", f"clicks and box are JSON: {error}") from error


async def _body(receive: Receive) -> bytes:
    data = bytearray()
    while True:
        message: Any = await receive()
        data += message.get("body", b"")
        if len(data) > MAX_BYTES:
            raise BadRequest("image_too_heavy", f"at most {MAX_BYTES / 1e6:.0f} MB are taken")
        if not message.get("more_body", False):
            return bytes(data)


def _refined(refine: RefineMask, asked: RefineQuery, data: bytes) -> bytes:
    if asked.photo is not None:
        return encode_image(refine.refine_named(asked.photo, asked.clicks, asked.box))
    return encode_image(refine.refine(data, digest(data), asked.clicks, asked.box))


def _json(status: int, reason: str, detail: str) -> AsgiResponse:
    body = json.dumps({"reason": reason, "detail": detail}).encode()
    return AsgiResponse(body, status, {"content-type": "application/json"})
