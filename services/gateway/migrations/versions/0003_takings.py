"""Idempotency keys that somebody holds, apart from when they came first: one that is given back is remembered."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever works on a request by now took its key when it came."""
    op.add_column("answers", sa.Column("taken", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE answers SET taken = asked WHERE status IS NULL")


def downgrade() -> None:
    """Keys that were given back are as new."""
    op.execute("DELETE FROM answers WHERE status IS NULL AND taken IS NULL")
    with op.batch_alter_table("answers") as table:
        table.drop_column("taken")
