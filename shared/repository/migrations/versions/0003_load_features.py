"""The procedure that loads what Data Factory or the CLI has staged, on Azure SQL.

It replaces the procedures that revision 0002 created in older databases.
"""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

PROCEDURES = ("find_faults", "merge_features", "load_features")


def upgrade() -> None:
    if op.get_context().dialect.name != "mssql":
        return
    for name in PROCEDURES:
        op.execute(f"DROP PROCEDURE IF EXISTS spotify.{name}")
        text = (Path(__file__).parent / f"0003_{name}.sql").read_text("utf-8")
        op.get_bind().exec_driver_sql(text)
    op.execute("GRANT EXECUTE ON spotify.load_features TO spotify_loader")
