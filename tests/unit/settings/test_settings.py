"""Settings: their defaults, and all that is refused."""

import fcntl
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from shared.errors import SettingsError
from shared.settings import Settings

AZURE = {
    "WEBSITE_INSTANCE_ID": "instance",
    "SQL_CONNECTION_STRING": "Driver={ODBC Driver 18 for SQL Server};Server=tcp:x",
    "REDIS_URL": "rediss://cache.example:10000",
    "FIREBASE_PROJECT_ID": "production",
}

SECRETS = [
    name.upper()
    for name, field in Settings.model_fields.items()
    if isinstance(field.default, SecretStr)
]


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("RUN_FILE", str(tmp_path / "run.json"))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[None]:
    """A running `make run`, which holds its lock."""
    with (tmp_path / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_run_file(directory: Path, **parts: str) -> None:
    parts |= {"REDIS_URL": "redis://127.0.0.1:1"}
    (directory / "run.json").write_text(json.dumps(parts))


def in_azure(monkeypatch: pytest.MonkeyPatch, **changes: str) -> str:
    """Return the message with which these settings are refused."""
    for name, value in {**AZURE, **changes}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        Settings.load()
    return str(refused.value)


def test_an_empty_run_file_variable_counts_as_unset(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("RUN_FILE", "")
    monkeypatch.chdir(tmp_path)
    assert not Settings.load().uses_redis


def test_a_laptop_needs_no_setting_at_all() -> None:
    settings = Settings.load()
    assert not settings.uses_redis
    assert settings.features_limit == 100_000


def test_complete_settings_are_accepted_in_azure(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AZURE.items():
        monkeypatch.setenv(name, value)
    assert Settings.load().uses_redis


def test_all_faults_are_reported_together(monkeypatch: pytest.MonkeyPatch) -> None:
    message = in_azure(
        monkeypatch,
        CACHE_MEMORY_MB="plenty",
        CACHE_TTL_SECONDS="-1",
        SQL_CONNECTION_STRING="",
        FIREBASE_AUTH_EMULATOR_HOST="127.0.0.1:9099",
    )
    for name in (
        "CACHE_MEMORY_MB",
        "CACHE_TTL_SECONDS",
        "SQL_CONNECTION_STRING",
        "FIREBASE_AUTH_EMULATOR_HOST",
    ):
        assert name in message


def test_redis_may_be_missing_in_azure_only_on_purpose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "REDIS_URL is required" in in_azure(monkeypatch, REDIS_URL="")
    monkeypatch.setenv("CACHE_MODE", "sql")
    assert not Settings.load().uses_redis


@pytest.mark.parametrize("name", SECRETS)
def test_a_key_vault_reference_that_did_not_resolve_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    reference = "@Microsoft.KeyVault(SecretUri=https://vault.example/secrets/s/)"
    message = in_azure(monkeypatch, **{name: reference})
    assert f"{name} is a Key Vault reference that did not resolve" in message
    assert "vault.example" not in message


@pytest.mark.parametrize("name", ["UseDevelopmentStorage", "USEDEVELOPMENTSTORAGE"])
def test_the_storage_emulator_is_refused_in_azure(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    emulator = f"{name}=true"
    assert "refused in Azure" in in_azure(monkeypatch, STORAGE_CONNECTION_STRING=emulator)


@pytest.mark.parametrize(
    "named",
    [
        {"firebase_auth_emulator_host": "127.0.0.1:9099"},
        {"Firebase_Auth_Emulator_Host": "127.0.0.1:9099"},
        {"FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9099", "firebase_auth_emulator_host": ""},
    ],
)
def test_the_auth_emulator_is_refused_in_azure_however_its_variable_is_spelled(
    monkeypatch: pytest.MonkeyPatch, named: dict[str, str]
) -> None:
    assert "FIREBASE_AUTH_EMULATOR_HOST is refused" in in_azure(monkeypatch, **named)


@pytest.mark.parametrize("value", ["true", "True", "1", "yes", "on"])
def test_a_public_status_is_refused_in_azure(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "CACHE_STATUS_PUBLIC is refused" in in_azure(monkeypatch, CACHE_STATUS_PUBLIC=value)
    monkeypatch.setenv("WEBSITE_INSTANCE_ID", "")
    assert Settings.load().cache_status_public


@pytest.mark.parametrize("value", ["", "false", "False"])
def test_a_status_for_admins_is_accepted_in_azure(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, given in {**AZURE, "CACHE_STATUS_PUBLIC": value}.items():
        monkeypatch.setenv(name, given)
    assert not Settings.load().cache_status_public


def test_azure_is_recognised_however_its_variable_is_spelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    changes = {"WEBSITE_INSTANCE_ID": "", "website_instance_id": "instance", "REDIS_URL": ""}
    assert "REDIS_URL is required" in in_azure(monkeypatch, **changes)


def test_a_key_vault_reference_is_refused_however_its_variable_is_spelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = in_azure(monkeypatch, firebase_api_key="@Microsoft.KeyVault(SecretUri=https://v/)")
    assert "FIREBASE_API_KEY is a Key Vault reference that did not resolve" in message


def test_a_secret_is_not_shown_by_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://:hunter2@127.0.0.1:6379")
    assert "hunter2" not in repr(Settings.load())


@pytest.mark.usefixtures("running")
def test_the_parts_of_make_run_are_found_and_variables_win(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_run_file(tmp_path, FIREBASE_PROJECT_ID="demo")
    monkeypatch.setenv("FIREBASE_PROJECT_ID", "mine")
    settings = Settings.load()
    assert settings.redis_url.get_secret_value() == "redis://127.0.0.1:1"
    assert settings.firebase_project_id == "mine"


@pytest.mark.usefixtures("running")
def test_the_parts_of_make_run_are_ignored_in_azure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_run_file(tmp_path)
    assert "REDIS_URL is required" in in_azure(monkeypatch, REDIS_URL="")


def test_what_a_killed_make_run_left_behind_is_ignored(tmp_path: Path) -> None:
    write_run_file(tmp_path)
    (tmp_path / "run.lock").touch()
    assert not Settings.load().uses_redis


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize(
    "content",
    [b"", b'{"REDIS_URL": "redis://127', b"[]", b'{"REDIS_URL": 1}', b"\xff\x00", b"[" * 9**6],
)
def test_a_run_file_that_cannot_be_read_is_logged_and_not_used(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "run.json").write_bytes(content)
    assert not Settings.load().uses_redis
    assert "run.json cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("redis://cache.example:10000?auth=entra", "needs TLS"),
        ("rediss://cache.example:10000?auth=azure", "is not `entra`"),
        ("rediss://cache.example:10000?auth=entra&auth=entra", "has the option `auth` twice"),
        ("rediss://s3cret:s3cret@cache.example:10000?auth=entra", "has a user or a password"),
        ("cache.example:10000,password=s3cret,ssl=True", "must begin with one of: redis://"),
    ],
)
def test_an_unusable_redis_url_is_refused_without_its_secrets(
    url: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = in_azure(monkeypatch, REDIS_URL=url)
    assert "REDIS_URL: " in message
    assert fault in message
    assert "s3cret" not in message


@pytest.mark.parametrize("scheme", ["rediss", "rediss+cluster"])
def test_redis_may_be_opened_with_the_apps_identity(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", f"{scheme}://cache.example:10000?auth=entra")
    assert Settings.load().uses_redis
