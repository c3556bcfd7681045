"""What each role of the database may do, on a T-SQL server, and that docs/database.md says so."""

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.errors import DatabaseUnavailable
from shared.repository.azure_sql import azure_engine
from shared.repository.bulk_load import bulk_load
from shared.repository.load_target import Target
from shared.repository.sql_database import SqlDatabase
from tests.contract.database_steps import as_staged, track
from tests.services.databases import MakeDatabase
from tests.services.tsql import VARIABLE

PAGE = (Path(__file__).parents[2] / "docs" / "database.md").read_text("utf-8")
ROLES = ("spotify_api", "spotify_loader")
USER = "roles-test"
SESSIONS = f"SELECT COUNT(*) FROM sys.dm_exec_sessions WHERE login_name = '{USER}'"  # noqa: S608 - ours

type SignIn = Callable[..., sa.Engine]


def needed_by(program: str) -> set[str]:
    """The roles that a program needs according to the page."""
    section = PAGE.partition("## Roles")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(spotify_\w+)` \|.*\| ([^|]*) \|$", section, re.MULTILINE)
    assert {role for role, _ in rows} == set(ROLES)
    return {role for role, programs in rows if program in programs}


@pytest.fixture
def sign_in(tsql_engine: sa.Engine) -> Iterator[SignIn]:
    """`sign_in("spotify_api")`: an engine of a user who has these roles and no other."""
    password = secrets.token_urlsafe() + "Aa1!"
    with tsql_engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE LOGIN [{USER}] WITH PASSWORD = '{password}'")
        connection.exec_driver_sql(f"CREATE USER [{USER}] FOR LOGIN [{USER}]")
    own = re.sub(r"(?i)(uid|pwd)=[^;]*;", "", os.environ[VARIABLE])
    with ExitStack() as engines:

        def engine_with(*roles: str) -> sa.Engine:
            with tsql_engine.begin() as connection:
                for role in roles:
                    connection.exec_driver_sql(f"ALTER ROLE {role} ADD MEMBER [{USER}]")
            engine = azure_engine(f"Uid={USER};Pwd={password};{own}", 2)
            engines.callback(engine.dispose)
            return engine

        yield engine_with
    with tsql_engine.begin() as connection:
        while connection.exec_driver_sql(SESSIONS).scalar():
            """A login that is signed in cannot be dropped, and sessions end a little later."""
        connection.exec_driver_sql(f"DROP USER IF EXISTS [{USER}]")
        connection.exec_driver_sql(f"DROP LOGIN [{USER}]")


@pytest.fixture
def ownership_chains(tsql_engine: sa.Engine) -> None:
    """Skip on Babelfish for PostgreSQL, where a procedure may do no more than its caller."""
    with tsql_engine.connect() as connection:
        if "Babelfish for PostgreSQL" in str(
            connection.exec_driver_sql("SELECT @@VERSION").scalar()
        ):
            pytest.skip("Babelfish for PostgreSQL has no ownership chains")


@pytest.mark.tsql
@pytest.mark.usefixtures("ownership_chains")
def test_a_load_needs_the_roles_that_the_page_names(
    tsql_engine: sa.Engine, sign_in: SignIn
) -> None:
    assert needed_by("`load`") == set(ROLES)
    engine = sign_in(*needed_by("`load`"))
    target = bulk_load(engine, 100, "cli-roles")
    target.stage(as_staged((2, track(1))))
    assert target.merge().inserted == 1
    with tsql_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM spotify.features").scalar() == 1


@pytest.mark.tsql
@pytest.mark.usefixtures("ownership_chains")
@pytest.mark.parametrize("role", ROLES)
def test_with_one_of_them_a_load_says_that_a_role_is_missing(sign_in: SignIn, role: str) -> None:
    target = bulk_load(sign_in(role), 100, "cli-roles")
    with pytest.raises(DatabaseUnavailable, match="lacks a role"):
        _stage_and_merge(target)


def _stage_and_merge(target: Target) -> None:
    target.stage(as_staged((2, track(1))))
    target.merge()


@pytest.mark.tsql
async def test_the_api_needs_the_role_that_the_page_names(
    sign_in: SignIn, database_on: MakeDatabase
) -> None:
    assert needed_by("the API") == {"spotify_api"}
    database: SqlDatabase = database_on(sign_in("spotify_api"), features_limit=1)
    for number in range(3):  # one of them is counted, and the count is stored
        await database.insert(track(number))
    assert "Dance" in (await database.versions()).numbers


def test_the_other_pages_say_which_roles_a_load_needs() -> None:
    for name in ("deploy.md", "operations.md"):
        page = (Path(__file__).parents[2] / "docs" / name).read_text("utf-8")
        assert re.search(r"`load`[^|]*(needs both|both roles)|both roles: `load`", page), name
