"""Read by alembic: which tables, over which connection."""

from alembic import context

from services.gateway.store.own import tables as own
from services.gateway.store.tables import Base

assert own.OWN, "its tables are part of the metadata once it is imported"
context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
