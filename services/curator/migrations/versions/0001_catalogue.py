"""The catalogue's first tables: samples, engagement, withdrawn, reviews, releases, members."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BANDS = ("band_0", "band_1", "band_2", "band_3")


def upgrade() -> None:
    """Create them."""
    _samples()
    _engagement()
    op.create_table(
        "withdrawn",
        sa.Column("product_id", sa.String(200), primary_key=True),
        sa.Column("reason", sa.String(), nullable=False),
        _time("since"),
    )
    _reviews()
    _releases()


def downgrade() -> None:
    """Drop them."""
    for table in ("members", "releases", "reviews", "withdrawn", "engagement", "samples"):
        op.drop_table(table)


def _time(name: str) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False)


def _samples() -> None:
    op.create_table(
        "samples",
        sa.Column("product_id", sa.String(200), primary_key=True),
        sa.Column("image_sha256", sa.String(64), primary_key=True),
        sa.Column("image", sa.JSON(), nullable=False),
        sa.Column("mask", sa.JSON(), nullable=True),
        sa.Column("captions", sa.JSON(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("promoted", sa.Boolean(), nullable=False),
        sa.Column("may_train", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        *(sa.Column(band, sa.Integer(), nullable=True) for band in BANDS),
        _time("judged"),
    )
    op.create_index("samples_reason", "samples", ["reason"])
    op.create_index("samples_image", "samples", ["image_sha256"])
    for band in BANDS:
        op.create_index(f"samples_{band}", "samples", [band])


def _engagement() -> None:
    op.create_table(
        "engagement",
        sa.Column("product_id", sa.String(200), primary_key=True),
        sa.Column("window_start", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("window_end", sa.DateTime(timezone=True), primary_key=True),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("impressions", "clicks", "saves", "long_clicks")
        ),
    )


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("request_id", sa.String(200), primary_key=True),
        sa.Column("image_sha256", sa.String(64), primary_key=True),
        sa.Column("product_id", sa.String(200), nullable=False, index=True),
        sa.Column("image", sa.JSON(), nullable=False),
        sa.Column("raters", sa.Integer(), nullable=False),
        sa.Column("product_defects", sa.Integer(), nullable=False),
        sa.Column("background_defects", sa.Integer(), nullable=False),
    )


def _releases() -> None:
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        _time("released"),
        sa.UniqueConstraint("dataset", "sequence", name="releases_dataset_sequence"),
    )
    op.create_table(
        "members",
        sa.Column("release_id", sa.Integer(), sa.ForeignKey("releases.id"), primary_key=True),
        sa.Column("product_id", sa.String(200), primary_key=True, index=True),
    )
