"""Alembic's entry: runs on the connection that ``upgrade`` hands over."""

from alembic import context

from contact_service.database import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=connection.dialect.name == "sqlite"
)
with context.begin_transaction():
    context.run_migrations()
