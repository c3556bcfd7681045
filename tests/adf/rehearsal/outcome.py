"""The outcomes of activities and of runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    SKIPPED = "Skipped"


class ActivityFailed(Exception):
    """An activity failed; Data Factory reports this as its `error`."""

    def __init__(self, message: str, code: str = "UserError") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


@dataclass(frozen=True, slots=True)
class Outcome:
    status: Status
    output: Mapping[str, Any] = field(default_factory=dict)
    error: ActivityFailed | None = None
    attempts: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the value of `activity('name')` in an expression."""
        found: dict[str, Any] = {"status": str(self.status)}
        if self.status is not Status.SKIPPED:
            found["output"] = self.output
        if self.error:
            found["error"] = {"message": self.error.message, "errorCode": self.error.code}
        return found


@dataclass(frozen=True, slots=True)
class PipelineRun:
    """`outcomes` by the names of activities; an activity that was not reached has none."""

    run_id: str
    status: Status
    outcomes: Mapping[str, Outcome]

    @property
    def message(self) -> str:
        """The message of the activity that failed last."""
        errors = [outcome.error for outcome in self.outcomes.values() if outcome.error]
        return errors[-1].message if errors else ""
