"""Connections to Azure SQL sign in with a token, unless their string says how."""

import os
import re
import struct
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.identity import CredentialUnavailableError

from shared.errors import DatabaseUnavailable
from shared.repository.azure_sql import azure_engine
from shared.repository.sql_sign_in import signs_in_itself
from tests.contract.database_steps import connections_in_use
from tests.services.databases import MakeDatabase
from tests.services.tsql import VARIABLE

pytestmark = pytest.mark.usefixtures("pyodbc")

PLAIN = "Driver={ODBC Driver 18 for SQL Server};Server=tcp:127.0.0.1,1;Database=x;Encrypt=yes"
ACCESS_TOKEN = 1256
REFUSED = (
    "[28000] [Microsoft][ODBC Driver 18 for SQL Server][SQL Server]Login failed for user "
    "'<token-identified principal>'. (18456) (SQLDriverConnect)"
)


class Tokens:
    """A credential that issues a new token each time, or raises `fault`."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.scopes: list[str] = []

    def get_token(self, scope: str, /) -> SimpleNamespace:
        self.scopes.append(scope)
        if self.fault:
            raise self.fault
        return SimpleNamespace(token=f"ey.tökn-{len(self.scopes)}")


class Driver:
    """Replaces the driver's connect: records the options that it gets, and fails."""

    def __init__(self, engine: sa.Engine) -> None:
        self.options: list[dict[str, Any]] = []
        self.pyodbc: Any = engine.dialect.dbapi
        sa.event.listen(engine, "do_connect", self)

    def __call__(self, *arguments: Any) -> None:
        self.options.append(dict(arguments[-1]))
        raise self.pyodbc.InterfaceError("28000", REFUSED)


def read_token(attribute: bytes) -> str:
    """The token in a driver's attribute: its length in bytes, then UTF-16."""
    (length,) = struct.unpack_from("<I", attribute)
    assert len(attribute) == 4 + length
    return attribute[4:].decode("utf-16-le")


async def test_each_connection_carries_a_token_of_its_own(database_on: MakeDatabase) -> None:
    """A token expires after an hour; an open connection does not need it any longer."""
    tokens = Tokens()
    engine = azure_engine(PLAIN, 1, tokens)
    driver = Driver(engine)
    database = database_on(engine)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable):
            await database.versions()
    given = [read_token(options["attrs_before"][ACCESS_TOKEN]) for options in driver.options]
    assert given == ["ey.tökn-1", "ey.tökn-2"]
    assert set(tokens.scopes) == {"https://database.windows.net/.default"}


async def test_with_a_refused_token_the_database_is_unavailable(database_on: MakeDatabase) -> None:
    engine = azure_engine(PLAIN, 1, Tokens())
    Driver(engine)
    with pytest.raises(DatabaseUnavailable) as caught:
        await database_on(engine).versions()
    assert caught.value.status == 503
    assert caught.value.headers["Retry-After"]
    assert "token" not in str(caught.value.detail)
    assert connections_in_use(engine) == 0


@pytest.mark.parametrize(
    "fault",
    [
        CredentialUnavailableError("no identity here"),
        ClientAuthenticationError("not this one"),
        ServiceRequestError("no route to 169.254.169.254"),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_without_a_token_the_database_is_unavailable(
    database_on: MakeDatabase, fault: Exception
) -> None:
    engine = azure_engine(PLAIN, 1, Tokens(fault))
    driver = Driver(engine)
    with pytest.raises(DatabaseUnavailable):
        await database_on(engine).versions()
    assert not driver.options
    assert connections_in_use(engine) == 0


@pytest.mark.parametrize(
    "words",
    [
        "UID=u;PWD={p;w}",
        "uid = u ; pwd=p",
        "Authentication=ActiveDirectoryMsi",
        "Authentication=ActiveDirectoryMsi;UID=9a1b",
        "Trusted_Connection=yes",
    ],
)
async def test_a_string_that_says_how_to_sign_in_is_left_alone(
    database_on: MakeDatabase, words: str
) -> None:
    """The driver refuses a token together with UID, PWD or Authentication (error FA005)."""
    tokens = Tokens()
    engine = azure_engine(f"{PLAIN};{words}", 1, tokens)
    driver = Driver(engine)
    with pytest.raises(DatabaseUnavailable):
        await database_on(engine).versions()
    assert [options for options in driver.options if "attrs_before" in options] == []
    assert not tokens.scopes


@pytest.mark.parametrize(
    "words", ["", "WSID=uid.database.windows.net", "APP=my authentication", "APP={a;uid=b}"]
)
def test_other_words_do_not_say_how_to_sign_in(words: str) -> None:
    assert not signs_in_itself(f"{PLAIN};{words}")


@pytest.mark.tsql
async def test_the_driver_sends_the_token_and_the_server_refuses_it(
    database_on: MakeDatabase,
) -> None:
    odbc = re.sub(r"(?i)(uid|pwd)=[^;]*;?", "", os.environ[VARIABLE])
    tokens = Tokens()
    with pytest.raises(DatabaseUnavailable):
        await database_on(azure_engine(odbc, 1, tokens)).versions()
    assert tokens.scopes
