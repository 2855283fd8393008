"""How Alembic runs a migration: over the connection it is handed, in one transaction."""

from alembic import context

from gateway.migrations.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=True,
    transactional_ddl=True,  # on SQLite too, since it is we who send BEGIN
)
with context.begin_transaction():
    context.run_migrations()
