"""The settings: names, defaults, descriptions, and what is refused.

They are read once and never change. A value is trimmed; one of blanks alone counts as unset. All
faults are reported together.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from shared.errors import SettingsError
from shared.settings import values as rules
from shared.settings.redis_url import parse_redis_url
from shared.settings.sources import Environment, RunFile, run_file

UNRESOLVED: Final = "@Microsoft.KeyVault("
"""Begins a Key Vault reference. Azure passes the reference itself if it cannot resolve it."""


def _validator(check: Callable[[str], object]) -> Callable[[Any], Any]:
    def validate(value: Any) -> Any:
        if text := _text(value):
            check(text)
        return value

    return validate


def _checked(check: Callable[[str], object]) -> AfterValidator:
    """Accept a value, as it is, if `check` accepts its text."""
    return AfterValidator(_validator(check))


type _Number = Annotated[float, BeforeValidator(_validator(rules.check_number))]
type _WholeNumber = Annotated[int, BeforeValidator(_validator(rules.check_whole_number))]


class Settings(BaseSettings):
    """The product's settings, from environment variables of the same names in capitals."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_ignore_empty=True, allow_inf_nan=False
    )

    sql_connection_string: Annotated[SecretStr, _checked(rules.check_odbc)] = Field(
        SecretStr(""), description="ODBC string of Azure SQL; empty means the embedded SQLite"
    )
    sqlite_path: Annotated[Path, _checked(rules.check_database_file)] = Field(
        Path(".local/smart-cache.sqlite"), description="File of the embedded database"
    )
    redis_url: Annotated[SecretStr, _checked(parse_redis_url)] = Field(
        SecretStr(""),
        description="`redis://`, `rediss://` (TLS), `redis+cluster://` or `rediss+cluster://`; "
        "`?auth=entra` signs in with the managed identity; empty: every read is validated in SQL",
    )
    cache_mode: Literal["auto", "sql"] = Field(
        "auto",
        description="`auto`: Redis when REDIS_URL is set; `sql`: without Redis, on purpose",
    )
    cache_ttl_seconds: _Number = Field(
        3600, gt=0, le=86400, description="How long a list lives after its fill"
    )
    cache_freshness_seconds: _Number = Field(
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
    cache_memory_mb: _WholeNumber = Field(
        192, ge=0, le=65536, description="Megabytes of lists kept in the process; 0 keeps none"
    )
    cache_status_public: bool = Field(
        default=False,
        description="Answer /cache/status without a sign-in, for a laptop; refused in Azure",
    )
    cache_stale_if_error_seconds: _Number = Field(
        600,
        ge=0,
        le=31_536_000,
        description="How long the last good lists are served, marked stale, "
        "while SQL is unavailable",
    )
    features_limit: _WholeNumber = Field(
        100_000, ge=1, le=10_000_000, description="Records in the list of all genres"
    )
    firebase_project_id: Annotated[str, _checked(rules.check_project)] = Field(
        "", description="The Firebase project that signs users in"
    )
    firebase_api_key: Annotated[SecretStr, _checked(rules.check_api_key)] = Field(
        SecretStr(""), description="The project's Web API key, for signup and login"
    )
    firebase_credentials: Annotated[SecretStr, _checked(rules.check_service_account)] = Field(
        SecretStr(""), description="A service account: JSON text, or the path of its file"
    )
    firebase_auth_emulator_host: Annotated[str, _checked(rules.check_emulator)] = Field(
        "", description="host:port of the Auth emulator; refused in Azure"
    )
    storage_account_url: Annotated[str, _checked(rules.check_storage_url)] = Field(
        "", description="Blob endpoint of the data's storage account, with managed identity"
    )
    storage_connection_string: Annotated[SecretStr, _checked(rules.check_storage_string)] = Field(
        SecretStr(""), description="A connection string instead of the URL (Azurite)"
    )
    applicationinsights_connection_string: Annotated[SecretStr, _checked(rules.check_telemetry)] = (
        Field(
            SecretStr(""),
            description="Application Insights; empty: no telemetry is exported or imported",
        )
    )
    commit: Annotated[str, _checked(rules.check_commit)] = Field(
        "", description="The commit the image was built from, for /api/version"
    )
    website_instance_id: str = Field("", description="Set by Azure: the app runs there")

    @property
    def uses_redis(self) -> bool:
        return self.cache_mode == "auto" and bool(self.redis_url.get_secret_value())

    @property
    def default_credentials(self) -> str:
        """The path of a Google credential in the environment, which firebase-admin will use."""
        return os.environ.get(rules.DEFAULT_CREDENTIALS, "")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        del env_settings, dotenv_settings, file_secret_settings
        return init_settings, Environment(settings_cls), RunFile(settings_cls)

    @classmethod
    def load(cls, **overrides: Any) -> "Settings":
        """Read the environment. Raises SettingsError with every fault in one message."""
        return cls(**overrides)

    @model_validator(mode="wrap")
    @classmethod
    def _check(
        cls, given: Mapping[str, Any], build: ModelWrapValidatorHandler["Settings"]
    ) -> "Settings":
        """Check all sources together, whatever the case of a variable's name."""
        texts = {name: text for name, value in given.items() if (text := _text(value))}
        unresolved = {name for name, text in texts.items() if text.startswith(UNRESOLVED)}
        faults = [
            f"{name.upper()} is a Key Vault reference that did not resolve"
            for name in sorted(unresolved)
        ]
        try:
            settings = build({name: given[name] for name in texts.keys() - unresolved})
        except ValidationError as error:
            faults += _messages(error)
        faults += [*_run_file_fault(), *_default_credentials_fault(texts), *_unsafe(texts)]
        if faults:
            raise SettingsError("The settings cannot be used:\n  - " + "\n  - ".join(faults))
        return settings


def _unsafe(given: Mapping[str, str]) -> list[str]:
    """Return the faults of settings that would do on a laptop but are refused in Azure."""
    if "website_instance_id" not in given:
        return []
    no_redis = "redis_url" not in given and given.get("cache_mode") != "sql"
    faults = {
        "FIREBASE_AUTH_EMULATOR_HOST is refused in Azure: its tokens are unsigned": (
            "firebase_auth_emulator_host" in given
        ),
        "CACHE_STATUS_PUBLIC is refused in Azure: only an admin may see the cache": (
            given.get("cache_status_public", "false").lower() != "false"
        ),
        "SQL_CONNECTION_STRING is required in Azure": "sql_connection_string" not in given,
        "REDIS_URL is required in Azure (or CACHE_MODE=sql, to run without Redis)": no_redis,
        "FIREBASE_PROJECT_ID is required in Azure": "firebase_project_id" not in given,
        "STORAGE_CONNECTION_STRING names the storage emulator, refused in Azure": (
            "usedevelopmentstorage" in given.get("storage_connection_string", "").lower()
        ),
    }
    return [fault for fault, present in faults.items() if present]


def _default_credentials_fault(given: Mapping[str, str]) -> list[str]:
    """What is wrong with Google's own variable, where firebase-admin will use it."""
    path = os.environ.get(rules.DEFAULT_CREDENTIALS)
    others = {"firebase_credentials", "firebase_auth_emulator_host"}
    if not path or "firebase_project_id" not in given or others & given.keys():
        return []
    return _fault(rules.DEFAULT_CREDENTIALS, rules.check_credential_file, path)


def _run_file_fault() -> list[str]:
    return _fault("RUN_FILE", rules.check_file_name, str(run_file()))


def _fault(name: str, check: Callable[[str], object], text: str) -> list[str]:
    try:
        check(text)
    except ValueError as error:
        return [f"{name}: {error}"]
    return []


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _messages(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(str(part) for part in fault['loc'][:1]).upper()}: "
        f"{fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
