"""Manifests of many products: read line by line, each good line taken and each bad one named. Pure."""

import csv as csv_format
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from services.gateway.core import prefix_of
from services.gateway.shapes.asks import ProductByUrl
from services.gateway.shapes.overviews import RefusedLine
from shared.contracts.blobs import safe
from shared.contracts.errors import BadRequest

MOST_LINES = 10_000


class Batch(BaseModel):
    """What is kept of a batch, in the blob store."""

    model_config = ConfigDict(frozen=True)

    product_ids: tuple[str, ...]


@dataclass(frozen=True)
class ManifestLine:
    """One product of a manifest; `number` from 1, the header of a CSV file not counted."""

    number: int
    ask: ProductByUrl


def batch_key(tenant: str, batch_id: str) -> str:
    """Where a batch is kept."""
    return f"{prefix_of(tenant)}batches/{safe(batch_id)}.json"


def read_manifest(data: bytes, *, csv: bool) -> tuple[list[ManifestLine], list[RefusedLine]]:
    """Lines that can be taken, and those that cannot. Raises BadRequest for what is no text or too long."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest("manifest_not_text", f"the manifest is not UTF-8 text: {error.reason}") from error
    lines, refused = list[ManifestLine](), list[RefusedLine]()
    for number, fields in _csv(text) if csv else _json_lines(text):
        if number > MOST_LINES:
            raise BadRequest("manifest_too_long", f"at most {MOST_LINES} products at once; send the rest by itself")
        try:
            lines.append(ManifestLine(number, ProductByUrl.model_validate(_object(fields))))
        except ValidationError as error:
            refused.append(_refused(number, error))
        except (ValueError, RecursionError) as error:
            refused.append(RefusedLine(line=number, field=None, detail=f"not JSON: {error}"))
    return lines, refused


def _json_lines(text: str) -> Iterator[tuple[int, Any]]:
    """Only a line feed ends a line: a title may hold the other ends of lines that Unicode has."""
    return ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _csv(text: str) -> Iterator[tuple[int, Any]]:
    """Lines as an editor counts them, the header is the first. Empty cells count as absent."""
    try:
        rows = csv_format.DictReader(io.StringIO(text), strict=True)
        for row in rows:
            yield rows.line_num, {name: cell for name, cell in row.items() if cell not in ("", None)}
    except csv_format.Error as error:
        raise BadRequest("manifest_broken", f"the manifest is not CSV that can be read: {error}") from error


def _object(fields: Any) -> Any:
    return json.loads(fields) if isinstance(fields, str) else {str(name): value for name, value in fields.items()}


def _refused(number: int, error: ValidationError) -> RefusedLine:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return RefusedLine(line=number, field=field or None, detail=first["msg"])
