"""Sessions that end, and replays that a rebuild does not forget."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward; what was replayed before is kept as done."""
    op.create_table(
        "sessions",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "replays",
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("begun", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
    )
    op.execute(
        "INSERT INTO replays (place, begun, done) SELECT place, failed, replayed FROM dead_letters WHERE replayed"
    )
    with op.batch_alter_table("dead_letters", schema=None) as batch_op:
        batch_op.drop_column("replayed")


def downgrade() -> None:
    """Back."""
    with op.batch_alter_table("dead_letters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replayed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE dead_letters SET replayed = (SELECT true) WHERE place IN (SELECT place FROM replays WHERE done)")
    op.drop_table("replays")
    op.drop_table("sessions")
