"""How Alembic runs a migration: over the connection it is handed, in one transaction."""

from alembic import context

from gateway.migrations.metadata import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata(), render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
