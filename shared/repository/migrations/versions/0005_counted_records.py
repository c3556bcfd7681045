"""How many records there are up to an id, so that a POST need not count them.

The records that are stored now are counted here. Releases before this one ignore the table: what
they store is counted later.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SCHEMA = "spotify"

records = sa.Table("features", sa.MetaData(schema=SCHEMA), sa.Column("id"))


def upgrade() -> None:
    counted = op.create_table(
        "features_counted",
        sa.Column("records", sa.BigInteger, nullable=False),
        sa.Column("last_id", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("last_id", name="pk_features_counted"),
        schema=SCHEMA,
    )
    last_id = sa.func.coalesce(sa.func.max(records.c.id), 0)
    found = sa.select(sa.func.count(), last_id).select_from(records)
    op.execute(sa.insert(counted).from_select(["records", "last_id"], found))
    if op.get_context().dialect.name == "mssql":
        op.execute(f"GRANT SELECT, UPDATE ON {SCHEMA}.features_counted TO spotify_api")
        _replace("merge_features")


def _replace(procedure: str) -> None:
    """Only load_features calls it, and nobody was granted it."""
    op.execute(f"DROP PROCEDURE IF EXISTS {SCHEMA}.{procedure}")
    text = (Path(__file__).parent / f"0005_{procedure}.sql").read_text("utf-8")
    op.get_bind().exec_driver_sql(text)
