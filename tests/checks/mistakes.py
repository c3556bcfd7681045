"""One mistake each: in which file, what is changed, and what the checks must say."""

from collections.abc import Callable
from typing import Any, Final

PIPELINE = "pipeline/load_spotify_features.json"
CSV = "dataset/spotify_csv.json"
DATABASE = "linkedService/database.json"
STORAGE = "linkedService/storage.json"
TRIGGER = "trigger/new_csv.json"

type Change = Callable[[dict[str, Any]], object]


def whole(document: dict[str, Any], name: str) -> dict[str, Any]:
    activities: list[dict[str, Any]] = document["properties"]["activities"]
    return next(activity for activity in activities if activity["name"] == name)


def settings(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["properties"]["typeProperties"]
    return found


def copy(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = whole(document, "Stage the file")["typeProperties"]
    return found


def mappings(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = copy(document)["translator"]["mappings"]
    return found


def swap(one: dict[str, Any], other: dict[str, Any]) -> None:
    one["name"], other["name"] = other["name"], one["name"]


# fmt: off (one mistake reads best on its few lines)
MISTAKES: Final[list[tuple[str, str, Change, str]]] = [
    (
        "a key is misspelt deep down",
        PIPELINE,
        lambda d: copy(d)["sink"].update(writeBatchSiz=1),
        "writeBatchSiz: AzureSqlSink has no such",
    ),
    (
        "a setting of the log is misspelt",
        PIPELINE,
        lambda d: copy(d)["logSettings"].update(loglevel=1),
        "loglevel: LogSettings has no such",
    ),
    (
        "a required property is missing",
        PIPELINE,
        lambda d: copy(d)["logSettings"].pop("logLocationSettings"),
        "LogSettings requires it",
    ),
    (
        "an activity is of no kind",
        PIPELINE,
        lambda d: whole(d, "Stage the file").update(type="Kopy"),
        "'Kopy' is no kind of Activity",
    ),
    (
        "a condition is none",
        PIPELINE,
        lambda d: whole(d, "Stage the file")["dependsOn"][0].update(dependencyConditions=["Done"]),
        "'Done' is not one of",
    ),
    (
        "a property of the mapping is misspelt",
        PIPELINE,
        lambda d: copy(d)["translator"].update(mapping=[]),
        "translator.mapping: the mapping of a",
    ),
    (
        "an end of the mapping is misspelt",
        PIPELINE,
        lambda d: mappings(d)[3]["sink"].update(typ="String"),
        "mappings[3].sink.typ",
    ),
    (
        "the identity is of no kind",
        DATABASE,
        lambda d: settings(d).update(authenticationType="Managed"),
        "'Managed' is not one of",
    ),
    (
        "a dataset does not exist",
        PIPELINE,
        lambda d: whole(d, "Stage the file")["inputs"][0].update(referenceName="csv"),
        "there is no dataset 'csv'",
    ),
    (
        "a linked service does not exist",
        CSV,
        lambda d: d["properties"]["linkedServiceName"].update(referenceName="blobs"),
        "there is no linkedService 'blobs'",
    ),
    (
        "a pipeline does not exist",
        TRIGGER,
        lambda d: d["properties"]["pipelines"][0]["pipelineReference"].update(referenceName="load"),
        "there is no pipeline 'load'",
    ),
    (
        "a dataset lacks its parameter",
        PIPELINE,
        lambda d: whole(d, "Stage the file")["inputs"][0]["parameters"].pop("file"),
        "parameters.file: 'spotify_csv' requires it",
    ),
    (
        "the trigger gives an unknown parameter",
        TRIGGER,
        lambda d: d["properties"]["pipelines"][0]["parameters"].update(path="x"),
        "parameters.path: 'load_spotify_features' has no such parameter",
    ),
    (
        "a pipeline's parameter does not exist",
        PIPELINE,
        lambda d: d["properties"]["parameters"].pop("folder"),
        "'folder' is no parameter here",
    ),
    (
        "a dataset's parameter does not exist",
        CSV,
        lambda d: settings(d)["location"].update(fileName="@dataset().blob"),
        "'blob' is no parameter of this dataset here",
    ),
    (
        "an expression names no activity",
        PIPELINE,
        lambda d: copy(d)["sink"].update(preCopyScript="@activity('Look').output.size"),
        "'Look' is no activity that is done before this one here",
    ),
    (
        "an expression names an activity that comes later",
        PIPELINE,
        lambda d: copy(d)["sink"].update(
            preCopyScript="@activity('Load the staged records').output.size"
        ),
        "'Load the staged records' is no activity that is done before this one here",
    ),
    (
        "an expression names no part of an outcome",
        PIPELINE,
        lambda d: copy(d)["sink"].update(preCopyScript="@activity('Look at the file').outptu"),
        "'outptu' is no part of an outcome here",
    ),
    (
        "an expression cannot be read",
        PIPELINE,
        lambda d: copy(d)["sink"].update(preCopyScript="@concat('a"),
        "is no expression",
    ),
    (
        "a function does not exist",
        PIPELINE,
        lambda d: copy(d)["sink"].update(preCopyScript="@conkat('a')"),
        "conkat() is no function",
    ),
    (
        "a function lacks an argument",
        PIPELINE,
        lambda d: copy(d)["sink"].update(preCopyScript="@split('a')"),
        "split() cannot take 1",
    ),
    (
        "a system variable does not exist",
        PIPELINE,
        lambda d: copy(d)["sink"].update(preCopyScript="@pipeline().RunID"),
        "'RunID' is no system",
    ),
    (
        "the trigger's event has no such property",
        TRIGGER,
        lambda d: d["properties"]["pipelines"][0]["parameters"].update(file="@triggerBody().name"),
        "'name' is no property of a blob here",
    ),
    (
        "an activity waits for nobody",
        PIPELINE,
        lambda d: whole(d, "Stage the file")["dependsOn"][0].update(activity="Look"),
        "there is no such activity beside it",
    ),
    (
        "activities wait for each other",
        PIPELINE,
        lambda d: whole(d, "Look at the file").update(
            dependsOn=[{"activity": "Stage the file", "dependencyConditions": ["Succeeded"]}]
        ),
        "waits for itself",
    ),
    (
        "Completed stands beside Failed",
        PIPELINE,
        lambda d: whole(d, "Fail the run")["dependsOn"][0].update(
            dependencyConditions=["Completed", "Failed"]
        ),
        "Completed cannot stand beside",
    ),
    (
        "two activities have one name",
        PIPELINE,
        lambda d: whole(d, "Remove what was staged").update(name="Stage the file"),
        "2 activities are called 'Stage the file'",
    ),
    (
        "an activity's name is not allowed",
        PIPELINE,
        lambda d: whole(d, "Fail the run").update(name="Fail: now"),
        "takes no such name",
    ),
    (
        "an activity has no policy",
        PIPELINE,
        lambda d: whole(d, "Stage the file").pop("policy"),
        "must say its timeout and retries",
    ),
    (
        "a timeout is the default",
        PIPELINE,
        lambda d: whole(d, "Stage the file")["policy"].pop("timeout"),
        "must be d.hh:mm:ss",
    ),
    (
        "a timeout is seven days",
        PIPELINE,
        lambda d: whole(d, "Stage the file")["policy"].update(timeout="7.00:00:00"),
        "at most 1 h",
    ),
    (
        "retries are not said",
        PIPELINE,
        lambda d: whole(d, "Stage the file")["policy"].pop("retry"),
        "policy.retry: must be a number",
    ),
    (
        "retries follow at once",
        PIPELINE,
        lambda d: whole(d, "Stage the file")["policy"].update(retryIntervalInSeconds=1),
        "30 to 86400",
    ),
    (
        "runs may overlap",
        PIPELINE,
        lambda d: d["properties"].pop("concurrency"),
        "concurrency: must be 1",
    ),
    (
        "an activity has no description",
        PIPELINE,
        lambda d: whole(d, "Stage the file").pop("description"),
        "has no description",
    ),
    (
        "a resource has no description",
        CSV,
        lambda d: d["properties"].pop("description"),
        "description: is missing",
    ),
    (
        "a connection string stands there",
        STORAGE,
        lambda d: settings(d).update(connectionString="AccountName=x"),
        "would hold a secret",
    ),
    (
        "a key stands in a harmless place",
        STORAGE,
        lambda d: d["properties"].update(annotations=["AccountKey=abc"]),
        "looks like a secret",
    ),
    (
        "a signature stands in a URL",
        STORAGE,
        lambda d: settings(d).update(serviceEndpoint="https://x/?sv=1&sig=abc"),
        "looks like a secret",
    ),
    (
        "storage is reached without TLS",
        STORAGE,
        lambda d: settings(d).update(serviceEndpoint="http://x/"),
        "must be https",
    ),
    (
        "a password would be needed",
        DATABASE,
        lambda d: settings(d).update(authenticationType="SQL"),
        "must be 'SystemAssignedManaged",
    ),
    (
        "any certificate would do",
        DATABASE,
        lambda d: settings(d).update(trustServerCertificate=True),
        "must be False",
    ),
    (
        "the escape character is the default",
        CSV,
        lambda d: settings(d).pop("escapeChar"),
        "escapeChar: must be '\"'",
    ),
    (
        "an empty field would be null",
        CSV,
        lambda d: settings(d).pop("nullValue"),
        "nullValue: must be",
    ),
    (
        "a column is not mapped",
        PIPELINE,
        lambda d: mappings(d).pop(5),
        "'popularity' stands there 0 times",
    ),
    (
        "a column is mapped twice",
        PIPELINE,
        lambda d: mappings(d).append(mappings(d)[4]),
        "stands there 2 times",
    ),
    (
        "a column goes to another",
        PIPELINE,
        lambda d: swap(mappings(d)[4]["sink"], mappings(d)[5]["sink"]),
        "goes to",
    ),
    (
        "a column does not exist",
        PIPELINE,
        lambda d: mappings(d)[4]["sink"].update(name="popular"),
        "there is no column 'popular'",
    ),
    (
        "a column would be converted",
        PIPELINE,
        lambda d: mappings(d)[5]["sink"].update(type="Int32"),
        "must stay text",
    ),
    (
        "a dataset's column does not exist",
        CSV,
        lambda d: d["properties"]["schema"][0].update(name="gendre"),
        "there is no column 'gendre'",
    ),
    (
        "the table is another",
        "dataset/features_staging.json",
        lambda d: settings(d).update(table="features"),
        "must name spotify.features_staging",
    ),
    ("the name is not the file's", CSV, lambda d: d.update(name="csv"), "must be the file's"),
]
# fmt: on
