"""Runs the migrations on the connection, and in the transaction, of whoever called Alembic."""

from alembic import context

from indexer.database.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
)
context.run_migrations()
