"""The procedure that loads what Data Factory or the CLI has staged, on Azure SQL.

It replaces the procedures that revision 0002 created in older databases.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

PROCEDURES = (
    "remove_abandoned_rows",
    "read_characters",
    "read_folds",
    "read_words",
    "find_faults",
    "merge_features",
    "load_features",
)


def upgrade() -> None:
    _staged_at()
    if op.get_context().dialect.name != "mssql":
        return
    for name in PROCEDURES:
        op.execute(f"DROP PROCEDURE IF EXISTS spotify.{name}")
        text = (Path(__file__).parent / f"0003_{name}.sql").read_text("utf-8")
        op.get_bind().exec_driver_sql(text)
    op.execute("GRANT EXECUTE ON spotify.load_features TO spotify_loader")


def _staged_at() -> None:
    """When a row was staged. SQLite, whose loads are staged elsewhere, leaves it NULL.

    Unlike CREATE TABLE, ALTER TABLE names the schema even where the engine drops that name.
    """
    on_sql_server = op.get_context().dialect.name == "mssql"
    now = sa.text("SYSUTCDATETIME()") if on_sql_server else None
    column = sa.Column("staged_at", sa.DateTime, server_default=now)
    op.add_column("features_staging", column, schema="spotify" if on_sql_server else None)
