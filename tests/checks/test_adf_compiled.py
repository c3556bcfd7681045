"""What a file of Data Factory says, and Azure's types do not know, is found with its place."""

import json
import shutil
from pathlib import Path

import pytest

from checks.adf.compiled import findings
from tests.checks.adf_documents import (
    CSV,
    DATABASE,
    PIPELINE,
    STORAGE,
    TRIGGER,
    Change,
    activity_of,
    copy,
    settings,
)

ADF = Path(__file__).parents[2] / "adf"
FACTORY = "factory/smart-cache-factory.json"
STAGE = ".properties.activities[Stage the file]"

pytestmark = pytest.mark.usefixtures("bicep")


def changed(folder: Path, file: str, change: Change) -> list[str]:
    path = Path(shutil.copytree(ADF, folder / "adf")) / file
    document = json.loads(path.read_text("utf-8"))
    change(document)
    path.write_text(json.dumps(document), "utf-8")
    return [str(finding) for finding in findings(folder / "adf")]


def test_the_files_as_they_are_fit_their_types() -> None:
    assert list(findings(ADF)) == []


@pytest.mark.parametrize(
    ("file", "change", "found"),
    [
        pytest.param(
            PIPELINE,
            lambda d: copy(d)["sink"].update(writeBatchSiz=1),
            f'{STAGE}.typeProperties.sink.writeBatchSiz: BCP037: The property "writeBatchSiz"',
            id="a key is misspelt deep down",
        ),
        pytest.param(
            PIPELINE,
            lambda d: copy(d)["logSettings"].update(loglevel=1),
            f"{STAGE}.typeProperties.logSettings.loglevel: BCP037",
            id="a setting of the log is misspelt",
        ),
        pytest.param(
            PIPELINE,
            lambda d: copy(d)["logSettings"].pop("logLocationSettings"),
            f"{STAGE}.typeProperties.logSettings: BCP035",
            id="a required property is missing",
        ),
        pytest.param(
            PIPELINE,
            lambda d: activity_of(d, "Stage the file").update(type="Kopy"),
            f"{STAGE}.type: BCP088",
            id="an activity is of no kind",
        ),
        pytest.param(
            PIPELINE,
            lambda d: copy(d)["sink"].update(type="AzureSqlSnk"),
            f"{STAGE}.typeProperties.sink.type: BCP088",
            id="a sink is of no kind",
        ),
        pytest.param(
            PIPELINE,
            lambda d: activity_of(d, "Stage the file").update(dependOn=[]),
            f"{STAGE}.dependOn: BCP037",
            id="dependsOn is misspelt",
        ),
        pytest.param(
            PIPELINE,
            lambda d: activity_of(d, "Stage the file")["policy"].update(retryIntervalInSeconds=1),
            f"{STAGE}.policy.retryIntervalInSeconds: BCP328",
            id="retries follow at once",
        ),
        pytest.param(
            CSV,
            lambda d: d["properties"].update(type="DelimitedTxt"),
            ".properties.type: BCP088",
            id="a dataset is of no kind",
        ),
        pytest.param(
            DATABASE,
            lambda d: settings(d).update(srver="x"),
            ".properties.typeProperties.srver: BCP037",
            id="a setting of a linked service is misspelt",
        ),
        pytest.param(
            STORAGE,
            lambda d: d["properties"].update(typeProperties="x"),
            ".properties.typeProperties: BCP036",
            id="a value is of the wrong type",
        ),
        pytest.param(
            TRIGGER,
            lambda d: settings(d).pop("scope"),
            ".properties.typeProperties: BCP035",
            id="a trigger lacks what it needs",
        ),
        pytest.param(
            FACTORY,
            lambda d: d["properties"].update(publicNetwork="Enabled"),
            ".properties.publicNetwork: BCP037",
            id="a setting of the factory is misspelt",
        ),
    ],
)
def test_a_mistake_is_found_where(tmp_path: Path, file: str, change: Change, found: str) -> None:
    lines = changed(tmp_path, file, change)
    assert any(line.startswith(f"{file}: {found}") for line in lines), lines


def test_text_that_bicep_would_read_as_its_own_stays_text(tmp_path: Path) -> None:
    text = "it's ${not} a \\ variable\r\n\t'''"
    assert changed(tmp_path, CSV, lambda d: d["properties"].update(description=text)) == []
