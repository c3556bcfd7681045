"""Where the settings come from: the environment, and the file of a running `make run`."""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path

from pydantic_settings import EnvSettingsSource

_log = logging.getLogger(__name__)


class Environment(EnvSettingsSource):
    """The environment's variables, trimmed."""

    def _load_env_vars(self) -> dict[str, str | None]:
        return _trimmed(super()._load_env_vars())


class RunFile(EnvSettingsSource):
    """Defaults from the file that a running `make run` writes; never used in Azure."""

    def _load_env_vars(self) -> dict[str, str | None]:
        environment = _trimmed(super()._load_env_vars())
        if environment.get("website_instance_id") or not _is_running():
            return {}
        return _trimmed({name.lower(): value for name, value in _run_file_values().items()})


def _trimmed(environment: Mapping[str, str | None]) -> dict[str, str | None]:
    """Without values of blanks alone: another source may have the setting."""
    texts = {name: (value or "").strip() for name, value in environment.items()}
    return {name: text for name, text in texts.items() if text}


def run_file() -> Path:
    """Return the path where `make run` writes the settings of the services that it started."""
    return Path(os.environ.get("RUN_FILE", "").strip() or ".local/run.json")


def _is_running() -> bool:
    """Whether `make run`, or a process that it started, still holds the lock next to the file."""
    try:
        import fcntl

        with run_file().with_name("run.lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (ImportError, OSError, ValueError):  # ValueError: a path without a name
        return False
    return False


def _run_file_values() -> Mapping[str, str]:
    try:
        values = json.loads(run_file().read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        values = None
    if isinstance(values, dict) and all(isinstance(value, str) for value in values.values()):
        return values
    _log.warning("%s cannot be read: its settings are not used", run_file())
    return {}
