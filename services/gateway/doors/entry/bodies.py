"""Bodies that are more than JSON: forms with files, raw pictures; read under caps, told what they are by content."""

import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from services.gateway.core import NewPhoto
from services.gateway.doors.problems import RequestRefused, invalid
from services.gateway.shapes.asks import ProductAsk, ProductByUrl

FORM = "multipart/form-data"
MOST_FIELDS, MOST_FIELD_BYTES = 20, 64 * 1024
SCENES = "scenes"


async def read_photo(request: Request) -> NewPhoto:
    """What POST /v1/products holds, as a form with a file or as JSON with a URL. Raises Refused."""
    if kind_of(request) == FORM:
        return await _from_form(request)
    if kind_of(request) != "application/json":
        words = "send multipart/form-data with a `file`, or application/json with a `url`"
        raise RequestRefused(415, "media_type_unknown", words, field="Content-Type")
    try:
        ask = ProductByUrl.model_validate_json(await request.body())
    except ValidationError as error:
        raise invalid(error.errors()) from error
    return NewPhoto(url=ask.url, mask_url=ask.mask_url, product_id=ask.product_id, facts=ask.facts, scenes=ask.scenes)


async def read_file(request: Request, field: str) -> bytes:
    """The one file of a form, or the raw body. Raises Refused."""
    if kind_of(request) != FORM:
        return checked(await request.body(), field)
    async with request.form(max_files=1, max_fields=MOST_FIELDS, max_part_size=MOST_FIELD_BYTES) as form:
        return checked(await _bytes(form.get(field)), field)


def checked(data: bytes | None, field: str) -> bytes:
    """Bytes that are there. Raises Refused."""
    if data is None:
        raise RequestRefused(422, "file_missing", f"the form has no file called `{field}`", field=field)
    if not data:
        raise RequestRefused(422, "file_empty", "the file is empty: it has 0 bytes", field=field)
    return data


def kind_of(request: Request) -> str:
    """The media type without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _from_form(request: Request) -> NewPhoto:
    async with request.form(max_files=2, max_fields=MOST_FIELDS, max_part_size=MOST_FIELD_BYTES) as form:
        data, mask = await _bytes(form.get("file")), await _bytes(form.get("mask"))
        words = {name: value for name, value in form.items() if not isinstance(value, UploadFile)}
    ask = _ask(words)
    return NewPhoto(
        data=checked(data, "file"),
        mask=None if mask is None else checked(mask, "mask"),
        product_id=ask.product_id,
        facts=ask.facts,
        scenes=ask.scenes,
    )


async def _bytes(part: Any) -> bytes | None:
    return await part.read() if isinstance(part, UploadFile) else None


def _ask(words: Mapping[str, Any]) -> ProductAsk:
    """The fields of a form; empty ones count as absent, as browsers send them so."""
    given = {name: value for name, value in words.items() if value != ""}
    try:
        if SCENES in given:
            given[SCENES] = json.loads(given[SCENES])
        return ProductAsk.model_validate(given)
    except ValidationError as error:
        raise invalid(error.errors()) from error
    except (ValueError, RecursionError) as error:
        raise RequestRefused(422, "invalid", f"scenes: not JSON: {error}", field=SCENES) from error
