"""A shop's list of products, `products.jsonl`: one JSON object a line, read with patience for what shops write."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.contracts.errors import BadRequest
from shared.contracts.events import Count, Engagement, Identifier, ProductFacts, in_utc

CATALOGUE_FILE = "products.jsonl"
TEXT_LIMITS = {"title": 500, "description": 10_000, "category": 200}  # as in ProductFacts; longer text is cut


class ShopEngagement(Engagement):
    """How people met a product, as the shop counted it; without a window it is taken for the last 28 days."""

    clicks: Count = 0
    window_start: datetime | None = None
    window_end: datetime | None = None

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "ShopEngagement":
        end = in_utc(self.window_end or datetime.now(UTC))
        if self.window_start is not None and in_utc(self.window_start) > end:
            raise ValueError("window_start lies after window_end, which is now when absent")
        return self


class CatalogueEntry(BaseModel):
    """One line of the list. `sku` stands in for `product_id`; fields nobody asked for are left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    product_id: Identifier
    image: str = Field(min_length=1)
    mask: str | None = None
    facts: ProductFacts = ProductFacts()
    engagement: ShopEngagement | None = None

    @model_validator(mode="before")
    @classmethod
    def _as_shops_write_it(cls, line: Any) -> Any:
        """Name the id, gather the facts, read null as absent and numbers as text where a shop's id is a number."""
        if not isinstance(line, dict):
            raise ValueError("the line is not a JSON object")
        said = {name: value for name, value in line.items() if value is not None}
        identifier = said.get("product_id", said.get("sku"))
        facts = {name: _cut(name, said[name]) for name in ProductFacts.model_fields if name in said}
        return {
            "product_id": str(identifier) if isinstance(identifier, int) else identifier,
            "facts": facts,
            **{name: said[name] for name in ("image", "mask", "engagement") if name in said},
        }


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A line that is not a product, and why."""

    where: str
    reason: str
    detail: str


def read_catalogue(path: Path) -> Iterator[CatalogueEntry | Unreadable]:
    """Every line of the list in order, blank ones skipped. Raises BadRequest when the file is no text."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest("not_a_list", f"{path} is neither a photo nor a list of products in UTF-8") from error
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield _read_line(line, where=f"{path.name} line {number}")


def _read_line(line: str, *, where: str) -> CatalogueEntry | Unreadable:
    try:
        return CatalogueEntry.model_validate(json.loads(line))
    except ValidationError as error:
        return Unreadable(where=_name_of(line, where), reason="bad_product_line", detail=f"{where}: {_in_words(error)}")
    except (json.JSONDecodeError, RecursionError) as error:
        return Unreadable(where=where, reason="bad_product_line", detail=f"{where} is not JSON: {error}")


def _name_of(line: str, where: str) -> str:
    """The product's own id if the line has a usable one, else the place in the file."""
    fields = json.loads(line)
    name = (fields.get("product_id") or fields.get("sku")) if isinstance(fields, dict) else None
    return name if isinstance(name, str) and name.isprintable() and len(name) <= 200 else where


def _in_words(error: ValidationError) -> str:
    """The first thing that is wrong, with the field's name."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]).removeprefix("facts.")
    field = "product_id (or sku)" if field == "product_id" else field
    return f"`{field}`: {first['msg']}" if field else str(first["msg"]).removeprefix("Value error, ")


def _cut(name: str, value: Any) -> Any:
    """Text at the length the contract takes."""
    return value[: TEXT_LIMITS[name]] if name in TEXT_LIMITS and isinstance(value, str) else value
