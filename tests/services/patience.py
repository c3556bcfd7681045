"""The product's own bounds on waiting, made long where a test is not about them.

A machine that others use may keep a process waiting for longer than a caller would.
"""

import importlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from local.hosted import REPOSITORY

PATIENT: Final = 60.0
"""Seconds for an answer where it is not time that is asked about."""

_BOUNDS: Final = (
    "shared.cache.lease.POLL_TIMEOUT",
    "shared.handlers.system.HEALTH_SECONDS",
    "shared.auth.firebase.CALL_SECONDS",
    "shared.auth.firebase.HTTP_SECONDS",
    "shared.auth.identity_toolkit.CONNECT_SECONDS",
    "shared.auth.identity_toolkit.TOTAL_SECONDS",
)

_BOUNDS_ON_REDIS: Final = (
    "shared.cache.redis.redis_store.BODY_SECONDS",
    "shared.auth.rate_counters.SOCKET_SECONDS",
)

_APP: Final = """
import runpy
from tests.services.patience import be_patient
be_patient(setattr, redis={redis})
app = runpy.run_path({path!r})["app"]
"""


def be_patient(change: Callable[[Any, str, Any], object], *, redis: bool = True) -> None:
    """Make bounds PATIENT seconds long by `change(owner, name, value)`; on `redis` if wanted."""
    from shared.auth.rate_limits import RateLimits
    from shared.repository.timeouts import Timeouts
    from shared.services import Services

    for bound in _BOUNDS + _BOUNDS_ON_REDIS * redis:
        module, _, name = bound.rpartition(".")
        change(importlib.import_module(module), name, PATIENT)
    # Defaults of parameters are read when the function is made.
    if redis:
        change(Services, "redis_seconds", PATIENT)
        change(RateLimits.__init__, "__kwdefaults__", _patient(RateLimits.__init__.__kwdefaults__))
    change(Timeouts.__init__, "__defaults__", (PATIENT,) * 4)


def _patient(defaults: Any) -> dict[str, Any]:
    return {**defaults, "timeout": PATIENT}


def patient_app(folder: Path, *, redis: bool = True) -> Path:
    """A Function App in a new folder of `folder`: the product, patient."""
    app = folder / "patient"
    app.mkdir()
    shutil.copy(REPOSITORY / "host.json", app)
    code = _APP.format(redis=redis, path=str(REPOSITORY / "function_app.py"))
    (app / "function_app.py").write_text(code, "utf-8")
    return app
