"""From bodies to values and back."""

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json

from backdrop.gateway.problems import unreadable
from backdrop.gateway.requests import KEY_HEADER, Answer, Raw
from shared.contracts.errors import BadRequest

T = TypeVar("T")
MOST_BYTES = 200 * 1024 * 1024  # read into memory; a gateway takes less, and says so


def a(kind: type[T]) -> Callable[[Answer], T]:
    """Reads answers of one type. Raises Refused `answer_unreadable`."""
    adapter = TypeAdapter(kind)

    def read(answer: Answer) -> T:
        try:
            return adapter.validate_json(answer.body)
        except ValidationError as error:
            raise unreadable(answer.status) from error

    return read


def as_bytes(answer: Answer) -> bytes:
    """The body as it came."""
    return answer.body


def nothing(answer: Answer) -> None:
    """The body says nothing."""


def json_of(body: Mapping[str, Any] | BaseModel) -> Raw:
    """A JSON body; what is not said stays out of it, so that the gateway's own default counts."""
    if isinstance(body, BaseModel):
        return Raw(content=body.model_dump_json(exclude_defaults=True).encode())
    return Raw(content=to_json({name: value for name, value in body.items() if value is not None}))


def once(key: str | None) -> dict[str, str]:
    """The header that makes a request safe to send again; the key is made where none is given."""
    return {KEY_HEADER: secrets.token_hex(16) if key is None else key}


def said(**words: str | int | None) -> dict[str, str | int]:
    """Query parameters that were given."""
    return {name: value for name, value in words.items() if value is not None}


def file_bytes(file: Path | bytes) -> bytes:
    """The bytes of a file. Raises BadRequest for one that is not there or is far too large."""
    if isinstance(file, bytes):
        return file
    try:
        if file.stat().st_size > MOST_BYTES:
            raise BadRequest("file_too_large", f"{file} has more than {MOST_BYTES // 1024**2} MB; send a smaller photo")
        return file.read_bytes()
    except OSError as error:
        raise BadRequest("file_unreadable", f"{file} cannot be read: {error.strerror}") from error
