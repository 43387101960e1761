"""Votes by rater, as the curator counts them: a vote that is told twice is one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEYS = ("product_id", "request_id", "image_sha256")
COUNTS = ("raters", "product_defects", "background_defects")


def upgrade() -> None:
    """Sums that were told so far were told without a name."""
    _anew("votes_by_rater", "rater")
    names = ", ".join((*KEYS, *COUNTS, "told"))
    op.execute(f"INSERT INTO votes_by_rater ({names}, rater) SELECT {names}, '' FROM votes")
    _in_place("votes_by_rater")


def downgrade() -> None:
    """The sum of all raters, as the version before adds to it."""
    _anew("votes_summed")
    keys, names = ", ".join(KEYS), ", ".join((*KEYS, *COUNTS, "told"))
    sums = ", ".join(f"CAST(SUM({name}) AS INTEGER)" for name in COUNTS)
    op.execute(f"INSERT INTO votes_summed ({names}) SELECT {keys}, {sums}, MAX(told) FROM votes GROUP BY {keys}")
    _in_place("votes_summed")


def _anew(table: str, *more: str) -> None:
    """SQLite cannot change a primary key."""
    keys = (*KEYS, *more)
    op.create_table(
        table,
        *(sa.Column(name, sa.String(64 if name == "image_sha256" else 200), nullable=False) for name in keys),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.Column("told", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(*keys),
    )


def _in_place(table: str) -> None:
    op.drop_table("votes")
    op.rename_table(table, "votes")
