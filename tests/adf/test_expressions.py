"""The expression language, parsed and evaluated."""

from typing import Any

import pytest

from checks.adf import scopes
from checks.adf.expressions.parser import ExpressionError, parse
from tests.adf.rehearsal import functions
from tests.adf.rehearsal.expressions import Scope, resolved
from tests.adf.rehearsal.outcome import ActivityFailed

SCOPE: Scope = {
    "pipeline": lambda: {"RunId": "r-1", "parameters": {"file": "a.csv", "limit": 5}},
    "activity": lambda name: {"output": {"rows": [1, 2], "name": name}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("@@escaped", "@escaped"),
        ("someone@example.com", "someone@example.com"),
        ("@pipeline().RunId", "r-1"),
        ("@{pipeline().RunId}", "r-1"),
        ("run @{pipeline().RunId} of @{pipeline().parameters.limit}", "run r-1 of 5"),
        ("@concat('it''s ', pipeline().parameters.file)", "it's a.csv"),
        ("@activity('x y').output.rows[1]", 2),
        ("@activity('x')?.error?.message", None),
        ("@coalesce(activity('x').output?.size, 7)", 7),
        ("@equals('a', 'a')", True),
        ("@equals(1, '1')", False),
        ("@greater(1.5, 1)", True),
        ("@if(lessOrEquals(2, 2), 'yes', 'no')", "yes"),
        ("@join(skip(split('a/b/c', '/'), 1), '/')", "b/c"),
        ("@mul( 2 , mul(1, 3) )", 6),
        ("@string(12)", "12"),
        ("@CONCAT('a', 'b')", "ab"),
    ],
)
def test_an_expression_has_its_value(text: str, value: Any) -> None:
    assert resolved(text, SCOPE) == value


def test_the_functions_that_are_checked_are_those_that_are_rehearsed() -> None:
    assert scopes.FUNCTIONS.keys() == functions.FUNCTIONS.keys()


def test_expressions_are_evaluated_at_any_depth() -> None:
    wrapped = {"value": "@pipeline().RunId", "type": "Expression"}
    assert resolved({"a": [wrapped, 1, {"b": "@{1}"}]}, SCOPE) == {"a": ["r-1", 1, {"b": "1"}]}


@pytest.mark.parametrize(
    "text",
    [
        "@",
        "@concat(",
        "@concat('a'",
        "@concat('a' 'b')",
        "@'open",
        "@a",
        "@a()b",
        "@{a()",
        "@a().1",
    ],
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "@activity('x').error.message",
        "@activity('x').output.rows[5]",
        "@concat('a', 1)",
        "@greater('2', 1)",
        "@greater(true, 0)",
        "@if('true', 1, 2)",
        "@join('ab', ',')",
        "@unknown()",
    ],
)
def test_an_expression_that_cannot_be_evaluated_fails_the_activity(text: str) -> None:
    with pytest.raises(ActivityFailed):
        resolved(text, SCOPE)
