"""Products: photos in, how they stand, their masks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from backdrop.gateway.answers import Page, Product, Proposal, Stage
from backdrop.gateway.calls.reading import a, as_bytes, file_bytes, json_of, once, said
from backdrop.gateway.requests import Call, Form, Raw, Request
from shared.contracts.errors import BadRequest
from shared.contracts.events import Scene

PRODUCTS = "/v1/products"
PRODUCT = "/v1/products/{product_id}"
MASK = "/v1/products/{product_id}/mask"


def submit(
    photo: Path | bytes | str,
    *,
    mask: Path | bytes | str | None = None,
    product_id: str | None = None,
    title: str | None = None,
    description: str | None = None,
    category: str | None = None,
    promoted: bool = False,
    may_train: bool = False,
    scenes: Sequence[Scene] = (),
    idempotency_key: str | None = None,
) -> Call[Product]:
    """Hand a product photo in: a file, its bytes, or an https URL (then a mask is a URL too).

    `may_train`: the owner consents to training on it. Raises BadRequest: no such file, or a mask of the
    other kind.
    """
    facts: dict[str, Any] = {
        "product_id": product_id,
        "title": title,
        "description": description,
        "category": category,
        "promoted": promoted or None,
        "may_train": may_train or None,
        "scenes": [scene.model_dump(mode="json", exclude_defaults=True) for scene in scenes] or None,
    }
    body = _by_url(photo, mask, facts) if isinstance(photo, str) else _by_file(photo, mask, facts)
    request = Request(method="POST", route=PRODUCTS, body=body, headers=once(idempotency_key))
    return Call(request, a(Product))


def product(product_id: str) -> Call[Product]:
    """A product as it stands. Raises Refused `product_unknown`."""
    return Call(Request(method="GET", route=PRODUCT, names={"product_id": product_id}), a(Product))


def products(
    *, stage: Stage | None = None, title: str | None = None, limit: int = 50, cursor: str | None = None
) -> Call[Page[Product]]:
    """One page of products, the newest first; `title`: words that it contains."""
    query = said(stage=stage, title=title, limit=limit, cursor=cursor)
    return Call(Request(method="GET", route=PRODUCTS, query=query), a(Page[Product]))


def withdraw(product_id: str) -> Call[Product]:
    """Opt out of training: nothing of the product is in any later dataset."""
    return Call(Request(method="DELETE", route=PRODUCT, names={"product_id": product_id}), a(Product))


def mask(product_id: str) -> Call[bytes]:
    """The mask as PNG: one channel, the photo's size, 0 and 255, 255 is the product."""
    return Call(Request(method="GET", route=MASK, names={"product_id": product_id}), as_bytes)


def put_mask(product_id: str, mask: Path | bytes) -> Call[Product]:
    """Save one's own mask, a PNG of the photo's size; later scenes use it."""
    body = Raw(content=file_bytes(mask), kind="image/png")
    return Call(Request(method="PUT", route=MASK, names={"product_id": product_id}, body=body), a(Product))


def propose_mask(
    product_id: str, keep: Sequence[tuple[float, float]], drop: Sequence[tuple[float, float]] = ()
) -> Call[Proposal]:
    """The mask that clicks ask for, not saved. Points (x, y) are fractions of the photo, 0 to 1."""
    points = [{"x": x, "y": y, "keep": wanted} for found, wanted in ((keep, True), (drop, False)) for x, y in found]
    request = Request(
        method="POST", route=MASK + "/clicks", names={"product_id": product_id}, body=json_of({"points": points})
    )
    return Call(request, a(Proposal))


def _by_url(url: str, mask: Path | bytes | str | None, facts: dict[str, Any]) -> Raw:
    if mask is not None and not isinstance(mask, str):
        raise BadRequest("mask_kind", "a photo by URL has its mask by URL too")
    return json_of({"url": url, "mask_url": mask, **facts})


def _by_file(photo: Path | bytes, mask: Path | bytes | str | None, facts: dict[str, Any]) -> Form:
    if isinstance(mask, str):
        raise BadRequest("mask_kind", "a photo that is sent has its mask sent too: a Path or bytes")
    files = {"file": file_bytes(photo)} | ({} if mask is None else {"mask": file_bytes(mask)})
    return Form(words={name: _word(value) for name, value in facts.items() if value is not None}, files=files)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value).decode()
