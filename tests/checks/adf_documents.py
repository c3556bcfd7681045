"""The files of `adf/` for tests, and access to the parts of their documents."""

from collections.abc import Callable
from typing import Any

PIPELINE = "pipeline/load_spotify_features.json"
CSV = "dataset/spotify_csv.json"
DATABASE = "linkedService/database.json"
STORAGE = "linkedService/storage.json"
TRIGGER = "trigger/new_csv.json"

type Change = Callable[[dict[str, Any]], object]


def activity_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    activities: list[dict[str, Any]] = document["properties"]["activities"]
    return next(activity for activity in activities if activity["name"] == name)


def waits(document: dict[str, Any], name: str, *conditions: str) -> None:
    """Let an activity run after these outcomes of the one before it."""
    activity_of(document, name)["dependsOn"][0]["dependencyConditions"] = list(conditions)


def settings(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["properties"]["typeProperties"]
    return found


def copy(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = activity_of(document, "Stage the file")["typeProperties"]
    return found
