"""What a model sees in a picture, and the parts of its sketch, by which like ones are found."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SKETCH = ("sketch_0", "sketch_1", "sketch_2")


def upgrade() -> None:
    """Nobody has seen the pictures so far."""
    op.add_column("samples", sa.Column("embedder", sa.String(16), nullable=True))
    op.add_column("samples", sa.Column("embedding", sa.LargeBinary(), nullable=True))
    for name in SKETCH:
        op.add_column("samples", sa.Column(name, sa.Integer(), nullable=True))
        op.create_index(f"samples_{name}", "samples", [name])


def downgrade() -> None:
    """They are forgotten."""
    for name in SKETCH:
        op.drop_index(f"samples_{name}", "samples")
    with op.batch_alter_table("samples") as table:
        for name in ("embedder", "embedding", *SKETCH):
            table.drop_column(name)
