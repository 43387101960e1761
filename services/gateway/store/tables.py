"""The projection's tables; the topics can fill them anew. Changing one means a revision in migrations/versions."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import JSON, BigInteger, Dialect, Index, LargeBinary, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.gateway.store.moments import Moment


class WordsColumn(TypeDecorator[str]):
    """Text as PostgreSQL takes it: without the NUL that a JSON string or a header may have."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """On its way into the database, as a value or in a comparison."""
        return None if value is None else value.replace("\x00", " ")


ID = WordsColumn(200)


def dumped(value: BaseModel) -> dict[str, Any]:
    """A value as a JSON column keeps it."""
    return value.model_dump(mode="json")


class Base(DeclarativeBase):
    """Everything the gateway remembers."""


class HeadRow(Base):
    """The number of the newest line of the log. Whoever applies an event locks it, so numbers have no gaps."""

    __tablename__ = "head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sequence: Mapped[int] = mapped_column(BigInteger)


class LogRow(Base):
    """One event as it is told to pages and webhooks: CloudEvents JSON. Old lines are pruned."""

    __tablename__ = "log"
    __table_args__ = (Index("log_told", "told"),)

    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(ID, unique=True)
    type: Mapped[str] = mapped_column(String(100))
    tenant: Mapped[str | None] = mapped_column(String(60))
    product_id: Mapped[str | None] = mapped_column(ID)
    told: Mapped[datetime] = mapped_column(Moment)
    body: Mapped[str] = mapped_column(Text)


class ProductRow(Base):
    """The newest word of each stage about one product, and what follows from them."""

    __tablename__ = "products"
    __table_args__ = (Index("products_newest", "tenant", "created", "product_id"), Index("products_stage", "stage"))

    product_id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant: Mapped[str] = mapped_column(String(60))
    created: Mapped[datetime] = mapped_column(Moment)
    updated: Mapped[datetime] = mapped_column(Moment)
    stage: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(WordsColumn)
    submitted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    segmented: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    captioned: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    refusal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    withdrawn: Mapped[bool]


class BackgroundRow(Base):
    """One request for a background, and its answer."""

    __tablename__ = "backgrounds"
    __table_args__ = (
        Index("backgrounds_newest", "product_id", "requested", "request_id"), Index("backgrounds_status", "status"),
    )  # fmt: skip

    product_id: Mapped[str] = mapped_column(ID, primary_key=True)
    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant: Mapped[str] = mapped_column(String(60))
    status: Mapped[str] = mapped_column(String(20))
    scene: Mapped[dict[str, Any]] = mapped_column(JSON)
    requested: Mapped[datetime] = mapped_column(Moment)
    answered: Mapped[datetime | None] = mapped_column(Moment)
    generated: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    rejection: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class EngagementRow(Base):
    """How people met one option in one window."""

    __tablename__ = "engagement"

    product_id: Mapped[str] = mapped_column(ID, primary_key=True)
    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    image_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    window_end: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    impressions: Mapped[int] = mapped_column(BigInteger)
    clicks: Mapped[int] = mapped_column(BigInteger)
    saves: Mapped[int] = mapped_column(BigInteger)
    long_clicks: Mapped[int] = mapped_column(BigInteger)
    told: Mapped[datetime] = mapped_column(Moment)


class VoteRow(Base):
    """Votes on one option, by rater; one has no name. Told again, they replace themselves."""

    __tablename__ = "votes"

    product_id: Mapped[str] = mapped_column(ID, primary_key=True)
    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    image_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    rater: Mapped[str] = mapped_column(ID, primary_key=True)
    raters: Mapped[int]
    product_defects: Mapped[int]
    background_defects: Mapped[int]
    told: Mapped[datetime] = mapped_column(Moment)


class SampleRow(Base):
    """The curator's verdict on one photo."""

    __tablename__ = "samples"
    __table_args__ = (Index("samples_newest", "tenant", "told", "product_id", "image_sha256"),)

    product_id: Mapped[str] = mapped_column(ID, primary_key=True)
    image_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    tenant: Mapped[str] = mapped_column(String(60))
    verdict: Mapped[str] = mapped_column(WordsColumn(20))
    reason: Mapped[str] = mapped_column(WordsColumn(100))
    scores: Mapped[dict[str, float]] = mapped_column(JSON)
    told: Mapped[datetime] = mapped_column(Moment)


class StyleRow(Base):
    """A mined style as its newest revision has it."""

    __tablename__ = "styles"

    style: Mapped[str] = mapped_column(WordsColumn(100), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[dict[str, Any]] = mapped_column(JSON)


class DatasetRow(Base):
    """One version of a dataset."""

    __tablename__ = "datasets"

    dataset: Mapped[str] = mapped_column(ID, primary_key=True)
    version: Mapped[str] = mapped_column(ID, primary_key=True)
    told: Mapped[datetime] = mapped_column(Moment)
    event: Mapped[dict[str, Any]] = mapped_column(JSON)


class RevisionRow(Base):
    """One revision of a model: what was trained, and its newest promotion."""

    __tablename__ = "revisions"

    model: Mapped[str] = mapped_column(ID, primary_key=True)
    revision: Mapped[str] = mapped_column(ID, primary_key=True)
    told: Mapped[datetime] = mapped_column(Moment)
    trained: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    promoted: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sequence: Mapped[int] = mapped_column(BigInteger)


class TrainingRow(Base):
    """Where one training job stands."""

    __tablename__ = "trainings"

    job_id: Mapped[str] = mapped_column(ID, primary_key=True)
    told: Mapped[datetime] = mapped_column(Moment)
    stage: Mapped[str] = mapped_column(WordsColumn(20))
    step: Mapped[int] = mapped_column(BigInteger)
    steps: Mapped[int] = mapped_column(BigInteger)
    loss: Mapped[float | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class DeadLetterRow(Base):
    """One message that a service gave up, as it lies on T.dead. `place` is topic/partition/offset."""

    __tablename__ = "dead_letters"
    __table_args__ = (Index("dead_letters_newest", "failed", "place"),)

    place: Mapped[str] = mapped_column(ID, primary_key=True)
    topic: Mapped[str] = mapped_column(ID)
    key: Mapped[str] = mapped_column(WordsColumn)
    raw_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    value: Mapped[bytes] = mapped_column(LargeBinary)
    headers: Mapped[list[list[str | None]]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(WordsColumn)
    detail: Mapped[str] = mapped_column(WordsColumn)
    service: Mapped[str] = mapped_column(WordsColumn)
    attempts: Mapped[int]
    failed: Mapped[datetime] = mapped_column(Moment)


PROJECTION: tuple[type[Base], ...] = (
    ProductRow, BackgroundRow, EngagementRow, VoteRow, SampleRow, StyleRow, DatasetRow, RevisionRow,
    TrainingRow, DeadLetterRow,
)  # fmt: skip
"""What a rebuild empties and fills again; the log stays, so that nobody is told twice."""
