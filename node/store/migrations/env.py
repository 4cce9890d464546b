"""Runs migrations over the connection that node/store/schema.py hands in; there is no other way to run them."""

from alembic import context

from node.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
