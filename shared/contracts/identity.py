"""Deterministic names: the same input always gets the same id, so consumers can deduplicate on it."""

import hashlib

from shared.contracts.events import Event, Scene


def event_id(event: Event) -> str:
    """`ce_id` of an event: equal content, equal id (a redelivery re-announces the very bytes of its manifest)."""
    return body_id(type(event).__name__, event.model_dump_json().encode())


def body_id(kind: str, body: bytes) -> str:
    """The same of an event whose JSON is at hand. `kind`: the name of its class."""
    return hashlib.sha256(b"%b\n%b" % (kind.encode(), body)).hexdigest()[:32]


def scene_request_id(product_id: str, image_sha256: str, given_mask: str | None, index: int, scene: Scene) -> str:
    """The request id of the `index`-th scene that came with a product (a requested scene brings its own).

    `given_mask`: sha256 of the merchant's own mask. The same photo with another mask is asked anew.
    """
    wish = f"{product_id}\n{image_sha256}\n{index}\n{scene.model_dump_json()}"
    text = f"{wish}\n{given_mask}" if given_mask else wish
    return f"{hashlib.sha256(text.encode()).hexdigest()[:20]}-{index}"
