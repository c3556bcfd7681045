"""Runs a pipeline, in place of Data Factory."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from azure.core.exceptions import AzureError

from checks.adf.activities import Activity
from tests.adf.rehearsal.dependencies import Graph, in_order, run_status, runs
from tests.adf.rehearsal.expressions import Scope, resolved
from tests.adf.rehearsal.other_activities import STEPS
from tests.adf.rehearsal.outcome import ActivityFailed, Outcome, PipelineRun, Status
from tests.adf.rehearsal.world import World


def rehearse(world: World, pipeline: str, **parameters: Any) -> PipelineRun:
    """Run a pipeline of the factory; missing parameters have their defaults."""
    resource = world.factory.of("pipeline")[pipeline]
    declared = {
        name: parameter["defaultValue"]
        for name, parameter in resource.parameters.items()
        if "defaultValue" in parameter
    }
    return _Run(world, declared | parameters).of(resource.properties["activities"])


class _Run:
    def __init__(self, world: World, parameters: Mapping[str, Any]) -> None:
        self._world = world
        self._pipeline = {"RunId": str(uuid.uuid4()), "parameters": parameters}
        self._outcomes: dict[str, Outcome] = {}

    def of(self, activities: Sequence[Mapping[str, Any]]) -> PipelineRun:
        status = self._all(activities)
        return PipelineRun(str(self._pipeline["RunId"]), status, self._outcomes)

    def _all(self, documents: Sequence[Mapping[str, Any]]) -> Status:
        """Run the activities of the pipeline, or of one side of a condition."""
        activities = {document["name"]: Activity(document, "", documents) for document in documents}
        graph: Graph = {name: activity.dependencies for name, activity in activities.items()}
        for name in in_order(graph):
            statuses = self._statuses()
            skipped = not runs(graph[name], statuses)
            outcome = Outcome(Status.SKIPPED) if skipped else self._attempts(activities[name])
            self._outcomes[name] = outcome
        return run_status(graph, self._statuses())

    def _statuses(self) -> dict[str, Status]:
        return {name: outcome.status for name, outcome in self._outcomes.items()}

    def _attempts(self, activity: Activity) -> Outcome:
        policy = activity.document.get("policy", {"retry": 0})
        for attempt in range(1, policy["retry"] + 2):
            outcome = self._once(activity, attempt)
            if outcome.status is Status.SUCCEEDED:
                break
            if attempt <= policy["retry"]:
                self._world.wait(policy["retryIntervalInSeconds"])
        return outcome

    def _once(self, activity: Activity, attempt: int) -> Outcome:
        try:
            return Outcome(Status.SUCCEEDED, self._carry_out(activity), attempts=attempt)
        except ActivityFailed as failed:
            return Outcome(Status.FAILED, error=failed, attempts=attempt)
        except AzureError as error:
            refused = ActivityFailed(str(error), "StorageError")
            return Outcome(Status.FAILED, error=refused, attempts=attempt)

    def _carry_out(self, activity: Activity) -> Mapping[str, Any]:
        if activity.type == "IfCondition":
            return self._condition(activity.properties)
        step = STEPS.get(activity.type)
        if step is None:
            raise ActivityFailed(f"{activity.type} is not rehearsed here")
        return step(resolved(dict(activity.document), self._scope()), self._world)

    def _condition(self, properties: Mapping[str, Any]) -> Mapping[str, Any]:
        answer = resolved(properties["expression"], self._scope())
        if not isinstance(answer, bool):
            raise ActivityFailed(f"the condition is {answer!r}", "InvalidTemplate")
        inner = properties.get("ifTrueActivities" if answer else "ifFalseActivities", [])
        if self._all(inner) is Status.FAILED:
            errors = [self._outcomes[document["name"]].error for document in inner]
            messages = "; ".join(error.message for error in errors if error)
            raise ActivityFailed(f"Activity failed because an inner activity failed: {messages}")
        return {}

    def _scope(self) -> Scope:
        return {"pipeline": lambda: self._pipeline, "activity": self._activity}

    def _activity(self, name: str) -> Mapping[str, Any]:
        if name not in self._outcomes:
            raise ActivityFailed(f"{name!r} has not run", "InvalidTemplate")
        return self._outcomes[name].as_json()
