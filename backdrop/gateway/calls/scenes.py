"""Scenes asked for, their options, and what people think of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from backdrop.gateway.answers import AskedMany, Background, Done, Option, Page, Picture, Reference
from backdrop.gateway.calls.reading import a, as_bytes, file_bytes, json_of, once, said
from backdrop.gateway.requests import Call, Form, Request
from shared.contracts.errors import BadRequest
from shared.contracts.events import Scene

MANY = "/v1/backgrounds"
BACKGROUNDS = "/v1/products/{product_id}/backgrounds"
BACKGROUND = "/v1/products/{product_id}/backgrounds/{request_id}"
FILE = "/v1/files/{key}"
Action = Literal["impression", "click", "pick", "unpick", "save", "download"]
Size = Literal[160, 480, 960]


def ask(product_id: str, scene: Scene | None = None, *, idempotency_key: str | None = None) -> Call[Background]:
    """Ask for a background; without a scene, for the best idea. The options come later: `wait_for_options`."""
    request = Request(
        method="POST",
        route=BACKGROUNDS,
        names={"product_id": product_id},
        body=json_of(scene or Scene()),
        headers=once(idempotency_key),
    )
    return Call(request, a(Background))


def ask_many(product_ids: Sequence[str], scene: Scene, *, idempotency_key: str | None = None) -> Call[AskedMany]:
    """One scene for up to 500 products."""
    body = json_of({"product_ids": list(product_ids), "scene": scene.model_dump(mode="json", exclude_defaults=True)})
    return Call(Request(method="POST", route=MANY, body=body, headers=once(idempotency_key)), a(AskedMany))


def background(product_id: str, request_id: str) -> Call[Background]:
    """One request and its options, the best first."""
    names = {"product_id": product_id, "request_id": request_id}
    return Call(Request(method="GET", route=BACKGROUND, names=names), a(Background))


def backgrounds(product_id: str, *, limit: int = 50, cursor: str | None = None) -> Call[Page[Background]]:
    """One page of a product's requests, the newest first."""
    query = said(limit=limit, cursor=cursor)
    request = Request(method="GET", route=BACKGROUNDS, names={"product_id": product_id}, query=query)
    return Call(request, a(Page[Background]))


def refer(picture: Path | bytes) -> Call[Reference]:
    """Upload a picture whose style scenes may follow."""
    form = Form(files={"file": file_bytes(picture)})
    return Call(Request(method="POST", route="/v1/references", body=form), a(Reference))


def download(
    background: Background, option: Option, *, format: Literal["png", "webp", "jpeg"] = "png", slot: str | None = None
) -> Call[bytes]:
    """An option as a file to keep: as it is, or cut to the aspect of a slot and brought to its size."""
    names = {**_names(background), "sha256": option.picture.sha256}
    query = said(format=format, slot=slot)
    return Call(Request(method="GET", route=BACKGROUND + "/pictures/{sha256}", names=names, query=query), as_bytes)


def picture(picture: Picture, *, size: Size | None = None) -> Call[bytes]:
    """The bytes behind a picture's link, or its thumbnail (WebP) of that longer side. Links end after minutes."""
    url = urlsplit(picture.url if size is None else picture.thumbnails[str(size)])
    before = FILE.partition("{")[0]
    if url.netloc or not url.path.startswith(before):
        raise BadRequest("link_foreign", "this picture's link does not lead to the gateway")
    names = {"key": unquote(url.path.removeprefix(before))}
    return Call(Request(method="GET", route=FILE, names=names, query=dict(parse_qsl(url.query))), as_bytes)


def review(
    background: Background,
    option: Option,
    *,
    product_defect: bool = False,
    background_defect: bool = False,
    idempotency_key: str | None = None,
) -> Call[Done]:
    """Vote on one option: did somebody see a defect of the product, or of the background? Votes add up."""
    vote = {
        "image": option.picture.sha256, "product_defect": product_defect, "background_defect": background_defect
    }  # fmt: skip
    return _told(background, "/review", vote, idempotency_key)


def engage(
    background: Background, option: Option, action: Action, count: int = 1, *, idempotency_key: str | None = None
) -> Call[Done]:
    """What people did with one option: `pick` puts it into the feed, the rest are counts."""
    actions = [{"image": option.picture.sha256, "action": action, "count": count}]
    return _told(background, "/engagement", {"actions": actions}, idempotency_key)


def _told(background: Background, what: str, body: Mapping[str, Any], key: str | None) -> Call[Done]:
    request = Request(
        method="POST", route=BACKGROUND + what, names=_names(background), body=json_of(body), headers=once(key)
    )
    return Call(request, a(Done))


def _names(background: Background) -> dict[str, str]:
    return {"product_id": background.product_id, "request_id": background.request_id}
