"""The roles of least privilege on Azure SQL."""

from alembic import op

revision = "0002"
down_revision = "0001"

GRANTS = {
    "spotify_api": (
        "SELECT, INSERT ON spotify.features",
        "SELECT, INSERT, UPDATE ON spotify.cache_version",
        "SELECT ON spotify.cache_epoch",
        "SELECT ON spotify.alembic_version",
    ),
    "spotify_loader": (
        "SELECT, INSERT, DELETE ON spotify.features_staging",
        "SELECT, INSERT ON spotify.features_rejected",
    ),
}
"""What the API needs (spotify_api), and what a load needs in addition (spotify_loader)."""


def upgrade() -> None:
    if op.get_context().dialect.name != "mssql":
        return
    for role, grants in GRANTS.items():
        op.execute(f"IF DATABASE_PRINCIPAL_ID('{role}') IS NULL CREATE ROLE {role}")
        for grant in grants:
            op.execute(f"GRANT {grant} TO {role}")
    # A load that locked the whole table would make every POST wait for its end.
    op.execute("ALTER TABLE spotify.features SET (LOCK_ESCALATION = DISABLE)")
