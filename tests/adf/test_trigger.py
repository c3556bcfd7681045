"""The event that starts the pipeline gives it the file's container, folder and name."""

import pytest

from checks.adf.resources import Factory
from shared.ingest.blob_upload import WATCHED_SUFFIX
from tests.adf.conftest import PIPELINE
from tests.adf.rehearsal.expressions import resolved


@pytest.mark.parametrize(
    ("folder_path", "container", "folder"),
    [("raw", "raw", ""), ("raw/2026", "raw", "2026"), ("raw/2026/11", "raw", "2026/11")],
)
def test_the_path_of_the_blob_is_split_for_the_pipeline(
    factory: Factory, folder_path: str, container: str, folder: str
) -> None:
    (started,) = factory.of("trigger")["new_csv"].properties["pipelines"]
    body = {"folderPath": folder_path, "fileName": "SpotifyFeatures.csv"}
    assert started["pipelineReference"]["referenceName"] == PIPELINE
    assert resolved(started["parameters"], {"triggerBody": lambda: body}) == {
        "container": container,
        "folder": folder,
        "file": "SpotifyFeatures.csv",
    }


def test_the_trigger_watches_the_names_that_upload_allows(factory: Factory) -> None:
    watched = factory.of("trigger")["new_csv"].properties["typeProperties"]
    assert watched["blobPathEndsWith"] == WATCHED_SUFFIX
    assert watched["blobPathBeginsWith"] == "/raw/blobs/"
    assert watched["ignoreEmptyBlobs"]
