"""Checks calls of stored procedures against the procedures that the migrations create."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from checks.adf.activities import Activity, activities
from checks.adf.resources import Factory
from checks.finding import Fault, Finding

MIGRATIONS: Final = Path(__file__).parents[2] / "shared" / "repository" / "migrations" / "versions"

_CREATED: Final = re.compile(r"^CREATE PROCEDURE (\S+)\s(.*?)^AS$", re.MULTILINE | re.DOTALL)
_PARAMETER: Final = re.compile(r"^\s*@(\w+) [^,]*?(=)?[^,=]*,?$", re.MULTILINE)


def created() -> Mapping[str, Mapping[str, bool]]:
    """Return each procedure's parameters, True if required, from its newest definition."""
    return {
        name: {parameter: not default for parameter, default in _PARAMETER.findall(parameters)}
        for file in sorted(MIGRATIONS.glob("*.sql"))
        for name, parameters in _CREATED.findall(file.read_text("utf-8"))
    }


def check(factory: Factory) -> Iterator[Finding]:
    known = created()
    for pipeline in factory.of("pipeline").values():
        for activity in activities(pipeline.properties):
            if activity.type == "SqlServerStoredProcedure":
                for fault in _call(activity, known):
                    yield fault.of(pipeline.file)


def _call(activity: Activity, known: Mapping[str, Mapping[str, bool]]) -> Iterator[Fault]:
    name = str(activity.properties.get("storedProcedureName")).replace("[", "").replace("]", "")
    if name not in known:
        yield Fault(activity.path, f"no migration creates a procedure {name!r}")
        return
    given = activity.properties.get("storedProcedureParameters", {})
    path = f"{activity.path}.storedProcedureParameters"
    for parameter in given:
        if parameter not in known[name]:
            yield Fault(f"{path}.{parameter}", f"{name} has no such parameter")
    for parameter, required in known[name].items():
        if required and parameter not in given:
            yield Fault(f"{path}.{parameter}", f"{name} requires it")
