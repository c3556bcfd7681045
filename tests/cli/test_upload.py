"""`upload`, and `load` from what was uploaded: through a real storage emulator."""

import json
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import (
    BlobClient,
    BlobSasPermissions,
    BlobServiceClient,
    generate_blob_sas,
)

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


def test_a_load_of_a_signed_url_shows_no_signature(cli: Cli, azurite: str) -> None:
    with BlobServiceClient.from_connection_string(azurite) as service:
        container = service.create_container(f"signed-{uuid4().hex}")
        blob = container.upload_blob("tracks.csv", csv_file(line(1)))
        url = f"{blob.url}?{_signature(blob)}"
    shown = cli("load", url).stdout
    assert shown.startswith(f"{blob.url}\n")
    assert json.loads(cli("load", url, "--json").stdout)["file"] == blob.url
    signature = parse_qs(urlsplit(url).query)["sig"][0]
    for wrong in (url.replace("tracks.csv", "none.csv"), url.replace("sr=b", "sr=x")):
        ended = cli("load", wrong)
        assert ended.returncode == 1
        assert "sig=" not in ended.stderr
        assert signature not in ended.stderr
    assert "sig=" not in shown


def _signature(blob: BlobClient) -> str:
    assert blob.account_name
    assert blob.container_name
    return generate_blob_sas(
        blob.account_name,
        blob.container_name,
        blob.blob_name,
        account_key=blob.credential.account_key,
        permission=BlobSasPermissions(read=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )


@pytest.mark.parametrize("command", ["load", "upload"])
def test_without_an_identity_the_error_is_one_line_that_says_how_to_sign_in(
    cli: Cli, tmp_path: Path, command: str
) -> None:
    """Without AZURE_CLIENT_ID and so on, azure-identity finds none in the environment."""
    (tmp_path / "tracks.csv").write_bytes(csv_file(line(1)))
    name = {"load": "raw/tracks.csv", "upload": "tracks.csv"}[command]
    settings = {
        "STORAGE_ACCOUNT_URL": "https://account.blob.core.windows.net",
        "AZURE_TOKEN_CREDENTIALS": "EnvironmentCredential",
    }
    ended = cli(command, name, **settings)
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        "There is no identity to sign in to the storage account account with: "
    )
    assert ended.stderr.count("\n") == 1


def test_what_is_no_file_is_not_uploaded(cli: Cli, tmp_path: Path, azurite: str) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    url = "https://account.blob.core.windows.net/raw/x.csv?sig=secret"
    for name in ("/dev/full", "folder.csv", "none.csv", url):
        ended = cli("upload", name, "--name", "x.csv", STORAGE_CONNECTION_STRING=azurite)
        assert ended.returncode == 1
        assert ended.stderr.count("\n") == 1
        assert "secret" not in ended.stderr


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
