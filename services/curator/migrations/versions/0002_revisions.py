"""Revisions of samples and opt-outs, who refused training, and the samples' keys as a column to read them in order."""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PAGE = 1000
SAMPLES = sa.table(
    "samples",
    sa.column("product_id", sa.String),
    sa.column("image_sha256", sa.String),
    sa.column("key", sa.String),
    sa.column("may_train", sa.Boolean),
)


def upgrade() -> None:
    """What is there is of revision 0: any numbered event is newer."""
    with op.batch_alter_table("samples") as samples:
        samples.add_column(sa.Column("key", sa.String(20), nullable=True))
        samples.add_column(sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0"))
    _fill_keys()
    with op.batch_alter_table("samples") as samples:
        samples.alter_column("key", existing_type=sa.String(20), nullable=False)
        samples.alter_column("revision", existing_type=sa.BigInteger(), server_default=None)
        samples.create_index("samples_key", ["key"])
    with op.batch_alter_table("withdrawn") as withdrawn:
        withdrawn.add_column(sa.Column("revision", sa.BigInteger(), nullable=False, server_default="0"))
    with op.batch_alter_table("withdrawn") as withdrawn:
        withdrawn.alter_column("revision", existing_type=sa.BigInteger(), server_default=None)
    op.create_table(
        "consents",
        sa.Column("product_id", sa.String(200), primary_key=True),
        sa.Column("refused", sa.BigInteger(), nullable=False),
    )
    _remember_refusals()


def downgrade() -> None:
    """Forget them."""
    op.drop_table("consents")
    with op.batch_alter_table("withdrawn") as withdrawn:
        withdrawn.drop_column("revision")
    with op.batch_alter_table("samples") as samples:
        samples.drop_index("samples_key")
        samples.drop_column("revision")
        samples.drop_column("key")


def _fill_keys() -> None:
    """As `records.sample_key` has them; written out, since a migration does not change when the code does."""
    connection = op.get_bind()
    query = sa.select(SAMPLES.c.product_id, SAMPLES.c.image_sha256).where(SAMPLES.c.key.is_(None)).limit(PAGE)
    while page := connection.execute(query).all():
        for product_id, image_sha256 in page:
            key = hashlib.sha256(f"{product_id}\n{image_sha256}".encode()).hexdigest()[:20]
            mine = (SAMPLES.c.product_id == product_id, SAMPLES.c.image_sha256 == image_sha256)
            connection.execute(sa.update(SAMPLES).where(*mine).values(key=key))


def _remember_refusals() -> None:
    """A photo without consent was a no of revision 0, which no other word of revision 0 outweighs."""
    op.execute(
        "INSERT INTO consents (product_id, refused) SELECT DISTINCT product_id, 0 FROM samples WHERE NOT may_train"
    )
    op.execute(
        "UPDATE samples SET may_train = (1 = 0), reason = 'no_consent' "
        "WHERE product_id IN (SELECT product_id FROM consents)"
    )
