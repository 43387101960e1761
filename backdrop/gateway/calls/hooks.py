"""Webhooks: where events are pushed to, how that goes, and again. These need a key with the scope `admin`."""

from collections.abc import Sequence
from datetime import datetime

from backdrop.gateway.answers import Done
from backdrop.gateway.calls.reading import a, json_of, nothing, once
from backdrop.gateway.requests import Call, Request
from backdrop.gateway.webhooks import Delivery, Webhook

WEBHOOKS = "/v1/webhooks"
WEBHOOK = "/v1/webhooks/{webhook_id}"


def add_webhook(url: str, types: Sequence[str] = (), *, idempotency_key: str | None = None) -> Call[Webhook]:
    """Push events to a URL, of these types or of all. The answer alone has the secret that signs them."""
    body = json_of({"url": url, "types": list(types)})
    return Call(Request(method="POST", route=WEBHOOKS, body=body, headers=once(idempotency_key)), a(Webhook))


def webhooks() -> Call[tuple[Webhook, ...]]:
    """All of the tenant's."""
    return Call(Request(method="GET", route=WEBHOOKS), a(tuple[Webhook, ...]))


def webhook(webhook_id: str) -> Call[Webhook]:
    """One of them."""
    return Call(Request(method="GET", route=WEBHOOK, names={"webhook_id": webhook_id}), a(Webhook))


def change_webhook(
    webhook_id: str,
    *,
    url: str | None = None,
    types: Sequence[str] | None = None,
    active: bool | None = None,
    new_secret: bool | None = None,
) -> Call[Webhook]:
    """Another address, other types, on or off, a new secret; what is absent stays."""
    body = json_of(
        {"url": url, "types": None if types is None else list(types), "active": active, "new_secret": new_secret}
    )
    return Call(Request(method="PATCH", route=WEBHOOK, names={"webhook_id": webhook_id}, body=body), a(Webhook))


def remove_webhook(webhook_id: str) -> Call[None]:
    """Deliver nothing to it any more."""
    return Call(Request(method="DELETE", route=WEBHOOK, names={"webhook_id": webhook_id}), nothing)


def deliveries(webhook_id: str) -> Call[tuple[Delivery, ...]]:
    """The newest hundred."""
    request = Request(method="GET", route=WEBHOOK + "/deliveries", names={"webhook_id": webhook_id})
    return Call(request, a(tuple[Delivery, ...]))


def replay_webhook(webhook_id: str, since: datetime | None = None) -> Call[Done]:
    """Deliver again what is dead or, with `since`, everything since then."""
    body = json_of({"since": since})
    return Call(Request(method="POST", route=WEBHOOK + "/replay", names={"webhook_id": webhook_id}, body=body), a(Done))
