"""Each setting's values: wrong ones are refused without a piece of a secret, right ones are used.

In a wrong value `§` stands for the secret, which may be a piece of what a person mistyped.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from shared.errors import SettingsError
from shared.settings import Settings
from tests.services.service_account import KEY_FRAME, service_account
from tests.unit.settings.test_redis_url import UNENCODED, pieces
from tests.unit.settings.test_redis_url import WRONG as WRONG_REDIS_URLS

SECRET = "Kq8wZr4tYp"
UUID = "01234567-89ab-cdef-0123-456789abcdef"
DRIVER = "Driver={ODBC Driver 18 for SQL Server}"
ODBC = f"{DRIVER};Server=tcp:x,1433;Database=y"
KEY = "Q" * 86 + "=="
ACCOUNT = f"AccountName=a;AccountKey={KEY}"

NOT_NUMBERS = ["plenty", "1_000", "0x10", "1,5", "1 0", "--1", "٣", "§", "1§", "true", "."]
WRONG: dict[str, list[str]] = {
    "REDIS_URL": [text for text in WRONG_REDIS_URLS + UNENCODED if text],
    "CACHE_MODE": ["SQL", "redis", "§", "auto,sql"],
    "CACHE_TTL_SECONDS": [*NOT_NUMBERS, "nan", "inf", "-inf", "1e999", "0", "-1", "86401"],
    "CACHE_FRESHNESS_SECONDS": [*NOT_NUMBERS, "nan", "infinity", "0", "0.04", "61"],
    "CACHE_STALE_IF_ERROR_SECONDS": [*NOT_NUMBERS, "nan", "Infinity", "1e999", "-1", "9" * 30],
    "CACHE_STRICT_ACK": ["maybe", "2", "§", "true false", "-1"],
    "CACHE_REBUILD_AFTER_WRITE": ["ja", "10", "§"],
    "CACHE_MEMORY_MB": [*NOT_NUMBERS, "1.5", "1e3", "-1", "65537", "9" * 40],
    "FEATURES_LIMIT": [*NOT_NUMBERS, "0", "10000001", "100000.0"],
    "SQL_CONNECTION_STRING": [
        "§",
        "postgresql://user:§@host/db",
        "mssql+pyodbc://user:§@host/db?driver=x",
        "Server=tcp:x;User ID=sa;Password=§",
        "Data Source=x;Initial Catalog=y;User ID=sa;Password=§",
        DRIVER + ";UID=sa;PWD=§",
        "Server=tcp:x;UID=sa;PWD=§",
        "Driver={};Server=x",
        "Driver=;Server=x;PWD=§",
        DRIVER + ";Server=;PWD=§",
        "Driver={ODBC Driver 18;Server=x;PWD=§",
        ODBC + ";PWD=§;§",
        ODBC + ";PWD={§",
        ODBC + ";PWD={§}x",
        ODBC + ";PWD=§;pwd=§",
        ODBC + ";Server=other;PWD=§",
        ODBC + ";=;PWD=§",
        ODBC + ";Пароль=§",
        ODBC + ";ApplicationIntent=ReadOnly;PWD=§",
        ODBC + "; applicationintent = {readonly} ;PWD=§",
        "DSN=mine;APPLICATIONINTENT=READONLY;PWD=§",
    ],
    "SQLITE_PATH": [
        *(":memory:", "/", ".", "/dev", "/dev/null", "/etc/passwd/data.sqlite", "new/folder/.."),
        *("x" * 300, "x" * 300 + "/data.sqlite", "folder/" * 1000 + "data.sqlite"),
    ],
    "FIREBASE_PROJECT_ID": ["My Project", "§ §", "https://x", "-a", "a-", "é", "a/b", "1"],
    "FIREBASE_API_KEY": ["§ §", "§\n§", "é§", "§=", '"§"', "key=§", "\u200b§"],
    "FIREBASE_CREDENTIALS": [
        "{",
        "{}",
        '{"type": "service_account", "private_key": "§"',
        '{"type": "service_account", "private_key": "§"}',
        '{"type": "authorized_user", "refresh_token": "§"}',
        '["§"]',
        '"§"',
        "§",
        "/nowhere/§.json",
        "/",
        "/dev/null",
        "/etc/passwd",
        "{" * 10_000 + "§",
        '{"a":' * 10_000 + "§",
        "§" * 1000,
    ],
    "FIREBASE_AUTH_EMULATOR_HOST": [
        "http://127.0.0.1:9099",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:70000",
        "127.0.0.1:9099/",
        "local host:9099",
        ":9099",
        "9099",
        "user:§@host:1",
        "::1:9099",
        "host..example:9099",
        f"{'x' * 64}.example:9099",
    ],
    "STORAGE_ACCOUNT_URL": [
        "account",
        "account.blob.core.windows.net",
        "http://account.blob.core.windows.net",
        "https://",
        "https:///raw",
        "https://account.blob.core.windows.net?sv=2024&sig=§",
        "https://account.blob.core.windows.net/?sig=§",
        "https://account.blob.core.windows.net/raw",
        "https://account.blob.core.windows.net#§",
        "https://user:§@account.blob.core.windows.net",
        "https://account.blob.core.windows.net:0",
        "https://account.blob.core.windows.net:§",
        "https://a b",
        ACCOUNT,
        "wasbs://raw@account.blob.core.windows.net",
    ],
    "STORAGE_CONNECTION_STRING": [
        "§",
        "AccountKey=§",
        "AccountName=a",
        "AccountName=a;AccountKey=§!",
        "AccountName=a;AccountKey=",
        "AccountName=;AccountKey=" + KEY,
        "AccountName=a;§;AccountKey=" + KEY,
        ACCOUNT + ";AccountKey=§",
        ACCOUNT + ";BlobEndpoint=§",
        ACCOUNT + ";BlobEndpoint=https://x?sig=§",
        ACCOUNT + ";DefaultEndpointsProtocol=ftp",
        ACCOUNT + ";EndpointSuffix=",
        ACCOUNT + ";EndpointSuffix=core windows.net",
        "AccountName=a b;AccountKey=" + KEY,
        "AccountName=a/§;AccountKey=" + KEY,
        "BlobEndpoint=https://a.example;AccountKey=" + KEY,
        "SharedAccessSignature=§",
        "UseDevelopmentStorage=false",
        "UseDevelopmentStorage=True",
        "https://account.blob.core.windows.net?sig=§",
    ],
    "APPLICATIONINSIGHTS_CONNECTION_STRING": [
        UUID,
        "§",
        "InstrumentationKey=",
        "InstrumentationKey=§",
        f"InstrumentationKey={{{UUID}}}",
        f"InstrumentationKey={UUID.upper()}",
        f"InstrumentationKey={UUID.replace('-', '')}",
        "IngestionEndpoint=https://x.example/",
        f"InstrumentationKey={UUID};§",
        f"InstrumentationKey={UUID};IngestionEndpoint=x.example",
        f"InstrumentationKey={UUID};IngestionEndpoint=https://user:§@x.example",
        f"InstrumentationKey={UUID};LiveEndpoint=ftp://x.example",
        f"InstrumentationKey={UUID};InstrumentationKey={UUID}",
    ],
    "COMMIT": ["a b", "a\nb", "é", "x" * 101],
    "RUN_FILE": ["/", ".", ".."],
}


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*Settings.model_fields, "google_application_credentials"):
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("RUN_FILE", str(tmp_path / "run.json"))


def refused() -> str:
    """The message with which the settings of the environment are refused."""
    with pytest.raises(SettingsError) as caught:
        Settings.load()
    assert caught.value.__cause__ is caught.value.__context__ is None
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG.items() for value in values]
)
def test_a_wrong_value_is_refused_at_start_without_a_piece_of_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value.replace("§", SECRET))
    message = refused()
    assert f"- {name}: " in message
    assert message.count("\n") == 1
    assert not [piece for piece in pieces(SECRET) if piece in message]


def test_every_setting_has_wrong_values_here() -> None:
    accepts_anything = {"WEBSITE_INSTANCE_ID"}
    assert WRONG.keys() | accepts_anything >= {name.upper() for name in Settings.model_fields}


def test_the_faults_of_all_settings_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, values in WRONG.items():
        monkeypatch.setenv(name, values[0].replace("§", SECRET))
    message = refused()
    assert [name for name in WRONG if f"- {name}: " not in message] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"type": None},
        {"type": "external_account"},
        {"client_email": None},
        {"client_email": 1},
        {"token_uri": ""},
        {"private_key": SECRET},
        {"private_key": KEY_FRAME.format(f"{SECRET}!")},
        {"private_key": KEY_FRAME.format(SECRET).replace("\n", "\\n")},
        {"private_key": KEY_FRAME.format("Q").replace("PRIVATE KEY", "CERTIFICATE")},
    ],
)
def test_json_of_another_kind_is_no_service_account(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / f"{SECRET}.json"
    file.write_text(json.dumps(json.loads(service_account()) | changes))
    for value in (str(file), file.read_text()):
        monkeypatch.setenv("FIREBASE_CREDENTIALS", value)
        message = refused()
        assert "- FIREBASE_CREDENTIALS: " in message
        assert not [piece for piece in pieces(SECRET) if piece in message]


RIGHT: list[tuple[str, str, Any]] = [
    ("REDIS_URL", " redis://localhost\n", "redis://localhost"),
    ("REDIS_URL", "REDISS+CLUSTER://:a%2Fb@x:1", "REDISS+CLUSTER://:a%2Fb@x:1"),
    ("CACHE_MODE", " sql\n", "sql"),
    ("CACHE_TTL_SECONDS", "60", 60),
    ("CACHE_TTL_SECONDS", " 0.5\n", 0.5),
    ("CACHE_TTL_SECONDS", "1e3", 1000),
    ("CACHE_FRESHNESS_SECONDS", ".5", 0.5),
    ("CACHE_STRICT_ACK", "True\n", True),
    ("CACHE_STRICT_ACK", "1", True),
    ("CACHE_STRICT_ACK", "off", False),
    ("CACHE_MEMORY_MB", " 0 ", 0),
    ("CACHE_MEMORY_MB", "", 192),
    ("CACHE_MEMORY_MB", " \n", 192),
    ("FEATURES_LIMIT", "+10", 10),
    ("SQL_CONNECTION_STRING", f"{ODBC};PWD=a=b;\n", f"{ODBC};PWD=a=b;"),
    ("SQL_CONNECTION_STRING", f"{ODBC};PWD={{a;}}}}b}}", None),
    ("SQL_CONNECTION_STRING", "DSN=mine", "DSN=mine"),
    ("SQL_CONNECTION_STRING", "driver=/lib/x.so;ADDR=y;applicationintent=readwrite", None),
    ("SQLITE_PATH", "new/folder/data.sqlite ", Path("new/folder/data.sqlite")),
    ("FIREBASE_PROJECT_ID", "demo-1\n", "demo-1"),
    ("FIREBASE_PROJECT_ID", "example.com:legacy", "example.com:legacy"),
    ("FIREBASE_API_KEY", "\nAIza-_09\r\n", "AIza-_09"),
    ("FIREBASE_CREDENTIALS", f"\n{service_account()}\n", service_account()),
    ("FIREBASE_AUTH_EMULATOR_HOST", "firebase:9099 ", "firebase:9099"),
    ("FIREBASE_AUTH_EMULATOR_HOST", "[::1]:9099", "[::1]:9099"),
    ("STORAGE_ACCOUNT_URL", "https://a.blob.core.windows.net", None),
    (
        "STORAGE_ACCOUNT_URL",
        "https://a.blob.core.windows.net/\n",
        "https://a.blob.core.windows.net/",
    ),
    ("STORAGE_ACCOUNT_URL", "https://127.0.0.1:10000/devstoreaccount1", None),
    ("STORAGE_CONNECTION_STRING", f"{ACCOUNT};EndpointSuffix=core.windows.net;", None),
    ("STORAGE_CONNECTION_STRING", "UseDevelopmentStorage=true", None),
    (
        "STORAGE_CONNECTION_STRING",
        "BlobEndpoint=https://a.example/;SharedAccessSignature=sv=1",
        None,
    ),
    ("APPLICATIONINSIGHTS_CONNECTION_STRING", f"InstrumentationKey={UUID}", None),
    (
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        f"InstrumentationKey={UUID};IngestionEndpoint=https://x.example/;ApplicationId={UUID}",
        None,
    ),
    ("COMMIT", "0123abc\n", "0123abc"),
]


@pytest.mark.parametrize(("name", "value", "used"), RIGHT)
def test_a_right_value_is_used_without_the_blanks_around_it(
    name: str, value: str, used: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    setting = getattr(Settings.load(), name.lower())
    shown = setting.get_secret_value() if isinstance(setting, SecretStr) else setting
    assert shown == (value if used is None else used)


def test_the_case_of_a_variable_s_name_opens_no_way_around_a_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Variables are found in any case, so the rules for Azure hold for any case."""
    monkeypatch.setenv("website_instance_id", "instance")
    monkeypatch.setenv("firebase_auth_emulator_host", "127.0.0.1:9099")
    monkeypatch.setenv("Storage_Connection_String", "usedevelopmentstorage=true")
    message = refused()
    for part in ("FIREBASE_AUTH_EMULATOR_HOST is refused", "names the storage emulator"):
        assert part in message


@pytest.mark.parametrize("content", [None, "", "{", '{"a": 1}', "[]", SECRET])
def test_google_s_own_credential_is_checked_where_it_is_used(
    content: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / f"{SECRET}.json"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    Settings.load()
    monkeypatch.setenv("FIREBASE_PROJECT_ID", "production")
    message = refused()
    assert "- GOOGLE_APPLICATION_CREDENTIALS: " in message
    assert not [piece for piece in pieces(SECRET) if piece in message]
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:9099")
    Settings.load()


def _a_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [Path.mkdir, _a_pipe])
def test_what_is_no_file_is_no_database(
    make: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    make(tmp_path / "data.sqlite")
    monkeypatch.setenv("SQLITE_PATH", str(tmp_path / "data.sqlite"))
    assert "- SQLITE_PATH: " in refused()
