"""What Alembic runs for `schema_upgrade.upgrade`, on the connection that it passes in."""

from alembic import context

from shared.repository.schema_upgrade import version_schema

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    version_table_schema=version_schema(connection),
    # Both databases roll DDL back: a migration that fails leaves nothing behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
