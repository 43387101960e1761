"""Engagement per option, the options, category and merchant of samples, styles, models, members by picture."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BOUNDS = ("product_id", "window_start", "window_end")
COUNTS = ("impressions", "clicks", "saves", "long_clicks")


def upgrade() -> None:
    """What was said of engagement so far was said of photos."""
    with op.batch_alter_table("samples") as samples:
        samples.add_column(sa.Column("category", sa.String(200), nullable=False, server_default=""))
        samples.add_column(sa.Column("merchant", sa.String(200), nullable=False, server_default=""))
    _engagement_keyed(*BOUNDS, "request_id", "image_sha256")
    _members_keyed("release_id", "product_id", "key")
    op.create_table(
        "options",
        sa.Column("request_id", sa.String(200), primary_key=True),
        sa.Column("image_sha256", sa.String(64), primary_key=True),
        sa.Column("product_id", sa.String(200), nullable=False, index=True),
        sa.Column("key", sa.String(20), nullable=False, index=True),
        sa.Column("image", sa.JSON(), nullable=False),
        sa.Column("mask", sa.JSON(), nullable=True),
        sa.Column("captions", sa.JSON(), nullable=False),
        sa.Column("plate", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
    )
    op.create_table(
        "styles",
        sa.Column("style", sa.String(100), primary_key=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.JSON(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "models",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("revision", sa.String(200), primary_key=True),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("dataset_version", sa.String(200), nullable=False),
    )


def downgrade() -> None:
    """Forget them, and what was said of options."""
    op.drop_table("models")
    op.drop_table("styles")
    op.drop_table("options")
    op.execute("DELETE FROM engagement WHERE request_id <> ''")
    _engagement_keyed(*BOUNDS)
    _members_keyed("release_id", "product_id")
    with op.batch_alter_table("samples") as samples:
        samples.drop_column("merchant")
        samples.drop_column("category")


def _engagement_keyed(*keys: str) -> None:
    """A new table in place of the old one: SQLite cannot change a primary key."""
    columns = (sa.Column(name, _type(name), nullable=False) for name in (*keys, *COUNTS))
    key = sa.PrimaryKeyConstraint(*keys, name=f"engagement_by_{len(keys)}")
    _replaced("engagement", (*BOUNDS, *COUNTS), tuple(name for name in keys if name not in BOUNDS), (*columns, key))


def _members_keyed(*keys: str) -> None:
    op.drop_index("ix_members_product_id", "members")
    columns = (
        sa.Column("release_id", sa.Integer(), sa.ForeignKey("releases.id"), nullable=False),
        *(sa.Column(name, _type(name), nullable=False) for name in keys[1:]),
        sa.PrimaryKeyConstraint(*keys, name=f"members_by_{len(keys)}"),
    )
    _replaced("members", ("release_id", "product_id"), keys[2:], columns)
    op.create_index("ix_members_product_id", "members", ["product_id"])


def _replaced(table: str, kept: tuple[str, ...], new: tuple[str, ...], columns: Iterable[sa.schema.SchemaItem]) -> None:
    """The rows move over; of those that become one the first stays. New columns are empty words."""
    op.rename_table(table, f"{table}_before")
    op.create_table(table, *columns)
    names, values = ", ".join((*kept, *new)), ", ".join((*kept, *("''" for _ in new)))
    op.execute(f"INSERT INTO {table} ({names}) SELECT DISTINCT {values} FROM {table}_before")
    op.drop_table(f"{table}_before")


def _type(name: str) -> sa.types.TypeEngine[Any]:
    if name in COUNTS:
        return sa.BigInteger()
    lengths = {"image_sha256": 64, "key": 20}
    return sa.DateTime(timezone=True) if name.startswith("window") else sa.String(lengths.get(name, 200))
