"""The shell scripts of the repository, and those inside its workflows and containers."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

import yaml

_SHEBANG: Final = re.compile(r"#!.*\b(bash|sh)$", re.MULTILINE)
_DIRECTIVE: Final = re.compile(r"# shellcheck shell=(\w+)")
_OF_CONTAINER: Final = re.compile(r'"\w+Command": ("(?:[^"\\]|\\.)*")')
_EXPRESSION: Final = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_KEPT: Final = re.compile(r"(\w+)=[^\n]*>>\s*\"?\$GITHUB_ENV")
_NAMED: Final = re.compile(r"\b([A-Z]\w+)=|\$\{([A-Z]\w+):?[-?]")

_RUNNER: Final = frozenset(
    {
        *("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"),
        *("CI", "GITHUB_ACTOR", "GITHUB_ENV", "GITHUB_EVENT_PATH", "GITHUB_OUTPUT", "GITHUB_PATH"),
        *("GITHUB_REF", "GITHUB_REF_NAME", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_SHA"),
        *("GITHUB_SERVER_URL", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "RUNNER_TEMP"),
    }
)
"""Variables that GitHub sets in each step: those that are needed here."""


@dataclass(frozen=True)
class Script:
    """A script, or a part of `file` that begins at `line`; `variables` are set from outside."""

    file: str
    line: int
    shell: str
    text: str
    variables: frozenset[str] = frozenset()


def files(root: Path, names: Iterable[str]) -> Iterator[Script]:
    """Yield the scripts among these files.

    A script that others source does not say what they have set. So a variable that any script
    requires or sets is known to all.
    """
    texts = {name: (root / name).read_text("utf-8") for name in names if _may_be_script(name)}
    shells = {name: shell for name, text in texts.items() if (shell := _shell(name, text))}
    known = {word for name in shells for found in _NAMED.findall(texts[name]) for word in found}
    for name, shell in shells.items():
        yield Script(name, 1, shell, texts[name], _RUNNER.union(known - {""}))


def _may_be_script(name: str) -> bool:
    return Path(name).suffix in {"", ".sh"}


def _shell(name: str, text: str) -> str:
    """Return the shell of a script, or an empty text for another file."""
    found = _SHEBANG.match(text) or _DIRECTIVE.match(text)
    return found[1] if found else "bash" if name.endswith(".sh") else ""


def inside(
    root: Path,
    names: Iterable[str],
    pattern: str,
    parts: Callable[[str, str], Iterable[Script]],
) -> Iterator[Script]:
    """Yield the parts that are scripts in the files whose name fits the pattern."""
    for name in names:
        if fnmatch(name, pattern):
            yield from parts(name, (root / name).read_text("utf-8"))


def workflow(file: str, text: str) -> Iterator[Script]:
    """Yield each `run` of a workflow or an action, with the variables that `env` gives it."""
    kept = frozenset(_KEPT.findall(text))
    for node, variables in _runs(yaml.compose(text), _RUNNER | kept):
        line = node.start_mark.line + (2 if node.style == "|" else 1)
        yield Script(file, line, "bash", _EXPRESSION.sub("expression", node.value), variables)


def _runs(node: Any, variables: frozenset[str]) -> Iterator[tuple[yaml.ScalarNode, frozenset[str]]]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _runs(item, variables)
    elif isinstance(node, yaml.MappingNode):
        items = {key.value: item for key, item in node.value}
        if isinstance(env := items.get("env"), yaml.MappingNode):
            variables |= {key.value for key, _ in env.value}
        for name, item in items.items():
            if name == "run" and isinstance(item, yaml.ScalarNode):
                yield item, variables
            else:
                yield from _runs(item, variables)


def container(file: str, text: str) -> Iterator[Script]:
    """Yield each command of a development container."""
    for found in _OF_CONTAINER.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Script(file, line, "sh", json.loads(found[1]))


def compose(file: str, text: str) -> Iterator[Script]:
    """Yield each command that a container of a Compose file runs in a shell."""
    for node in _blocks(yaml.compose(text)):
        script = node.value.replace("$$", "$")
        yield Script(file, node.start_mark.line + 2, "bash", script)


def _blocks(node: Any) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode) and node.style == "|":
        yield node
    elif not isinstance(node, yaml.ScalarNode):
        for item in node.value:
            for part in item if isinstance(item, tuple) else (item,):
                yield from _blocks(part)
