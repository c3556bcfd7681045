"""T-SQL in files: scripts, blocks of pages, and what Data Factory sends."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from checks.adf.expressions.nodes import Call, Literal
from checks.adf.expressions.parser import parse
from checks.adf.json_walk import walk
from checks.adf.resources import read

_VARIABLE: Final = re.compile(r"\$\(\w+\)")
_BLOCK: Final = re.compile(r"^```sql\n(.*?)^```", re.MULTILINE | re.DOTALL)
_ANY: Final = "x"
"""Stands for a variable of sqlcmd, and for what an expression computes."""

type Text = tuple[str, str]
"""(file, text); the text's lines are those of the file."""


def texts(root: Path, names: Iterable[str]) -> Iterator[Text]:
    """Yield the T-SQL in these files."""
    for name in names:
        if name.endswith(".sql"):
            yield name, _VARIABLE.sub(_ANY, (root / name).read_text("utf-8"))
        elif name.endswith(".md"):
            page = (root / name).read_text("utf-8")
            for block in _BLOCK.finditer(page):
                yield name, "\n" * page.count("\n", 0, block.start(1)) + block[1]
    yield from _of_pipelines(root / "adf")


def _of_pipelines(folder: Path) -> Iterator[Text]:
    factory, _ = read(folder)
    for pipeline in factory.of("pipeline").values():
        for path, value in walk(dict(pipeline.document)):
            if path.endswith((".preCopyScript", ".text")):
                expression = value["value"] if isinstance(value, dict) else str(value)
                yield f"adf/{pipeline.file}: {path}", _text(parse(expression))


def _text(parsed: object) -> str:
    """What an expression yields, with a stand-in for each value that is known at run time only."""
    match parsed:
        case str():
            return parsed
        case Literal(value):
            return str(value)
        case Call("concat", arguments):
            return "".join(map(_text, arguments))
        case _:
            return _ANY
