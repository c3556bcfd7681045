"""The sample data set, and a database with it, each created once."""

import shutil
from pathlib import Path

import pytest

from shared.ingest.csv_reader import read
from shared.ingest.loading import load
from shared.repository.bulk_load import bulk_load
from shared.repository.sqlite import sqlite_engine
from tests.api.sample_records import write_sample


@pytest.fixture(scope="session")
def sample_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample") / "sample.csv")


@pytest.fixture(scope="session")
def loaded_file(migrated_file: Path, sample_file: Path) -> Path:
    """A database with the sample, to copy."""
    path = Path(shutil.copy(migrated_file, sample_file.with_name("loaded.sqlite")))
    load_into(path, sample_file)
    return path


def load_into(database: Path, file: Path) -> None:
    """Load a CSV into a migrated database."""
    engine = sqlite_engine(database, 1)
    with file.open("rb") as stream:
        load(read(stream), bulk_load(engine, 100_000, "sample"))
    engine.dispose()
