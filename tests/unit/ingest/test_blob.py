"""Reading and uploading blobs, against a real storage emulator."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from azure.storage.blob import BlobClient, BlobServiceClient, ContainerClient

from local.services import AZURITE_ACCOUNT
from shared.ingest.blob import BlobStream
from shared.ingest.blob_upload import upload
from shared.ingest.load_errors import FileError, NothingToLoad
from shared.ingest.source import open_source
from shared.ingest.storage import blob_of
from shared.settings import Settings
from tests.services.http_server import Answer, Asked, serving
from tests.unit.ingest.cutting_proxy import CuttingProxy
from tests.unit.ingest.data_set import HEADER, csv_file, line

CONTENT = os.urandom(9_000_000)
"""More than two ranges."""


@pytest.fixture
def container(azurite: str) -> Iterator[ContainerClient]:
    with BlobServiceClient.from_connection_string(azurite) as service:
        yield service.create_container(f"raw-{uuid4().hex}")


@pytest.fixture
def settings(azurite: str) -> Settings:
    return Settings.load(storage_connection_string=azurite)


def whole(stream: BlobStream, size: int = 100_000) -> bytes:
    return b"".join(iter(lambda: stream.read(size), b""))


def through(proxy: CuttingProxy, azurite: str) -> Settings:
    """The same account, reached through the proxy."""
    endpoint = azurite.partition("BlobEndpoint=")[2].rstrip(";")
    port = urlsplit(endpoint).port
    return Settings.load(storage_connection_string=azurite.replace(f":{port}/", f":{proxy.port}/"))


def port_of(azurite: str) -> int:
    port = urlsplit(azurite.partition("BlobEndpoint=")[2].rstrip(";")).port
    assert port is not None
    return port


@pytest.mark.parametrize("size", [0, 1, 4 * 2**20, 4 * 2**20 + 1, 9_000_000])
def test_a_blob_is_read_whole(container: ContainerClient, settings: Settings, size: int) -> None:
    container.upload_blob("x.csv", CONTENT[:size])
    with open_source(f"{container.container_name}/x.csv", settings) as source:
        assert source.size == size
        assert b"".join(iter(lambda: source.stream.read(65_536), b"")) == CONTENT[:size]


def test_a_blob_is_found_by_its_url(container: ContainerClient, settings: Settings) -> None:
    url = container.upload_blob("folder/x.csv", b"content").url
    with open_source(url, settings) as source:
        assert source.stream.read(100) == b"content"
        assert source.name == f"{container.container_name}/folder/x.csv"


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries do not wait."""
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.mark.usefixtures("no_pauses")
@pytest.mark.parametrize("after", [1000, 2_000_000])
def test_a_read_that_breaks_is_resumed_where_it_broke(
    container: ContainerClient, azurite: str, after: int
) -> None:
    container.upload_blob("x.csv", CONTENT)
    with CuttingProxy(port_of(azurite), after=after, cuts=4) as proxy:
        with blob_of(f"{container.container_name}/x.csv", through(proxy, azurite)) as blob:
            assert whole(BlobStream(blob)) == CONTENT
        assert proxy.cuts_left == 0


@pytest.mark.usefixtures("no_pauses")
def test_a_read_that_always_breaks_ends_with_an_error(
    container: ContainerClient, azurite: str
) -> None:
    container.upload_blob("x.csv", CONTENT)
    with (
        CuttingProxy(port_of(azurite), after=2_000_000, cuts=10**6) as proxy,
        blob_of(f"{container.container_name}/x.csv", through(proxy, azurite)) as blob,
        pytest.raises(FileError, match="breaks off"),
    ):
        whole(BlobStream(blob))


def test_a_blob_that_is_replaced_meanwhile_is_an_error(
    container: ContainerClient, settings: Settings
) -> None:
    container.upload_blob("x.csv", CONTENT)
    with blob_of(f"{container.container_name}/x.csv", settings) as blob:
        stream = BlobStream(blob)
        stream.read(10)
        container.upload_blob("x.csv", CONTENT[::-1], overwrite=True)
        with pytest.raises(FileError, match="was replaced while it was read"):
            whole(stream)


def _part(first: int, last: int, size: int, etag: str = '"1"') -> dict[str, str]:
    return {"Content-Range": f"bytes {first}-{last}/{size}", "ETag": etag}


WRONG_ANSWERS: dict[str, Answer] = {
    "nothing": (206, {"ETag": '"1"'}, b""),
    "nothing, as the range": (206, _part(0, 0, 30), b""),
    "a page of a proxy": (200, {"ETag": '"1"'}, b"<html>Sign in to the network</html>"),
    "the whole blob": (200, {"ETag": '"1"'}, b"x" * 30),
    "another range": (206, _part(10, 39, 30), b"y" * 30),
    "another size": (206, _part(0, 29, 31), b"z" * 30),
    "another version": (206, _part(0, 29, 30, '"2"'), b"z" * 30),
}


@pytest.mark.parametrize("wrong", WRONG_ANSWERS.values(), ids=WRONG_ANSWERS)
def test_an_answer_with_other_bytes_than_asked_for_is_an_error(wrong: Answer) -> None:
    def answer(asked: Asked) -> Answer:
        if "x-ms-range" in asked.headers:
            return wrong
        return 200, {"ETag": '"1"', "x-ms-blob-type": "BlockBlob"}, b"x" * 30

    with (
        serving(answer, keep_alive=True) as server,
        blob_of(f"{server}/account/raw/x.csv?sig=secret", Settings.load()) as blob,
        pytest.raises(FileError, match=r"^raw/x.csv: an answer has other bytes"),
    ):
        whole(BlobStream(blob))


