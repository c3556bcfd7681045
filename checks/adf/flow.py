"""Checks how pipelines run: names, dependencies, timeouts and retries."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from checks.adf.activities import Activity, activities
from checks.adf.resources import Factory
from checks.finding import Fault, Finding

MAX_HOURS: Final = 1
"""The longest timeout. No activity takes a minute; the default of twelve hours would hide hangs."""

_NAME: Final = re.compile(r"[A-Za-z0-9_][^<>*#.%&:\\+?/]{0,54}")
_TIMEOUT: Final = re.compile(r"(?P<days>\d+)\.(?P<hours>\d\d):(?P<minutes>\d\d):(?P<seconds>\d\d)")

_AFTER_SUCCESS: Final = {"Succeeded"}
_AFTER_FAILURE: Final = {"Failed", "Skipped"}
"""What failed earlier is Skipped here."""

_WHATEVER_HAPPENED: Final = {"Completed"}
"""On a failure path, which runs to its end."""


def check(factory: Factory) -> Iterator[Finding]:
    for pipeline in factory.of("pipeline").values():
        if pipeline.properties.get("concurrency") != 1:
            yield Finding(
                pipeline.file, ".properties.concurrency", "must be 1: loads must not overlap"
            )
        found = list(activities(pipeline.properties))
        for name, count in Counter(activity.name for activity in found).items():
            if count > 1:
                yield Finding(pipeline.file, "", f"{count} activities are called {name!r}")
        for activity in found:
            for fault in _activity(activity):
                yield fault.of(pipeline.file)
    yield from _descriptions(factory)


def _activity(activity: Activity) -> Iterator[Fault]:
    if not _NAME.fullmatch(activity.name):
        yield Fault(activity.path, "is no valid name in Data Factory")
    if not activity.document.get("description"):
        yield Fault(activity.path, "has no description")
    yield from _dependencies(activity)
    if activity.has_policy:
        yield from _policy(activity.document.get("policy"), f"{activity.path}.policy")


def _dependencies(activity: Activity) -> Iterator[Fault]:
    siblings = {str(sibling.get("name")) for sibling in activity.siblings}
    for name, conditions in activity.dependencies.items():
        path = f"{activity.path}.dependsOn[{name}]"
        if name not in siblings:
            yield Fault(path, "there is no such activity on this level")
        on_failure_path = name in activity.failure_path()
        if on_failure_path and set(conditions) != _WHATEVER_HAPPENED:
            yield Fault(path, "must be Completed: a step of the failure path may fail itself")
        elif not on_failure_path and set(conditions) not in (_AFTER_SUCCESS, _AFTER_FAILURE):
            yield Fault(path, "must be Succeeded or, for a failure path, Failed and Skipped")
    if activity.name in activity.upstream():
        yield Fault(activity.path, "waits for itself")
    elif activity.name in activity.failure_path() and activity.type != "Fail":
        following = (Activity(sibling, "", ()).dependencies for sibling in activity.siblings)
        if not any(activity.name in dependencies for dependencies in following):
            yield Fault(activity.path, "must be followed by a Fail: the run would be green")


def _policy(policy: Any, path: str) -> Iterator[Fault]:
    if not isinstance(policy, dict):
        yield Fault(path, "must have a timeout and retries")
        return
    timeout = _TIMEOUT.fullmatch(str(policy.get("timeout")))
    if timeout is None:
        yield Fault(f"{path}.timeout", "must be d.hh:mm:ss")
    elif _hours(timeout) > MAX_HOURS:
        yield Fault(f"{path}.timeout", f"must be at most {MAX_HOURS} h")
    if type(policy.get("retry")) is not int:
        yield Fault(f"{path}.retry", "must be a number, 0 too")
    if type(policy.get("retryIntervalInSeconds")) is not int:
        yield Fault(f"{path}.retryIntervalInSeconds", "must be a number")


def _hours(timeout: re.Match[str]) -> float:
    days, hours, minutes, seconds = (int(part) for part in timeout.groups())
    return days * 24 + hours + minutes / 60 + seconds / 3600


def _descriptions(factory: Factory) -> Iterator[Finding]:
    for resource in factory.resources:
        if resource.kind != "factory" and not resource.properties.get("description"):
            yield Finding(resource.file, ".properties.description", "is missing")
