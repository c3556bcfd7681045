"""A route and its description as an Operation Object."""

import inspect
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel

from shared.errors import (
    ApiError,
    Forbidden,
    Invalid,
    Malformed,
    TooLarge,
    Unauthenticated,
    Unavailable,
    UnsupportedMedia,
)
from shared.http.openapi.described import JSON, Described
from shared.http.openapi.problems import EXAMPLES, header_refs, problem_answer
from shared.http.problem import Unexpected
from shared.http.route import Access, Route

SECURITY: Final = "firebase"
_BODY_ERRORS: Final = (Malformed, TooLarge, UnsupportedMedia, Invalid)
_CACHE_HEADERS: Final = ("ETag", "Vary")


def operation(route: Route, method: str, described: Described) -> dict[str, Any]:
    """The Operation Object of a route's method. The summary is the handler's docstring."""
    head = method == "HEAD"
    summary, _, more = (inspect.getdoc(route.handler) or route.name).partition("\n\n")
    answers = _answers(route, described)
    document: dict[str, Any] = {
        "operationId": f"{route.name}_head" if head else route.name,
        "tags": [described.tag],
        "summary": f"{summary} Headers only." if head else summary,
        "responses": {status: _bare(one) if head else one for status, one in answers.items()},
    }
    if more:
        document["description"] = more
    if described.parameters:
        names = described.parameters
        document["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    if described.body is not None:
        document["requestBody"] = {"required": True, "content": {JSON: _schema(described.body)}}
    if route.access is not Access.PUBLIC:
        document["security"] = [{SECURITY: []}]
    return document


def _answers(route: Route, described: Described) -> dict[str, Any]:
    answers = {str(described.status): _success(described)}
    if described.cached:
        answers["304"] = {
            "description": "The copy that the caller has is current.",
            "headers": header_refs([*_CACHE_HEADERS, "Cache-Control", "X-Request-Id"]),
        }
    for kind in _errors(route, described):
        example = next(error for error in EXAMPLES if type(error) is kind)
        model = described.problem if kind is Unavailable else None
        answers[str(kind.status)] = problem_answer(example, model)
    return dict(sorted(answers.items()))


def _errors(route: Route, described: Described) -> Iterable[type[ApiError]]:
    yield from described.errors
    yield Unexpected
    if described.body is not None:
        yield from _BODY_ERRORS
    if route.access is not Access.PUBLIC:
        yield from (Unauthenticated, Unavailable)
    if route.access not in {Access.PUBLIC, Access.USER}:
        yield Forbidden


def _success(described: Described) -> dict[str, Any]:
    names = [*(_CACHE_HEADERS if described.cached else ()), *described.headers]
    answer: dict[str, Any] = {
        "description": described.says,
        "headers": header_refs(["X-Request-Id", "Cache-Control", *names]),
    }
    if described.answer is not None:
        answer["content"] = {described.media_type: _schema(described.answer)}
    return answer


def _schema(shape: type[BaseModel] | dict[str, Any]) -> dict[str, Any]:
    if isinstance(shape, dict):
        return {"schema": shape}
    return {"schema": {"$ref": f"#/components/schemas/{shape.__name__}"}}


def _bare(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "content"}
