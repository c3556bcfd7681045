"""The settings: names, defaults, descriptions, and what is refused.

They are read once and never change. All faults are reported together.
"""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from shared.errors import SettingsError
from shared.redis_url import split_sign_in

UNRESOLVED: Final = "@Microsoft.KeyVault("
"""Begins a Key Vault reference. Azure passes the reference itself if it cannot resolve it."""


logger = logging.getLogger(__name__)


class Settings(BaseSettings):
    """The product's settings, from environment variables of the same names in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    sql_connection_string: SecretStr = Field(
        SecretStr(""), description="ODBC string of Azure SQL; empty means the embedded SQLite"
    )
    sqlite_path: Path = Field(
        Path(".local/smart-cache.sqlite"), description="File of the embedded database"
    )
    redis_url: SecretStr = Field(
        SecretStr(""),
        description="`redis://`, `rediss://` (TLS), `redis+cluster://` or `rediss+cluster://`; "
        "`?auth=entra` signs in with the managed identity; empty: every read is validated in SQL",
    )
    cache_mode: Literal["auto", "sql"] = Field(
        "auto",
        description="`auto`: Redis when REDIS_URL is set; `sql`: without Redis, on purpose",
    )
    cache_ttl_seconds: float = Field(
        3600, gt=0, le=86400, description="How long a list lives after its fill"
    )
    cache_freshness_seconds: float = Field(
        2,
        ge=0.05,
        le=60,
        description="The lease: how long an instance trusts the versions that it read in SQL",
    )
    cache_strict_ack: bool = Field(
        default=False,
        description="Acknowledge a write only when every lease has ended: "
        "exact even if Redis loses state",
    )
    cache_rebuild_after_write: bool = Field(
        default=False, description="Rebuild a genre's list in the background after a write"
    )
    cache_memory_mb: int = Field(
        192, ge=0, le=65536, description="Megabytes of lists kept in the process; 0 keeps none"
    )
    cache_stale_if_error_seconds: float = Field(
        600,
        ge=0,
        description="How long the last good lists are served, marked stale, "
        "while SQL is unavailable",
    )
    features_limit: int = Field(
        100_000, ge=1, le=10_000_000, description="Records in the list of all genres"
    )
    firebase_project_id: str = Field("", description="The Firebase project that signs users in")
    firebase_api_key: SecretStr = Field(
        SecretStr(""), description="The project's Web API key, for signup and login"
    )
    firebase_credentials: SecretStr = Field(
        SecretStr(""), description="A service account: JSON text, or the path of its file"
    )
    firebase_auth_emulator_host: str = Field(
        "", description="host:port of the Auth emulator; refused in Azure"
    )
    storage_account_url: str = Field(
        "", description="Blob endpoint of the data's storage account, with managed identity"
    )
    storage_connection_string: SecretStr = Field(
        SecretStr(""), description="A connection string instead of the URL (Azurite)"
    )
    applicationinsights_connection_string: SecretStr = Field(
        SecretStr(""),
        description="Application Insights; empty: no telemetry is exported or imported",
    )
    commit: str = Field("", description="The commit the image was built from, for /api/version")
    website_instance_id: str = Field("", description="Set by Azure: the app runs there")

    @field_validator("redis_url")
    @classmethod
    def _check_redis_url(cls, url: SecretStr) -> SecretStr:
        text = url.get_secret_value()
        if text and not text.startswith(UNRESOLVED):
            split_sign_in(text)
        return url

    @property
    def uses_redis(self) -> bool:
        return self.cache_mode == "auto" and bool(self.redis_url.get_secret_value())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _RunFile(settings_cls)

    @classmethod
    def load(cls, **overrides: Any) -> "Settings":
        """Read the environment. Raises SettingsError with every fault in one message."""
        faults: list[str] = []
        try:
            settings = cls(**overrides)
        except ValidationError as error:
            faults += _messages(error)
        # As pydantic-settings reads it: names in any case, and empty values count as unset.
        environment = {name.lower(): value for name, value in os.environ.items() if value}
        given = {
            name: _text(overrides.get(name, environment.get(name, ""))) for name in cls.model_fields
        }
        faults += [*_unresolved(given), *_unsafe(given)]
        if faults:
            raise SettingsError("The settings cannot be used:\n  - " + "\n  - ".join(faults))
        return settings


def _unresolved(given: Mapping[str, str]) -> list[str]:
    return [
        f"{name.upper()} is a Key Vault reference that did not resolve"
        for name, value in given.items()
        if value.startswith(UNRESOLVED)
    ]


def _unsafe(given: Mapping[str, str]) -> list[str]:
    """Return the faults of settings that would do on a laptop but are refused in Azure."""
    if not given["website_instance_id"]:
        return []
    no_redis = not given["redis_url"] and given["cache_mode"] != "sql"
    faults = {
        "FIREBASE_AUTH_EMULATOR_HOST is refused in Azure: its tokens are unsigned": bool(
            given["firebase_auth_emulator_host"]
        ),
        "SQL_CONNECTION_STRING is required in Azure": not given["sql_connection_string"],
        "REDIS_URL is required in Azure (or CACHE_MODE=sql, to run without Redis)": no_redis,
        "FIREBASE_PROJECT_ID is required in Azure": not given["firebase_project_id"],
        "STORAGE_CONNECTION_STRING names the storage emulator, refused in Azure": (
            "usedevelopmentstorage" in given["storage_connection_string"].lower()
        ),
    }
    return [fault for fault, present in faults.items() if present]


class _RunFile(EnvSettingsSource):
    """Defaults from the file that a running `make run` writes; never used in Azure."""

    def _load_env_vars(self) -> dict[str, str | None]:
        environment = super()._load_env_vars()
        if environment.get("website_instance_id") or not _is_running():
            return {}
        return {name.lower(): value for name, value in _run_file_values().items()}


def _run_file() -> Path:
    """Return the path where `make run` writes the settings of the services that it started."""
    return Path(os.environ.get("RUN_FILE") or ".local/run.json")


def _is_running() -> bool:
    """Whether `make run`, or a process that it started, still holds the lock next to the file."""
    try:
        import fcntl

        with _run_file().with_name("run.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (ImportError, OSError):
        return False
    return False


def _run_file_values() -> Mapping[str, str]:
    try:
        values = json.loads(_run_file().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        values = None
    if isinstance(values, dict) and all(isinstance(value, str) for value in values.values()):
        return values
    logger.warning("%s cannot be read: its settings are not used", _run_file())
    return {}


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _messages(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(str(part) for part in fault['loc']).upper()}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
