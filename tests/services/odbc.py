"""`pyodbc`: the driver's module, which loads only where unixODBC is installed."""

import importlib
from types import ModuleType

import pytest

from local.programs import UNIX_ODBC
from tests.services.required_service import required_service


@pytest.fixture(scope="session")
def pyodbc() -> ModuleType:
    with required_service():
        UNIX_ODBC.path()
    return importlib.import_module("pyodbc")
