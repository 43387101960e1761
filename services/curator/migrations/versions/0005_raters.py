"""Votes by rater: those of one stand beside those of another."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEYS = ("request_id", "image_sha256")
REST = ("product_id", "image", "raters", "product_defects", "background_defects")


def upgrade() -> None:
    """What was said so far was said without a name."""
    _keyed(*KEYS, "rater")


def downgrade() -> None:
    """Only what was said without a name stays."""
    op.execute("DELETE FROM reviews WHERE rater <> ''")
    _keyed(*KEYS)


def _keyed(*keys: str) -> None:
    """A new table in place of the old one: SQLite cannot change a primary key."""
    op.drop_index("ix_reviews_product_id", "reviews")
    op.rename_table("reviews", "reviews_before")
    op.create_table(
        "reviews",
        *(sa.Column(name, sa.String(64 if name == "image_sha256" else 200), nullable=False) for name in keys),
        sa.Column("product_id", sa.String(200), nullable=False),
        sa.Column("image", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in REST[2:]),
        sa.PrimaryKeyConstraint(*keys, name=f"reviews_by_{len(keys)}"),
    )
    names = ", ".join((*KEYS, *REST))
    new = (", rater", ", ''") if "rater" in keys else ("", "")
    op.execute(f"INSERT INTO reviews ({names}{new[0]}) SELECT {names}{new[1]} FROM reviews_before")
    op.drop_table("reviews_before")
    op.create_index("ix_reviews_product_id", "reviews", ["product_id"])
