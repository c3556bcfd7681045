"""`upload`, and `load` from what was uploaded: through a real storage emulator."""

import json
from contextlib import suppress
from pathlib import Path

from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient

from tests.cli.conftest import Cli
from tests.unit.ingest.data_set import csv_file, line


def test_an_uploaded_file_can_be_loaded_from_its_container(
    cli: Cli, tmp_path: Path, azurite: str
) -> None:
    with (
        BlobServiceClient.from_connection_string(azurite) as service,
        suppress(ResourceExistsError),  # the rehearsal's tests share this storage
    ):
        service.create_container("raw")
    file = tmp_path / "tracks.csv"
    file.write_bytes(csv_file(*[line(number) for number in range(1, 40)]))
    ended = cli("upload", str(file), STORAGE_CONNECTION_STRING=azurite)
    assert ended.stdout == f"raw/tracks.csv: {file.stat().st_size:,} bytes\n"
    ended = cli("load", "raw/tracks.csv", "--json", STORAGE_CONNECTION_STRING=azurite)
    assert json.loads(ended.stdout)["inserted"] == 39


def test_an_upload_without_a_storage_account_says_which_setting_is_missing(
    cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "tracks.csv"
    file.write_bytes(csv_file(line(1)))
    ended = cli("upload", str(file))
    assert ended.returncode == 1
    assert "STORAGE_ACCOUNT_URL" in ended.stderr


def test_a_malformed_connection_string_is_a_clear_error_without_it(
    cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "tracks.csv"
    file.write_bytes(csv_file(line(1)))
    ended = cli("upload", str(file), STORAGE_CONNECTION_STRING="AccountKey=secret")
    assert ended.returncode == 2
    assert "STORAGE_CONNECTION_STRING: " in ended.stderr
    assert "secret" not in ended.stderr
