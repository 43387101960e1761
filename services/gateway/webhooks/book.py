"""Webhooks and their deliveries, as values, and where they are kept."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Literal, Protocol

from services.gateway.records import FrozenRecord

DeliveryStatus = Literal["waiting", "delivered", "dead"]


SHARE = 3  # deliveries of one webhook at once: a slow target keeps its own events waiting, and nobody else's


class Webhook(FrozenRecord):
    """Where events of a tenant go; no types: all of them."""

    webhook_id: str
    tenant: str
    url: str
    types: tuple[str, ...] = ()
    secret: str
    active: bool = True
    created: datetime


class Delivery(FrozenRecord):
    """One event on its way to one webhook; `answer`: what the last try came to."""

    id: int
    webhook_id: str
    event_id: str
    type: str
    body: str
    status: DeliveryStatus
    attempts: int
    due: datetime
    told: datetime
    answer: str = ""


class WebhookBook(Protocol):
    """Subscriptions and deliveries. All raise DependencyDown in an outage."""

    def add_webhook(self, webhook: Webhook, most: int) -> bool:
        """Remember a new one; False where its tenant has as many already."""
        ...

    def change_webhook(self, webhook_id: str, changes: Mapping[str, Any]) -> Webhook | None:
        """Change what is named; the webhook afterwards."""
        ...

    def switch_off(self, webhook_id: str, url: str) -> None:
        """Deliver nothing more to this address of it."""
        ...

    def webhook(self, webhook_id: str) -> Webhook | None:
        """One of them."""
        ...

    def webhooks(self, tenant: str) -> list[Webhook]:
        """A tenant's."""
        ...

    def remove_webhook(self, webhook_id: str) -> None:
        """Forget it, and what was on its way."""
        ...

    def deliveries(self, webhook_id: str, limit: int = 100) -> list[Delivery]:
        """The newest of them."""
        ...

    def claim(self, now: datetime, until: datetime, limit: int, *, busy: Collection[str] = ()) -> list[Delivery]:
        """Those that are due and nobody else has; they are this caller's until then.

        None of webhooks that are `busy`, and at most `SHARE` of each other one.
        """
        ...

    def settle(self, delivery: Delivery) -> None:
        """What a try came to."""
        ...

    def send_again(self, webhook_id: str, now: datetime, *, since: datetime | None = None) -> int:
        """Make what is dead, or everything since a moment, due again; how many."""
        ...