def test_a_range_may_come_in_parts() -> None:
    content = b"0123456789" * 3

    def answer(asked: Asked) -> Answer:
        if not (wanted := asked.headers.get("x-ms-range")):
            return 200, {"ETag": '"1"', "x-ms-blob-type": "BlockBlob"}, content
        first = int(wanted.removeprefix("bytes=").partition("-")[0])
        part = content[first : first + 7]
        return 206, _part(first, first + len(part) - 1, len(content)), part

    with (
        serving(answer, keep_alive=True) as server,
        blob_of(f"{server}/account/raw/x.csv?sig=secret", Settings.load()) as blob,
    ):
        assert whole(BlobStream(blob)) == content


def test_a_blob_that_is_not_there_is_reported(
    container: ContainerClient, settings: Settings
) -> None:
    name = f"{container.container_name}/none.csv"
    expected = f"There is no {name} in the storage account {AZURITE_ACCOUNT}."
    with pytest.raises(FileError, match=expected), open_source(name, settings):
        pass


@pytest.mark.usefixtures("no_pauses")
def test_an_account_that_is_not_there_is_reported_without_the_signature() -> None:
    url = "http://127.0.0.1:1/account/raw/x.csv?sig=secret"
    with (
        pytest.raises(FileError, match="cannot be reached") as raised,
        open_source(url, Settings.load()),
    ):
        pass
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("host", ["account.blob.core.windows.net", "127.0.0.1:1/account"])
@pytest.mark.parametrize("user", ["ada:secret", ":secret", "secret"])
def test_a_url_with_a_user_is_refused_without_it(user: str, host: str) -> None:
    url = f"https://{user}@{host}/raw/x.csv"
    with (
        pytest.raises(FileError, match="no user or password") as raised,
        open_source(url, Settings.load()),
    ):
        pass
    assert "secret" not in str(raised.value)


def test_a_wrong_key_is_reported_without_it(container: ContainerClient, azurite: str) -> None:
    key = "AAAA" * 22
    before, _, after = azurite.partition("AccountKey=")
    wrong = Settings.load(
        storage_connection_string=f"{before}AccountKey={key};{after.partition(';')[2]}"
    )
    with (
        pytest.raises(FileError, match=r"refuses .* 403") as raised,
        open_source(f"{container.container_name}/x.csv", wrong),
    ):
        pass
    assert key not in str(raised.value)


def test_a_local_file_is_preferred_to_a_blob(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "x.csv").write_bytes(b"local")
    monkeypatch.chdir(tmp_path)
    with open_source("raw/x.csv", settings) as source:
        assert source.stream.read(100) == b"local"


def test_our_token_is_sent_to_azure_only(settings: Settings) -> None:
    with blob_of("https://elsewhere.example/raw/x.csv", settings) as blob:
        assert blob.credential is None
    with blob_of("https://account.blob.core.windows.net.example/raw/x.csv", settings) as blob:
        assert blob.credential is None
    with blob_of("https://account.blob.core.windows.net/raw/x.csv", settings) as blob:
        assert blob.credential is not None


@pytest.fixture
def upload_to(
    container: ContainerClient, settings: Settings, tmp_path: Path
) -> Callable[[bytes], BlobClient]:
    def put(content: bytes) -> BlobClient:
        path = tmp_path / "x.csv"
        path.write_bytes(content)
        upload(path, f"{container.container_name}/x.csv", settings, lambda _sent, _size: None)
        return container.get_blob_client("x.csv")

    return put


def test_an_upload_stores_the_file_as_csv_with_its_lines(
    upload_to: Callable[[bytes], BlobClient],
) -> None:
    records = [line(number) for number in range(1, 50_000)]
    blob = upload_to(csv_file(*records))
    assert blob.download_blob().readall().decode().splitlines() == [
        f"line,{HEADER}",
        *(f"{number},{record}" for number, record in enumerate(records, start=2)),
    ]
    assert blob.get_blob_properties().content_settings.content_type == "text/csv; charset=utf-8"


def test_an_upload_replaces_what_was_there(upload_to: Callable[[bytes], BlobClient]) -> None:
    upload_to(csv_file(line(1)))
    stored = upload_to(csv_file(line(2))).download_blob().readall()
    assert stored == f"line,{HEADER}\n2,{line(2)}\n".encode()


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", HEADER.encode() + b"\n", b"\x1f\x8b"])
def test_a_file_that_the_pipeline_could_not_load_is_not_uploaded(
    upload_to: Callable[[bytes], BlobClient], container: ContainerClient, content: bytes
) -> None:
    with pytest.raises((FileError, NothingToLoad)):
        upload_to(content)
    assert not container.get_blob_client("x.csv").exists()


def test_a_container_that_is_not_there_is_reported(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(csv_file(line(1)))
    with pytest.raises(FileError, match=r"There is no nowhere/x\.csv"):
        upload(path, "nowhere/x.csv", settings, lambda _sent, _size: None)


def test_a_name_that_starts_no_pipeline_is_refused(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"end with \.csv"):
        upload(tmp_path / "x.csv", "raw/x.txt", settings, lambda _sent, _size: None)


def test_without_a_storage_account_a_missing_file_is_just_that() -> None:
    with (
        pytest.raises(FileError, match=r"no file raw/x\.csv"),
        open_source("raw/x.csv", Settings.load()),
    ):
        pass


def test_an_upload_without_a_storage_account_names_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(csv_file(line(1)))
    with pytest.raises(FileError, match="STORAGE_ACCOUNT_URL"):
        upload(path, "raw/x.csv", Settings.load(), lambda _sent, _size: None)
