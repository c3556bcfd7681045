"""Well-formed files that would do harm: (case, file, change, expected finding)."""

from typing import Final

from tests.checks.adf_documents import (
    CSV,
    DATABASE,
    PIPELINE,
    STORAGE,
    Change,
    activity_of,
    copy,
    settings,
    waits,
)

MISTAKES: Final[list[tuple[str, str, Change, str]]] = [
    (
        "an activity waits for nobody",
        PIPELINE,
        lambda d: activity_of(d, "Stage the file")["dependsOn"][0].update(activity="Look"),
        "there is no such activity on this level",
    ),
    (
        "a load deletes what another has staged",
        PIPELINE,
        lambda d: copy(d)["sink"].update(preCopyScript="DELETE FROM spotify.features_staging"),
        "sink.preCopyScript: must delete the rows of this run only",
    ),
    (
        "activities wait for each other",
        PIPELINE,
        lambda d: activity_of(d, "Look at the file").update(
            dependsOn=[{"activity": "Stage the file", "dependencyConditions": ["Succeeded"]}]
        ),
        "waits for itself",
    ),
    (
        "a step runs although the one before it failed",
        PIPELINE,
        lambda d: waits(d, "Load the staged records", "Completed"),
        "dependsOn[If Copy could read it]: must be Succeeded or",
    ),
    (
        "a step runs only if the one before it failed",
        PIPELINE,
        lambda d: waits(d, "Stage the file", "Failed"),
        "dependsOn[If the file has content]: must be Succeeded or",
    ),
    (
        "a condition is none",
        PIPELINE,
        lambda d: waits(d, "Stage the file", "Done"),
        "dependsOn[If the file has content]: must be Succeeded or",
    ),
    (
        "a step has no condition",
        PIPELINE,
        lambda d: waits(d, "Stage the file"),
        "dependsOn[If the file has content]: must be Succeeded or",
    ),
    (
        "the failure path forgets what was skipped",
        PIPELINE,
        lambda d: waits(d, "Remove what was staged", "Failed"),
        "must be Succeeded or, for a failure path, Failed and Skipped",
    ),
    (
        "the failure path runs after a success too",
        PIPELINE,
        lambda d: waits(d, "Remove what was staged", "Completed"),
        "must be Succeeded or, for a failure path, Failed and Skipped",
    ),
    (
        "the failure path ends where its own step fails",
        PIPELINE,
        lambda d: waits(d, "Fail the run", "Succeeded"),
        "dependsOn[Remove what was staged]: must be Completed",
    ),
    (
        "the failure path ends well",
        PIPELINE,
        lambda d: d["properties"]["activities"].pop(),
        "[Remove what was staged]: must be followed by a Fail",
    ),
    (
        "two activities have one name",
        PIPELINE,
        lambda d: activity_of(d, "Remove what was staged").update(name="Stage the file"),
        "2 activities are called 'Stage the file'",
    ),
    (
        "an activity's name is not allowed",
        PIPELINE,
        lambda d: activity_of(d, "Fail the run").update(name="Fail: now"),
        "is no valid name",
    ),
    (
        "an activity has no policy",
        PIPELINE,
        lambda d: activity_of(d, "Stage the file").pop("policy"),
        "must have a timeout and retries",
    ),
    (
        "a timeout is the default",
        PIPELINE,
        lambda d: activity_of(d, "Stage the file")["policy"].pop("timeout"),
        "must be d.hh:mm:ss",
    ),
    (
        "a timeout is seven days",
        PIPELINE,
        lambda d: activity_of(d, "Stage the file")["policy"].update(timeout="7.00:00:00"),
        "at most 1 h",
    ),
    (
        "retries are not said",
        PIPELINE,
        lambda d: activity_of(d, "Stage the file")["policy"].pop("retry"),
        "policy.retry: must be a number",
    ),
    (
        "the time between retries is not said",
        PIPELINE,
        lambda d: activity_of(d, "Stage the file")["policy"].pop("retryIntervalInSeconds"),
        "policy.retryIntervalInSeconds: must be a number",
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
        lambda d: activity_of(d, "Stage the file").pop("description"),
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
        "columns are mapped by hand",
        PIPELINE,
        lambda d: copy(d)["translator"].update(mappings=[{"source": {}, "sink": {}}]),
        "must map columns by their names",
    ),
    (
        "the rows have no run",
        PIPELINE,
        lambda d: copy(d)["source"]["additionalColumns"].clear(),
        "'run_id' stands there 0 times",
    ),
    (
        "a column is added that the table lacks",
        PIPELINE,
        lambda d: copy(d)["source"]["additionalColumns"].append({"name": "file", "value": "x"}),
        "there is no column 'file'",
    ),
    (
        "the table's column does not exist",
        "dataset/features_staging.json",
        lambda d: d["properties"]["schema"][1].update(name="number"),
        "there is no column 'number'",
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
    ("the type is another folder's", CSV, lambda d: d.update(type="x"), "not that of its folder"),
    ("the name is not the file's", CSV, lambda d: d.update(name="csv"), "must be the file's"),
    (
        "a procedure does not exist",
        PIPELINE,
        lambda d: activity_of(d, "Load the staged records")["typeProperties"].update(
            storedProcedureName="[spotify].[load]"
        ),
        "no migration creates a procedure 'spotify.load'",
    ),
    (
        "a procedure has no such parameter",
        PIPELINE,
        lambda d: activity_of(d, "Load the staged records")["typeProperties"][
            "storedProcedureParameters"
        ].update(run={"value": "x", "type": "String"}),
        "spotify.load_features has no such parameter",
    ),
    (
        "a procedure lacks its parameter",
        PIPELINE,
        lambda d: activity_of(d, "Load the staged records")["typeProperties"][
            "storedProcedureParameters"
        ].pop("run_id"),
        "run_id: spotify.load_features requires it",
    ),
]
