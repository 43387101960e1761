"""The catalogue's tables. Changing one means adding a revision to migrations/versions in the same commit."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, String, UniqueConstraint, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

BANDS = ("band_0", "band_1", "band_2")
SKETCH = ("sketch_0", "sketch_1", "sketch_2")


class Base(DeclarativeBase):
    """Everything the curator remembers."""


class SampleRow(Base):
    """A judged photo as its newest revision has it. `key` names it in datasets, which are in that order; `band_n` are
    the three parts of its perceptual hash, by which look-alikes are found; `sketch_n` those of its embedding's sketch.
    """

    __tablename__ = "samples"
    __table_args__ = (
        Index("samples_reason", "reason", "key"),
        Index("samples_image", "image_sha256"),
        *(Index(f"samples_{band}", band) for band in (*BANDS, *SKETCH)),
    )

    product_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    image_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int] = mapped_column(BigInteger)
    image: Mapped[dict[str, Any]] = mapped_column(JSON)
    mask: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    captions: Mapped[list[str]] = mapped_column(JSON)
    product: Mapped[str]
    promoted: Mapped[bool]
    may_train: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(40))
    scores: Mapped[dict[str, float]] = mapped_column(JSON)
    category: Mapped[str] = mapped_column(String(200), server_default="")
    merchant: Mapped[str] = mapped_column(String(200), server_default="")
    band_0: Mapped[int | None]
    band_1: Mapped[int | None]
    band_2: Mapped[int | None]
    embedder: Mapped[str | None] = mapped_column(String(16))
    embedding: Mapped[bytes | None]
    sketch_0: Mapped[int | None]
    sketch_1: Mapped[int | None]
    sketch_2: Mapped[int | None]
    judged: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class WindowRow(Base):
    """Engagement of a product's photos (`request_id` and `image_sha256` empty) or of one option in a window of time."""

    __tablename__ = "engagement"

    product_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    window_start: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    window_end: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    request_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    image_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    impressions: Mapped[int] = mapped_column(BigInteger)
    clicks: Mapped[int] = mapped_column(BigInteger)
    saves: Mapped[int] = mapped_column(BigInteger)
    long_clicks: Mapped[int] = mapped_column(BigInteger)


class OptionRow(Base):
    """A painted option that people met; `key` names it in datasets."""

    __tablename__ = "options"

    request_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    image_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    product_id: Mapped[str] = mapped_column(String(200), index=True)
    key: Mapped[str] = mapped_column(String(20), index=True)
    image: Mapped[dict[str, Any]] = mapped_column(JSON)
    mask: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    captions: Mapped[list[str]] = mapped_column(JSON)
    plate: Mapped[str]
    model: Mapped[str]


class StyleRow(Base):
    """A mined style as it was last announced, or is about to be."""

    __tablename__ = "styles"

    style: Mapped[str] = mapped_column(String(100), primary_key=True)
    revision: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[dict[str, Any]] = mapped_column(JSON)
    announced: Mapped[bool]


class VerdictRow(Base):
    """What was told of a photo, by all that was known of it (`known`, a hash): told again, it is the same."""

    __tablename__ = "verdicts"

    product_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    known: Mapped[str] = mapped_column(String(24), primary_key=True)
    event: Mapped[dict[str, Any]] = mapped_column(JSON)


class ConsentRow(Base):
    """The newest revision of a product that refused training, -1 for none; who writes of a product locks this row."""

    __tablename__ = "consents"

    product_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    refused: Mapped[int] = mapped_column(BigInteger)


class WithdrawnRow(Base):
    """An opt-out; kept for ever, so that the product never comes back."""

    __tablename__ = "withdrawn"

    product_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    reason: Mapped[str]
    revision: Mapped[int] = mapped_column(BigInteger)
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ReviewRow(Base):
    """Votes on one output, by rater; one has no name."""

    __tablename__ = "reviews"

    request_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    image_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    rater: Mapped[str] = mapped_column(String(200), primary_key=True)
    product_id: Mapped[str] = mapped_column(String(200), index=True)
    image: Mapped[dict[str, Any]] = mapped_column(JSON)
    raters: Mapped[int]
    product_defects: Mapped[int]
    background_defects: Mapped[int]


class ReleaseRow(Base):
    """One version of a dataset; `announced` once the event is out."""

    __tablename__ = "releases"
    __table_args__ = (UniqueConstraint("dataset", "sequence", name="releases_dataset_sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    dataset: Mapped[str] = mapped_column(String(200))
    sequence: Mapped[int]
    content: Mapped[str] = mapped_column(String(64))
    manifest: Mapped[dict[str, Any]] = mapped_column(JSON)
    samples: Mapped[int]
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    announced: Mapped[bool] = mapped_column(default=False)
    released: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class MemberRow(Base):
    """A picture that is in a release, and whose it is; releases from before there were keys have one row a product."""

    __tablename__ = "members"

    release_id: Mapped[int] = mapped_column(ForeignKey("releases.id"), primary_key=True)
    product_id: Mapped[str] = mapped_column(String(200), primary_key=True, index=True)
    key: Mapped[str] = mapped_column(String(20), primary_key=True)
