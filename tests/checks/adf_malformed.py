"""Wrong names, references and expressions: (case, file, change, expected finding)."""

from typing import Final

from tests.checks.adf_documents import (
    CSV,
    PIPELINE,
    TRIGGER,
    Change,
    activity_of,
    copy,
    settings,
)

MISTAKES: Final[list[tuple[str, str, Change, str]]] = [
    (
        "a property of the mapping is misspelt",
        PIPELINE,
        lambda d: copy(d)["translator"].update(mapping=[]),
        "translator.mapping: the mapping of a",
    ),
    (
        "the level of the log is misspelt",
        PIPELINE,
        lambda d: copy(d)["logSettings"]["copyActivityLogSettings"].update(logLevel="Warnin"),
        "logLevel: 'Warnin' is not one of Info, Warning",
    ),
    (
        "the trigger's event is misspelt",
        TRIGGER,
        lambda d: settings(d).update(events=["Microsoft.Storage.BlobCreate"]),
        "events: 'Microsoft.Storage.BlobCreate' is not one of",
    ),
    (
        "the trigger's path lacks what stands between a container and its files",
        TRIGGER,
        lambda d: settings(d).update(blobPathBeginsWith="/raw/"),
        "blobPathBeginsWith: must be /CONTAINER/blobs/..., not '/raw/'",
    ),
    (
        "an expression is called otherwise",
        PIPELINE,
        lambda d: copy(d)["sink"]["preCopyScript"].update(type="Expresion"),
        "preCopyScript.type: 'Expresion' is not one of Expression",
    ),
    (
        "a parameter is of no type",
        PIPELINE,
        lambda d: d["properties"]["parameters"]["file"].update(type="strng"),
        "parameters.file.type: 'strng' is not one of",
    ),
    (
        "a procedure's parameter is of no type",
        PIPELINE,
        lambda d: activity_of(d, "Load the staged records")["typeProperties"][
            "storedProcedureParameters"
        ]["run_id"].update(type="Strng"),
        "run_id.type: 'Strng' is not one of",
    ),
    (
        "a script is of no type",
        PIPELINE,
        lambda d: activity_of(d, "Remove what was staged")["typeProperties"]["scripts"][0].update(
            type="NonQuary"
        ),
        "scripts[0].type: 'NonQuary' is not one of",
    ),
    (
        "a number is a text",
        PIPELINE,
        lambda d: copy(d).update(parallelCopies="one"),
        "parallelCopies: must be a number",
    ),
    (
        "a choice is a text",
        PIPELINE,
        lambda d: copy(d).update(enableStaging="no"),
        "enableStaging: must be true or false",
    ),
    (
        "a time is in words",
        PIPELINE,
        lambda d: copy(d)["sink"].update(writeBatchTimeout="5 min"),
        "writeBatchTimeout: must be hh:mm:ss",
    ),
    (
        "the factory has no identity",
        "factory/smart-cache-factory.json",
        lambda d: d["identity"].update(type="None"),
        "identity.type: 'None' is not one of SystemAssigned",
    ),
    (
        "a dataset does not exist",
        PIPELINE,
        lambda d: activity_of(d, "Stage the file")["inputs"][0].update(referenceName="csv"),
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
        lambda d: activity_of(d, "Stage the file")["inputs"][0]["parameters"].pop("file"),
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
]
