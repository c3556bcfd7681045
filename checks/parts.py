"""The parts of `make check`: one line for each."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from checks.programs import BICEP, KQL_PARSER, SHELLCHECK, TSQL_PARSE
from local.programs import Program

_PROGRAMS: Final = Path(sys.executable).parent
_WORKFLOWS: Final = sorted(map(str, Path(".github/workflows").glob("*.yml")))

_WITH_SHELLCHECK: Final = ("-shellcheck", SHELLCHECK.find() or "")


@dataclass(frozen=True)
class Part:
    """A command that prints what is wrong and ends with another status than 0, or is silent.

    `what` completes "NOT RUN: ..." where a program that it needs is missing.
    """

    what: str
    command: Sequence[str]
    needs: Sequence[Program] = ()


def _installed(name: str, *arguments: str) -> Sequence[str]:
    """Return the command of a program in this virtual environment."""
    return (str(_PROGRAMS / name), *arguments)


def _module(name: str) -> Sequence[str]:
    return (sys.executable, "-m", name)


PARTS: Final = (
    # The slowest first: they run side by side.
    Part("the snapshots of infra/", (*_module("checks.infra.evaluate"), "validate"), [BICEP]),
    Part("types", _installed("mypy", "--no-error-summary")),
    Part("lint and formatting of infra/", _module("checks.bicep"), [BICEP]),
    Part("lint", _installed("ruff", "check", "--quiet", ".")),
    Part("formatting", _installed("ruff", "format", "--quiet", "--check", ".")),
    Part("dead code, and what only tests use", _installed("vulture")),
    Part(
        "dead code of the tests",
        _installed(
            *("vulture", "function_app.py", "shared", "local", "checks", "deployment"),
            *("benchmarks", "tests"),
        ),
    ),
    Part("the files of adf/", _module("checks.adf")),
    Part("the files of adf/ and Azure's types", _module("checks.adf.compiled"), [BICEP]),
    Part("the files of infra/", _module("checks.infra")),
    Part("the queries in KQL", _module("checks.kql"), [KQL_PARSER]),
    Part("every statement in T-SQL", _module("checks.tsql"), [TSQL_PARSE]),
    Part("the Dockerfile", _installed("hadolint", "Dockerfile")),
    Part("the workflows", _installed("actionlint", *_WITH_SHELLCHECK, *_WORKFLOWS)),
    Part("the scripts, and those of workflows", _module("checks.shell"), [SHELLCHECK]),
)
