"""Opens what a load reads: a local file or a blob."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path

from shared.ingest.lines import Readable
from shared.ingest.load_errors import FileError
from shared.ingest.storage_names import without_secrets
from shared.settings import Settings


@dataclass(frozen=True, slots=True)
class Source:
    """An open file or blob; `size` is in bytes, None where it is not known before the end."""

    name: str
    size: int | None
    stream: Readable


class Watched:
    """A stream that calls `progress` with the number of bytes read so far."""

    def __init__(self, stream: Readable, progress: Callable[[int], object]) -> None:
        self._stream = stream
        self._progress = progress
        self._done = 0

    def read(self, size: int, /) -> bytes:
        chunk = self._stream.read(size)
        self._done += len(chunk)
        self._progress(self._done)
        return chunk


@contextmanager
def open_source(name: str, settings: Settings) -> Iterator[Source]:
    """Open a path, a blob's https:// URL, or `container/blob` of the settings' storage account.

    A local file is preferred to a blob of the same name. Raises FileError if neither exists.
    """
    if not name:
        raise FileError("The file's name is empty.")
    opened = _open_blob(name, settings) if _is_blob(name, settings) else _open_file(Path(name))
    with opened as source:
        yield source


def _is_blob(name: str, settings: Settings) -> bool:
    if name.lower().startswith(("https://", "http://")):
        return True
    if "://" in name and not Path(name).exists():
        raise FileError(f"{without_secrets(name)} is no file and no https:// URL of a blob.")
    account = settings.storage_account_url or settings.storage_connection_string.get_secret_value()
    container, _, blob = name.partition("/")
    return bool(account and container.strip(".") and blob) and not Path(name).exists()


@contextmanager
def _open_blob(name: str, settings: Settings) -> Iterator[Source]:
    from shared.ingest.blob import BlobStream
    from shared.ingest.storage import blob_of

    with blob_of(name, settings) as blob:
        stream = BlobStream(blob)
        yield Source(f"{blob.container_name}/{blob.blob_name}", stream.size, stream)


@contextmanager
def _open_file(path: Path) -> Iterator[Source]:
    with translate_os_errors(path):
        # Unbuffered: a buffered read of a pipe waits for all bytes and ignores Ctrl-C meanwhile.
        file = path.open("rb", buffering=0)
    with file:
        status = os.fstat(file.fileno())
        size = status.st_size if stat.S_ISREG(status.st_mode) else None
        yield Source(str(path), size, _LocalFile(path, file))


class _LocalFile:
    """An open file. At its end, `read` raises FileError if the file was changed meanwhile."""

    def __init__(self, path: Path, file: RawIOBase) -> None:
        self._path = path
        self._file = file
        self._state = self._present_state()

    def read(self, size: int, /) -> bytes:
        with translate_os_errors(self._path):
            chunk = self._file.read(size) or b""
        if not chunk and self._present_state() != self._state:
            raise FileError(f"{self._path} was changed while it was read; load it again.")
        return chunk

    def _present_state(self) -> tuple[int, int] | None:
        """Size and time of the last change; None for a pipe, which has neither."""
        status = os.fstat(self._file.fileno())
        return (status.st_size, status.st_mtime_ns) if stat.S_ISREG(status.st_mode) else None


@contextmanager
def translate_os_errors(path: Path) -> Iterator[None]:
    """Raise FileError, with a message for the operator, in place of a local file's errors."""
    name = without_secrets(str(path))
    try:
        yield
    except FileNotFoundError:
        raise FileError(f"There is no file {name}.") from None
    except IsADirectoryError:
        raise FileError(f"{name} is a directory; name the CSV file in it.") from None
    except OSError as error:
        raise FileError(f"{name} cannot be read: {error.strerror}.") from error
