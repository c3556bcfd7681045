"""The rules of docs/protocol.md are numbered without gaps, and each one names tests that exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from checks.own_files import ROOT, files
from tests.simulation.mutants import MUTANTS

PAGE = (ROOT / "docs" / "protocol.md").read_text("utf-8")
RULE = re.compile(r"^### Rule (\d+): [^\n]+\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
RULES = {int(number): text for number, text in RULE.findall(PAGE)}
TEST = re.compile(r"^- `(tests/[\w/]+\.py)::(\w+)`$", re.MULTILINE)
MUTANT = re.compile(r"^- mutant `([^`]+)`$", re.MULTILINE)
NUMBERS = r"(\d+(?:(?:, | and | to )\d+)*)"
CITED = re.compile(rf"docs/protocol\.md, rules? {NUMBERS}|rules? {NUMBERS} of docs/protocol\.md")
DIAGRAMS = {5, 6, 7, 8, 10, 18, 20, 31, 32, 33}

each_rule = pytest.mark.parametrize("number", RULES)


def proofs(text: str) -> str:
    return text.partition("*Proved by:*")[2]


@cache
def functions(path: Path) -> set[str]:
    defined = ast.walk(ast.parse(path.read_text("utf-8")))
    return {one.name for one in defined if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_the_rules_are_numbered_without_a_gap() -> None:
    """A new rule gets the next number, and stands where it belongs."""
    numbers = re.findall(r"^### Rule (\d+): ", PAGE, re.MULTILINE)
    assert sorted(map(int, numbers)) == list(range(1, len(numbers) + 1))
    assert len(numbers) == len(re.findall(r"^###", PAGE, re.MULTILINE)) >= 30


@each_rule
def test_a_rule_says_what_it_prevents(number: int) -> None:
    assert "\n*Prevents:* " in RULES[number]


@each_rule
def test_a_rule_names_what_proves_it(number: int) -> None:
    lines = proofs(RULES[number]).strip().splitlines()
    assert lines
    assert len(lines) == len(set(lines))
    assert not [line for line in lines if not TEST.match(line) and not MUTANT.match(line)]


@each_rule
def test_every_test_and_mutant_that_a_rule_names_exists(number: int) -> None:
    missing = [
        f"{file}::{name}"
        for file, name in TEST.findall(proofs(RULES[number]))
        if not (ROOT / file).is_file() or name not in functions(ROOT / file)
    ]
    missing += [name for name in MUTANT.findall(proofs(RULES[number])) if name not in MUTANTS]
    assert not missing


def test_every_mutant_is_named_by_a_rule() -> None:
    assert set(MUTANT.findall(PAGE)) == set(MUTANTS)


@pytest.mark.parametrize("number", sorted(DIAGRAMS))
def test_a_rule_about_an_order_of_steps_has_its_picture(number: int) -> None:
    assert "```mermaid\nsequenceDiagram\n" in RULES[number]


def test_every_rule_that_is_cited_exists() -> None:
    texts = {".py", ".lua", ".md", ".sql"}
    for path in files():
        if path.suffix in texts:
            cited = CITED.findall(re.sub(r"\s+(?:#|--)?\s*", " ", path.read_text("utf-8")))
            numbers = {int(n) for pair in cited for n in re.findall(r"\d+", "".join(pair))}
            assert numbers <= set(RULES), path
