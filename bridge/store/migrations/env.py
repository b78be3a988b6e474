"""Alembic's way in: the connection is handed over by `bridge.store.migrations`, its transaction with it."""

from alembic import context

from bridge.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter most of a table: it is copied
)
context.run_migrations()
