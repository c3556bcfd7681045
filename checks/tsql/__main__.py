"""`python -m checks.tsql`: prints every statement that Microsoft's parser does not accept.

It knows the syntax, but no tables. The parser is the program `tsql-parse` on the PATH, which
parses the files that it is given, prints `FILE: ok` for each, and ends with status 1 otherwise.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from checks.command import report
from checks.own_files import ROOT, files
from checks.programs import TSQL_PARSE
from checks.tsql.files import Text, texts
from checks.tsql.statements import statements

_SHOWN: Final = 60
"""How much of a statement a finding shows."""

_FILE: Final = re.compile(r"(\d+)\.sql: ")
"""How the parser begins what it says of a file; a line for each error follows."""


def findings(found: Iterable[Text]) -> Iterator[str]:
    """Yield what the parser says about each of these texts that it does not accept."""
    named = list(found)
    with TemporaryDirectory() as folder:
        for number, (_, text) in enumerate(named):
            (Path(folder) / f"{number}.sql").write_text(text, "utf-8")
        lines = _parse(Path(folder), [f"{number}.sql" for number in range(len(named))])
    where = ""
    for line in lines:
        if file := _FILE.match(line):
            where = named[int(file[1])][0]
        else:
            yield f"{where}: {line.strip()}"


def _parse(folder: Path, names: list[str]) -> list[str]:
    done = subprocess.run(
        [TSQL_PARSE.path(), *names], cwd=folder, capture_output=True, text=True, check=False
    )
    return (done.stdout + done.stderr).splitlines()


def everything() -> Iterator[Text]:
    """Yield every T-SQL text of the repository."""
    yield from texts(ROOT, [path.relative_to(ROOT).as_posix() for path in files()])
    sent = {statement.text: statement.origins[0] for statement in statements()}
    for text, (file, line) in sent.items():
        yield f"{file}:{line}: {' '.join(text.split())[:_SHOWN]} ...", text


if __name__ == "__main__":
    sys.exit(report(lambda: findings(everything())))
