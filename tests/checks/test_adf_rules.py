"""Each mistake in the files of Data Factory is found, with its place."""

import json
import shutil
from pathlib import Path

import pytest

from checks.adf.rules import findings
from tests.checks import adf_harmful, adf_malformed
from tests.checks.adf_documents import CSV, Change

MISTAKES = [*adf_malformed.MISTAKES, *adf_harmful.MISTAKES]
ADF = Path(__file__).parents[2] / "adf"


def test_the_files_as_they_are_have_no_faults() -> None:
    assert findings(ADF) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ADF, tmp_path / "adf"))


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [pytest.param(*mistake[1:], id=mistake[0]) for mistake in MISTAKES],
)
def test_a_mistake_is_found_where(folder: Path, file: str, change: Change, message: str) -> None:
    path = folder / file
    document = json.loads(path.read_text("utf-8"))
    change(document)
    path.write_text(json.dumps(document), "utf-8")
    found = [str(finding) for finding in findings(folder)]
    assert any(line.startswith(file) and message in line for line in found), found


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("pipeline/broken.json", "{", "is no JSON"),
        ("pipeline/twice.json", '{"name": "twice", "name": "twice"}', "a key stands twice"),
        ("pipeline/list.json", "[]", "must hold an object"),
        ("pipelines/load.json", '{"name": "load"}', "is in no folder that Data Factory reads"),
        ("dataset/unused.json", None, "nothing refers to it"),
    ],
)
def test_a_file_that_does_not_belong_there_is_found(
    folder: Path, file: str, text: str | None, message: str
) -> None:
    path = folder / file
    path.parent.mkdir(exist_ok=True)
    copied = (folder / CSV).read_text("utf-8").replace('"spotify_csv"', '"unused"')
    path.write_text(text if text is not None else copied, "utf-8")
    found = [str(finding) for finding in findings(folder)]
    assert any(line.startswith(file) and message in line for line in found), found


def test_a_value_of_the_wrong_type_is_said_with_the_command_that_finds_it(folder: Path) -> None:
    path = folder / CSV
    document = json.loads(path.read_text("utf-8"))
    document["properties"]["schema"] = ["genre"]
    path.write_text(json.dumps(document), "utf-8")
    assert "checks.adf.staging stopped at a value of the wrong type" in str(findings(folder))


def test_an_empty_folder_is_no_factory(tmp_path: Path) -> None:
    assert "holds no factory" in str(findings(tmp_path)[0])
