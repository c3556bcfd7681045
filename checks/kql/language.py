"""Parses and binds queries with Microsoft's own parser, which runs in Node."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from checks.kql.tables import TABLES, Columns, schema
from checks.programs import KQL_PARSER

SCRIPT: Final = Path(__file__).parent / "bind.js"


@dataclass(frozen=True)
class Diagnostic:
    """What is wrong at a character of a query."""

    start: int
    message: str


@dataclass(frozen=True)
class Bound:
    """What is wrong with a query, and the columns of its result with their types."""

    faults: Sequence[Diagnostic]
    columns: Mapping[str, str]


def bind(queries: Sequence[str], tables: Mapping[str, Columns] = TABLES) -> list[Bound]:
    """Return the outcome for each query, in order, from the columns of the workspace's tables.

    Raises ChildProcessError if Node fails, MissingProgramError if there is no parser.
    """
    schemas = {name: schema(columns) for name, columns in tables.items()}
    done = subprocess.run(
        ["node", SCRIPT, KQL_PARSER.path()],  # noqa: S607 - found on the PATH
        input=json.dumps({"tables": schemas, "queries": queries}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ChildProcessError(f"node {SCRIPT} failed:\n{done.stderr}")
    return [_bound(one) for one in json.loads(done.stdout)]


def _bound(answer: Mapping[str, Any]) -> Bound:
    return Bound([Diagnostic(**fault) for fault in answer["faults"]], answer["columns"])
