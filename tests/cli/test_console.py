"""What the CLI prints, and where: texts from outside, terminals that lack characters, no output."""

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared.repository.tables import cache_version
from tests.cli.conftest import Cli
from tests.unit.ingest.data_set import HEADER, csv_file, line

GENRE = "Кино\x1b[31m\n\u202eall  fresh"
"""As older releases may have stored it."""

SHOWN = r"Кино\x1b[31m\n\u202eall  fresh"

type Shell = Callable[[str], subprocess.CompletedProcess[bytes]]


@pytest.fixture
def genre(embedded: sa.Engine) -> None:
    with embedded.begin() as connection:
        connection.execute(sa.insert(cache_version).values(scope=GENRE, folded=GENRE, version=1))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tracks.csv"
    path.write_bytes(csv_file(line(1), "broken", line(2, genre="Кино")))
    return path


@pytest.fixture
def shell(tmp_path: Path, environment: Mapping[str, str]) -> Shell:
    """Run a line of shell, in which $CLI is the CLI; fails if it prints a traceback."""

    def run(script: str) -> subprocess.CompletedProcess[bytes]:
        variables = {**environment, "CLI": f"{sys.executable} -m shared.cli"}
        ended = subprocess.run(  # noqa: S603 - our own program
            ["/bin/sh", "-c", script], cwd=tmp_path, env=variables, capture_output=True, check=False
        )
        for written in (ended.stdout, ended.stderr):
            assert b"Traceback" not in written
            assert b"Exception ignored" not in written
        return ended

    return run


@pytest.mark.usefixtures("genre")
def test_a_stored_genre_is_shown_on_one_line_and_as_json_it_is_itself(cli: Cli) -> None:
    shown = cli("status").stdout
    assert sum(SHOWN in one for one in shown.splitlines()) == 1
    assert "\x1b" not in shown
    lists = json.loads(cli("status", "--json").stdout)["lists"]
    assert GENRE in {one["scope"] for one in lists}
    assert cli("purge", GENRE).stdout.startswith(f"The list of {SHOWN} is invalid")


def test_names_in_errors_are_shown_on_one_line(cli: Cli, tmp_path: Path) -> None:
    ended = cli("purge", "\x1b[2J\nThe list of Pop")
    assert ended.stderr == "There is no genre '\\x1b[2J\\nThe list of Pop'.\n"
    ended = cli("load", "a\n\x1b]0;b\udcff")
    assert ended.stderr == "There is no file a\\n\\x1b]0;b\\udcff.\n"
    (tmp_path / "c\n\x1b.csv").write_text(HEADER.replace("tempo", "\x1b[31m\u202e"))
    ended = cli("load", "c\n\x1b.csv")
    assert r"unknown '\x1b[31m\u202e'" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert "grant" not in cli("grant", "a@b", "\x1b").stderr.replace("cli grant", "")


def test_a_file_s_name_is_shown_on_one_line(cli: Cli, tmp_path: Path, file: Path) -> None:
    odd = file.rename(tmp_path / "tracks\n\x1b[31m:x:.csv")
    assert cli("load", odd.name).stdout.startswith("tracks\\n\\x1b[31m:x:.csv\n")
    assert json.loads(cli("load", odd.name, "--json").stdout)["file"] == odd.name


def test_the_arguments_of_a_wrong_command_line_are_shown_without_a_signature(cli: Cli) -> None:
    url = "https://account.blob.core.windows.net/raw/x.csv?sig=secret"
    for arguments in ([url], ["load", "x.csv", url], ["purge", "Pop", f"\x1b[31m{url}"]):
        ended = cli(*arguments)
        assert ended.returncode == 2
        assert "Usage" in ended.stderr
        assert "secret" not in ended.stderr
        assert "\x1b" not in ended.stderr


@pytest.mark.usefixtures("genre")
@pytest.mark.parametrize(
    ("encoding", "terminal"),
    [("ascii", "TERM=dumb"), ("ascii:strict", "COLUMNS=1"), ("latin-1", "HOME="), ("utf-8", "")],
)
def test_what_a_terminal_lacks_is_shown_as_its_escape(
    shell: Shell, file: Path, encoding: str, terminal: str
) -> None:
    variables = f"LC_ALL=C PYTHONIOENCODING={encoding} {terminal}"
    ended = shell(f"{variables} $CLI load {file.name} && {variables} $CLI status")
    assert ended.returncode == 0, ended.stderr
    shown = ended.stdout.decode(encoding.partition(":")[0])
    assert ("Кино" if encoding == "utf-8" else r"\u041a\u0438\u043d\u043e") in shown


@pytest.mark.parametrize(("columns", "term"), [(1, "xterm"), (20, "dumb"), (80, "")])
@pytest.mark.usefixtures("genre", "file")
def test_a_terminal_of_any_kind_and_width_will_do(
    tmp_path: Path, environment: Mapping[str, str], columns: int, term: str
) -> None:
    parent, child = pty.openpty()
    variables = {**environment, "TERM": term, "COLUMNS": str(columns), "PYTHONIOENCODING": "ascii"}
    commands = "load tracks.csv && {0} -m shared.cli status"
    script = "{0} -m shared.cli " + commands
    with os.fdopen(parent, "rb", buffering=0) as terminal:
        running = subprocess.Popen(  # noqa: S603 - our own program
            ["/bin/sh", "-c", script.format(sys.executable)],
            cwd=tmp_path, env=variables, stdin=child, stdout=child, stderr=child,
        )  # fmt: skip
        os.close(child)
        shown = b"".join(_chunks(terminal))
    assert running.wait() == 0, shown
    assert b"Traceback" not in shown


def _chunks(terminal: io.FileIO) -> list[bytes]:
    chunks: list[bytes] = []
    try:
        while chunk := terminal.read(4096):
            chunks.append(chunk)
    except OSError:
        pass  # the last process on the other side has ended
    return chunks


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("command", ["load tracks.csv", "load tracks.csv --json", "status --json"])
@pytest.mark.parametrize(
    ("redirection", "status"),
    [(">&-", 0), ("<&-", 0), (">&- 2>&- <&-", 0), (">/dev/full", 1)],
)
def test_output_that_is_closed_or_full_ends_without_a_traceback(
    shell: Shell, command: str, redirection: str, status: int
) -> None:
    assert shell(f"$CLI {command} {redirection}").returncode == status


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize("command", ["load tracks.csv", "status", "status --json", "--help"])
def test_a_reader_that_has_gone_ends_the_output(shell: Shell, command: str) -> None:
    assert shell(f"$CLI {command} | true").returncode == 0


def test_an_error_that_cannot_be_shown_keeps_its_status(shell: Shell) -> None:
    assert shell("$CLI load nowhere.csv 2>&-").returncode == 1
    assert shell("$CLI load nowhere.csv 2>/dev/full").returncode == 1
    assert shell("$CLI laod 2>&-").returncode == 2
