"""Each setting: wrong values are refused without a piece of a secret, right ones are used."""

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
from tests.unit.settings.test_redis_url import pieces
from tests.unit.settings.wrong_values import ACCOUNT, ODBC, UUID, WRONG

SECRET = "Kq8wZr4tYp"


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
