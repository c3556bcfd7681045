"""Every alert looks at all the time, tells the operators, and runs the query of its name."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from checks.finding import Finding
from checks.infra.facts import Fact, broken
from checks.infra.snapshots import Resource, Snapshot

_RULES: Final = "Microsoft.Insights/scheduledQueryRules"
_METRICS: Final = "Microsoft.Insights/metricAlerts"
_BELOW: Final = ("few-hits", "unhealthy")
"""They measure what is good; every other alert measures what is bad."""
_MINUTES: Final = {"PT1M": 1, "PT5M": 5, "PT15M": 15, "PT1H": 60, "P1D": 1440}


def check(snapshot: Snapshot, infra: Path) -> Iterator[Finding]:
    """Yield a finding for each alert that would miss something."""
    for rule in (*snapshot.of_type(_RULES), *snapshot.of_type(_METRICS)):
        yield from broken(snapshot.file, _rule(snapshot, rule))
    for rule in snapshot.of_type(_RULES):
        yield from broken(snapshot.file, _query(rule, infra))


def _rule(snapshot: Snapshot, rule: Resource) -> Iterator[Fact]:
    given = rule.properties
    yield Fact(f"{rule.name}.enabled", given["enabled"], True, "it would never fire")
    for criterion in given["criteria"].get("allOf", ()):
        operator = "LessThan" if rule.name.endswith(_BELOW) else "GreaterThan"
        because = "this is where it becomes bad"
        yield Fact(f"{rule.name}.operator", criterion["operator"], operator, because)
    window, frequency = given["windowSize"], given["evaluationFrequency"]
    because = f"it looks at {window} every {frequency}, and would not see the time between"
    covered = _MINUTES[frequency] <= _MINUTES[window]
    yield Fact(f"{rule.name}: all time is looked at", covered, True, because)
    actions = given["actions"]
    told = (
        [one["actionGroupId"] for one in actions]
        if rule.type == _METRICS
        else actions["actionGroups"]
    )
    wanted = [snapshot.the("Microsoft.Insights/actionGroups").id]
    yield Fact(f"{rule.name}.actions", told, wanted, "the operators are told")


def _query(rule: Resource, infra: Path) -> Iterator[Fact]:
    """A query that is no file's is that of a file which changed after the snapshots."""
    files = {path.read_text("utf-8"): path.stem for path in infra.glob("monitoring/alerts/*.kql")}
    (criterion,) = rule.properties["criteria"]["allOf"]
    named = rule.properties["description"].partition(".kql")[0].rpartition("/")[2]
    found = files.get(criterion["query"], named)
    yield Fact(f"{rule.name}.query", found, named, "its description names this file")
