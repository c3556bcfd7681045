"""`infra/users.sql` on a T-SQL server, with SQL logins in place of Entra's identities."""

import re
import secrets
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from local.hosted import REPOSITORY

pytestmark = pytest.mark.tsql

USERS = {"API": "users-test-app", "FACTORY": "users-test-factory", "DEPLOY": "users-test-deploy"}
ROLES = {"API": "spotify_api", "FACTORY": "spotify_loader", "DEPLOY": "db_owner"}
MEMBERS = """
SELECT member.name, role.name FROM sys.database_role_members AS pair
JOIN sys.database_principals AS role ON role.principal_id = pair.role_principal_id
JOIN sys.database_principals AS member ON member.principal_id = pair.member_principal_id
WHERE member.name LIKE 'users-test-%'
"""
IS_BABELFISH = "SELECT CASE WHEN @@VERSION LIKE 'Babelfish%' THEN 1 ELSE 0 END"
WITHOUT_OWNERS = {"db_owner"}
"""Babelfish for PostgreSQL cannot add members to these roles."""


@pytest.fixture
def database(tsql_engine: sa.Engine) -> Iterator[sa.Engine]:
    """With a login for each identity; logins and users are dropped afterwards."""
    with tsql_engine.begin() as connection:
        for name in USERS.values():
            password = secrets.token_urlsafe() + "Aa1!"
            connection.exec_driver_sql(f"CREATE LOGIN [{name}] WITH PASSWORD = '{password}'")
    yield tsql_engine
    with tsql_engine.begin() as connection:
        for name in USERS.values():
            connection.exec_driver_sql(f"DROP USER IF EXISTS [{name}]")
            connection.exec_driver_sql(f"DROP LOGIN [{name}]")


def statements() -> list[str]:
    """Return the statements that sqlcmd would send."""
    text = (REPOSITORY / "infra" / "users.sql").read_text("utf-8")
    text = re.sub(r"--.*|^GO$", "", text, flags=re.MULTILINE)
    for name, user in USERS.items():
        outside = f"[$({name})] FROM EXTERNAL PROVIDER WITH OBJECT_ID = '$({name}_ID)'"
        assert outside in text
        text = text.replace(outside, f"[{user}] FOR LOGIN [{user}]")
        text = text.replace(f"$({name})", user)
    assert "$(" not in text
    return [statement for statement in text.split(";\n") if statement.strip()]


def test_each_identity_gets_one_role_and_the_script_may_run_again(database: sa.Engine) -> None:
    with database.begin() as connection:
        babelfish = connection.exec_driver_sql(IS_BABELFISH).scalar()
        left_out = WITHOUT_OWNERS if babelfish else set()
        for statement in statements() * 2:
            if not any(f"ROLE {role}" in statement for role in left_out):
                connection.exec_driver_sql(statement)
        members = {tuple(row) for row in connection.exec_driver_sql(MEMBERS)}
    given = {(user, ROLES[name]) for name, user in USERS.items()}
    assert members == {pair for pair in given if pair[1] not in left_out}
