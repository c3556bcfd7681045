"""`make check` runs every part, and says what it could not run."""

import sys

import pytest

from checks.__main__ import main
from checks.command import report
from checks.parts import PARTS, Part
from local.programs import Program

ABSENT = Program("bicep", "", "", lambda: None, by_hand="get bicep")
PRIVATE = Program("tsql-parse", "", "", lambda: None, by_hand="ask for it", in_ci=False)
PRESENT = Program("node", "", "", lambda: "/usr/bin/node")


def python(what: str, code: str, *needs: Program) -> Part:
    return Part(what, (sys.executable, "-c", code), needs)


@pytest.fixture(autouse=True)
def outside_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)


def test_parts_that_pass_are_silent(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([python("a", "print('fine')"), python("b", "", PRESENT)]) == 0
    assert capfd.readouterr() == ("", "")


def test_a_part_that_fails_shows_its_command_and_what_it_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    wrong = "print('one', flush=True); raise SystemExit('two')"
    assert main([python("a", wrong), python("b", "")]) == 1
    assert capfd.readouterr().out == f"$ {sys.executable} -c {wrong}\none\ntwo\n\n"


def test_every_part_runs_after_one_failed(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([python("a", "raise SystemExit('first')"), python("b", "raise SystemExit('2nd')")])
    assert {"first", "2nd"} <= set(capfd.readouterr().out.splitlines())


def test_a_missing_program_is_one_line_with_what_it_checks_and_the_command(
    capfd: pytest.CaptureFixture[str],
) -> None:
    parts = [python("the one", "0/0", ABSENT), python("the other", "0/0", ABSENT), python("c", "")]
    assert main(parts) == 0
    line = "NOT RUN: the one, the other: bicep is not installed (get bicep)"
    assert capfd.readouterr().out.splitlines() == [line]


def test_a_missing_program_is_a_failure_in_ci(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    assert main([python("a", "", ABSENT)]) == 1
    assert "CI must have bicep." in capfd.readouterr().out


def test_a_program_that_ci_may_lack_is_no_failure_there(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CI", "true")
    assert main([python("a", "", PRIVATE)]) == 0
    assert capfd.readouterr().out.startswith("NOT RUN: a: tsql-parse is not installed")


def test_each_part_says_what_it_checks() -> None:
    assert len({part.what for part in PARTS}) == len(PARTS)


def test_a_check_alone_says_in_one_line_which_program_it_lacks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert report(lambda: [ABSENT.path()]) == 1
    assert capsys.readouterr().err == "bicep is not installed (get bicep)\n"


def test_a_finding_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert report(lambda: ["a", "b", "a"]) == 1
    assert capsys.readouterr().err == "a\nb\n"
