"""Tables of what no topic says: keys, what they used up, answers to keep, webhooks and their deliveries."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.store.moments import Moment
from services.gateway.store.tables import ID, Base


class KeyRow(Base):
    """An API key; of its secret only a salted, peppered hash."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    salt: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime] = mapped_column(Moment)
    expires: Mapped[datetime | None] = mapped_column(Moment)
    revoked: Mapped[datetime | None] = mapped_column(Moment)


class UsageRow(Base):
    """How much of a quota a tenant used up on one day (UTC)."""

    __tablename__ = "usage"

    tenant: Mapped[str] = mapped_column(String(60), primary_key=True)
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    what: Mapped[str] = mapped_column(String(40), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class AnswerRow(Base):
    """What a request with an Idempotency-Key was answered; without a `status` it is being worked on since `taken`,
    or was given back.
    """

    __tablename__ = "answers"
    __table_args__ = (Index("answers_asked", "asked"),)

    tenant: Mapped[str] = mapped_column(String(60), primary_key=True)
    key: Mapped[str] = mapped_column(ID, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    asked: Mapped[datetime] = mapped_column(Moment)
    taken: Mapped[datetime | None] = mapped_column(Moment)
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(Text)


class SessionRow(Base):
    """A page that came in with a key: the hash of what its cookie holds. Who leaves takes it away."""

    __tablename__ = "sessions"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(40))
    until: Mapped[datetime] = mapped_column(Moment)


class ReplayRow(Base):
    """A dead letter that somebody sends on its way again (`begun`), or that was sent (`done`)."""

    __tablename__ = "replays"

    place: Mapped[str] = mapped_column(ID, primary_key=True)
    begun: Mapped[datetime] = mapped_column(Moment)
    done: Mapped[bool]


class WebhookRow(Base):
    """A subscription: where events of a tenant go, and of which types (none: all)."""

    __tablename__ = "webhooks"

    webhook_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(60), index=True)
    url: Mapped[str] = mapped_column(String(2048))
    types: Mapped[list[str]] = mapped_column(JSON)
    secret: Mapped[str] = mapped_column(String(100))
    active: Mapped[bool]
    created: Mapped[datetime] = mapped_column(Moment)


class DeliveryRow(Base):
    """One event on its way to one webhook. `status`: waiting, delivered or dead."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("webhook_id", "event_id", name="deliveries_once"), Index("deliveries_due", "status", "due"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.webhook_id", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(ID)
    type: Mapped[str] = mapped_column(String(100))
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int]
    due: Mapped[datetime] = mapped_column(Moment)
    told: Mapped[datetime] = mapped_column(Moment)
    answer: Mapped[str] = mapped_column(Text)


TABLES = (KeyRow, UsageRow, AnswerRow, SessionRow, ReplayRow, WebhookRow, DeliveryRow)
OWN: dict[str, Any] = {row.__tablename__: row for row in TABLES}
