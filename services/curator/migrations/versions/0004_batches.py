"""Perceptual hashes in three parts instead of four, kept samples by key, what was told; nobody filled `models`."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# 16 bits each -> 22, 21 and 21 bits, and back; the lowest bits come first
THREE = {
    "band_0": "band_0 + (band_1 & 63) * 65536",
    "band_1": "(band_1 >> 6) + (band_2 & 2047) * 1024",
    "band_2": "(band_2 >> 11) + band_3 * 32",
}
FOUR = {
    "band_0": "band_0 & 65535",
    "band_1": "(band_0 >> 16) + (band_1 & 1023) * 64",
    "band_2": "(band_1 >> 10) + (band_2 & 31) * 2048",
    "band_3": "band_2 >> 5",
}


def upgrade() -> None:
    """Recompute the parts from the old ones."""
    _recomputed(THREE)
    with op.batch_alter_table("samples") as samples:
        samples.drop_index("samples_band_3")
        samples.drop_column("band_3")
        samples.drop_index("samples_key")
        samples.drop_index("samples_reason")
        samples.create_index("samples_reason", ["reason", "key"])
    op.create_table(
        "verdicts",
        sa.Column("product_id", sa.String(200), primary_key=True),
        sa.Column("known", sa.String(24), primary_key=True),
        sa.Column("event", sa.JSON(), nullable=False),
    )
    op.drop_table("models")


def downgrade() -> None:
    """The other way round; what was told is forgotten."""
    op.create_table(
        "models",
        sa.Column("model", sa.String(200), primary_key=True),
        sa.Column("revision", sa.String(200), primary_key=True),
        sa.Column("stage", sa.String(40), nullable=False),
        sa.Column("dataset", sa.String(200), nullable=False),
        sa.Column("dataset_version", sa.String(200), nullable=False),
    )
    op.drop_table("verdicts")
    with op.batch_alter_table("samples") as samples:
        samples.drop_index("samples_reason")
        samples.create_index("samples_reason", ["reason"])
        samples.create_index("samples_key", ["key"])
        samples.add_column(sa.Column("band_3", sa.Integer(), nullable=True))
        samples.create_index("samples_band_3", ["band_3"])
    _recomputed(FOUR)


def _recomputed(bands: dict[str, str]) -> None:
    """In one statement, whose right-hand sides are the old values."""
    op.execute("UPDATE samples SET " + ", ".join(f"{band} = {value}" for band, value in bands.items()))
