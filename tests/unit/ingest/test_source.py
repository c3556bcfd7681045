"""Local files as sources: what changes while it is read is not loaded."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.ingest.load_errors import FileError
from shared.ingest.source import open_source
from shared.settings import Settings

CONTENT = b"0123456789"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "x.csv"
    path.write_bytes(CONTENT)
    return path


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def cut(path: Path) -> None:
    os.truncate(path, 4)


def rewrite(path: Path) -> None:
    path.write_bytes(CONTENT[::-1])
    os.utime(path, ns=(0, 0))


@pytest.mark.parametrize("change", [append, cut, rewrite])
def test_a_file_that_is_changed_while_it_is_read_is_an_error(
    path: Path, change: Callable[[Path], None]
) -> None:
    with open_source(str(path), Settings.load()) as source:
        source.stream.read(2)
        change(path)
        with pytest.raises(FileError, match="was changed while it was read"):
            list(iter(lambda: source.stream.read(100), b""))


def test_a_file_that_is_replaced_or_removed_meanwhile_is_read_as_it_was(path: Path) -> None:
    with open_source(str(path), Settings.load()) as source:
        assert source.size == len(CONTENT)
        assert source.stream.read(2) == CONTENT[:2]
        path.unlink()
        path.write_bytes(b"another file")
        assert source.stream.read(100) == CONTENT[2:]
        assert source.stream.read(100) == b""


def test_a_pipe_is_read_to_its_end(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=[CONTENT])
    writer.start()
    with open_source(str(pipe), Settings.load()) as source:
        assert source.size is None
        assert b"".join(iter(lambda: source.stream.read(3), b"")) == CONTENT
    writer.join()
