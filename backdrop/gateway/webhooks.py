"""What a gateway answers about webhooks."""

from datetime import datetime

from backdrop.gateway.answers import Reply


class Webhook(Reply):
    """A webhook; its `secret` is told once, when it is made or made anew."""

    webhook_id: str
    url: str
    types: tuple[str, ...]
    active: bool
    created_at: datetime
    secret: str | None


class Delivery(Reply):
    """One event on its way to a webhook; `answer`: what the last try came to."""

    event_id: str
    type: str
    status: str
    attempts: int
    due_at: datetime
    event_at: datetime
    answer: str
