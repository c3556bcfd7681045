"""Makes the product's timeouts long, for tests that are not about timeouts.

On a busy machine a service may answer later than a caller of the product would wait.
"""

import importlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from local.hosted import REPOSITORY

LONG_SECONDS: Final = 60.0
"""Timeout in tests that do not measure time."""

_TIMEOUTS: Final = (
    "shared.cache.lease.POLL_TIMEOUT",
    "shared.health.TIMEOUT_SECONDS",
    "shared.auth.firebase.CALL_SECONDS",
    "shared.auth.firebase.HTTP_SECONDS",
    "shared.auth.identity_toolkit.CONNECT_SECONDS",
    "shared.auth.identity_toolkit.TOTAL_SECONDS",
)

_REDIS_TIMEOUTS: Final = (
    "shared.cache.redis.redis_store.BODY_SECONDS",
    "shared.auth.rate_counters.LENT_SECONDS",
)

_APP: Final = """
import runpy
from tests.services.long_timeouts import use_long_timeouts
use_long_timeouts(setattr, redis={redis})
app = runpy.run_path({path!r})["app"]
"""


def use_long_timeouts(change: Callable[[Any, str, Any], object], *, redis: bool = True) -> None:
    """Set timeouts to LONG_SECONDS by `change(owner, name, value)`, with `redis` Redis's too."""
    from shared.auth.rate_limits import RateLimits
    from shared.repository.timeouts import Timeouts
    from shared.services import Services

    for timeout in _TIMEOUTS + _REDIS_TIMEOUTS * redis:
        module, _, name = timeout.rpartition(".")
        change(importlib.import_module(module), name, LONG_SECONDS)
    # A default is evaluated when its function is defined, so it is replaced in the function.
    if redis:
        change(Services, "redis_seconds", LONG_SECONDS)
        change(
            RateLimits.__init__, "__kwdefaults__", _lengthened(RateLimits.__init__.__kwdefaults__)
        )
    change(Timeouts.__init__, "__defaults__", (LONG_SECONDS,) * 4)


def _lengthened(defaults: Any) -> dict[str, Any]:
    return {**defaults, "timeout": LONG_SECONDS}


def app_with_long_timeouts(folder: Path, *, redis: bool = True) -> Path:
    """Write a Function App into a new folder in `folder`: the product with long timeouts."""
    app = folder / "long-timeouts"
    app.mkdir()
    shutil.copy(REPOSITORY / "host.json", app)
    code = _APP.format(redis=redis, path=str(REPOSITORY / "function_app.py"))
    (app / "function_app.py").write_text(code, "utf-8")
    return app
