"""Hypothesis without a limit of time: it would give an example 200 ms, which a busy machine takes.

Import `given` from here: what it is to allow is fixed when it decorates a test.
"""

from hypothesis import HealthCheck, given, settings  # noqa: TID251 -- the one place

settings.register_profile(
    "unhurried", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")

__all__ = ["HealthCheck", "given", "settings"]
