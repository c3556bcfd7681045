"""The OpenAPI document: valid, complete, and served."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from function_app import ROUTES
from shared.errors import ApiError
from shared.http.answer_bodies import FullRecord, Record
from shared.http.openapi.described import DESCRIBED
from shared.http.openapi.document import openapi_document
from shared.http.openapi.problems import EXAMPLES, EXPLAINED
from shared.http.request_bodies import NewTrack
from shared.http.route import Access
from shared.tracks.track import COLUMNS, CORE_COLUMNS
from tests.api.api_client import Api
from tests.api.error_cases import CASES


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi_document(ROUTES)


def _operation(document: dict[str, Any], request: str) -> dict[str, Any]:
    method, _, target = request.partition(" ")
    operation: dict[str, Any] = document["paths"][target.partition("?")[0]][method.lower()]
    return operation


def test_the_document_is_valid_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    validate(document)


def test_every_route_is_described_with_every_method_and_nothing_else_is(
    document: dict[str, Any],
) -> None:
    assert set(DESCRIBED) == {route.name for route in ROUTES}
    served = {
        (f"/{route.path.strip('/')}", method.lower())
        for route in ROUTES
        for method in route.methods
    }
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    assert described == served


def test_every_operation_has_a_summary_an_id_of_its_own_and_a_tag(document: dict[str, Any]) -> None:
    operations = [one for item in document["paths"].values() for one in item.values()]
    assert len({one["operationId"] for one in operations}) == len(operations)
    assert all(one["summary"].endswith(".") and one["tags"] for one in operations)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_every_error_that_is_tested_is_described(document: dict[str, Any], case: Any) -> None:
    assert str(case.status) in _operation(document, case.request)["responses"]


def test_exactly_the_routes_with_a_user_ask_for_a_token(document: dict[str, Any]) -> None:
    for route in ROUTES:
        for method in route.methods:
            operation = _operation(document, f"{method} /{route.path.strip('/')}")
            assert ("security" in operation) is (route.access is not Access.PUBLIC)


def test_every_answer_with_content_has_a_schema_and_every_problem_an_example(
    document: dict[str, Any],
) -> None:
    for item in document["paths"].values():
        for method, operation in item.items():
            for status, answer in operation["responses"].items():
                assert answer["description"]
                assert ("content" in answer) is (method != "head" and status not in {"204", "304"})
                for media_type, content in answer.get("content", {}).items():
                    assert content["schema"]
                    assert ("example" in content) is (media_type == "application/problem+json")


def test_every_kind_of_error_is_explained_and_has_an_example() -> None:
    kinds = set(ApiError.__subclasses__())
    assert set(EXPLAINED) == {type(error) for error in EXAMPLES} == kinds


def test_records_are_described_with_the_columns_in_their_order() -> None:
    assert tuple(Record.model_fields) == CORE_COLUMNS
    assert set(FullRecord.model_fields) == set(NewTrack.model_fields) == set(COLUMNS)


async def test_it_is_served_with_a_tag_and_to_head(api: Api) -> None:
    answer = await api.get("/openapi.json")
    assert answer.json() == openapi_document(ROUTES)
    tag = answer.headers["ETag"]
    again = await api.get("/openapi.json", If_None_Match=tag)
    head = await api.head("/openapi.json")
    assert (again.status, again.body) == (304, b"")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", tag)
