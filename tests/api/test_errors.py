"""Every error of every route is a problem document (RFC 9457) of one shape."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from function_app import ROUTES
from shared.auth.rate_limits import RateLimits
from shared.errors import ApiError, TooManyRequests
from shared.http.answer import SECURITY_HEADERS
from shared.http.route import Access
from shared.repository.sqlite import sqlite_engine
from tests.api.api_client import Answer, Api, MakeApi
from tests.api.conftest import firebase_settings
from tests.api.emulator_users import SignedInUser
from tests.api.error_cases import CASES, LIMITED, NO_FIREBASE, NO_SQL, Case
from tests.services.databases import MakeDatabase

MEMBERS = {"type", "title", "status", "detail", "instance"}
SECRET = "what-no-caller-may-read"
FALLIBLE = {route.name for route in ROUTES if route.name not in {"version", "openapi", "docs"}}


type MakeCase = Callable[[Case], Api]


class Broken:
    """Replaces a dependency: every use of it raises."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(SECRET)


class Refusing:
    """Replaces RateLimits: every limit is reached."""

    async def check(self, action: str, address: str, account: str | None) -> None:
        del address, account
        raise TooManyRequests(f"Too many of {action}.", 7)


@pytest.fixture
def users(
    reader: SignedInUser, editor: SignedInUser, admin: SignedInUser
) -> dict[str, SignedInUser]:
    return {"reader": reader, "editor": editor, "admin": admin}


@pytest.fixture
def broken_off(make_api: MakeApi, auth_emulator: str, data_file: Path) -> MakeCase:
    """The API in the state of a case."""

    def make(case: Case) -> Api:
        known = {} if case.given == NO_FIREBASE else firebase_settings(auth_emulator)
        api = make_api(**known, **({case.broken: Broken()} if case.broken else {}))
        if case.given == NO_SQL:
            data_file.write_bytes(b"no database" * 1000)
        if case.given == LIMITED:
            limited = dataclasses.replace(api.services.auth, limits=cast("RateLimits", Refusing()))
            vars(api.services)["auth"] = limited
        return api

    return make


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_every_error_of_every_route_is_a_problem(
    case: Case, broken_off: MakeCase, users: dict[str, SignedInUser]
) -> None:
    api = broken_off(case)
    answers = [await _ask(api, case, users) for _ in range(1 + case.twice)]
    _check(answers[-1], case.status)
    if case.status == 422:
        assert all(set(one) == {"field", "message"} for one in answers[-1].json()["errors"])


async def _ask(api: Api, case: Case, users: dict[str, SignedInUser]) -> Answer:
    method, target = case.request.split(" ")
    headers = {"Content_Type": "application/json", **case.headers}
    if case.who:
        headers["Authorization"] = users[case.who].authorization
    body = case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
    return await api.call(method, target, headers, body)


def _check(answer: Answer, status: int) -> None:
    problem = answer.json()
    assert (answer.status, answer.media_type) == (status, "application/problem+json")
    assert set(problem) - {"errors", "sql", "redis", "identity"} == MEMBERS
    assert ("errors" in problem) is (status == 422)
    assert problem["status"] == status
    assert problem["type"].startswith("/docs#")
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == f"urn:request:{answer.headers['X-Request-Id']}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert SECURITY_HEADERS.items() <= answer.headers.items()
    assert ("Retry-After" in answer.headers) is (status in {429, 503})
    assert ("WWW-Authenticate" in answer.headers) is (status in {401, 403})
    text = answer.body.decode()
    assert not any(word in text for word in (SECRET, "Traceback", "Error(", "sqlite", ".py"))


async def test_a_database_without_its_migrations_is_named_by_every_read_and_in_the_log(
    make_api: MakeApi, database_on: MakeDatabase, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    api = make_api(database=database_on(sqlite_engine(tmp_path / "new.sqlite", 1)))
    why = "The database is not set up: its migrations have not run."
    for target in ("/features", "/features?view=full", "/features/custom?arg=Pop", "/api/health"):
        answer = await api.get(target)
        _check(answer, 503)
        assert answer.json()["detail"] == why
    assert caplog.text.count(why) == 1


def test_every_status_of_the_error_tree_has_a_case() -> None:
    statuses = {kind.status for kind in _tree(ApiError) if "status" in vars(kind)}
    assert {case.status for case in CASES} == statuses | {500}


def test_every_route_that_can_fail_has_a_case() -> None:
    assert {case.route for case in CASES} >= FALLIBLE - {"docs_file"}


def test_every_route_with_a_user_has_a_case_without_one() -> None:
    asked = {case.route for case in CASES if case.status == 401 and not case.headers}
    assert asked >= {route.name for route in ROUTES if route.access is not Access.PUBLIC}


def _tree(kind: type[ApiError]) -> list[type[ApiError]]:
    return [one for child in kind.__subclasses__() for one in (child, *_tree(child))]


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [({}, "Bearer"), ({"Authorization": "Bearer x.y.z"}, 'Bearer error="invalid_token"')],
)
async def test_the_challenge_tells_a_bad_token_from_none(
    auth_api: Api, headers: dict[str, str], challenge: str
) -> None:
    assert (await auth_api.get("/", **headers)).headers["WWW-Authenticate"] == challenge


async def test_a_fault_of_ours_is_in_the_log_under_the_request_id_it_was_answered_with(
    make_api: MakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await make_api(reader=Broken()).get("/features", X_Request_Id="abc-123")
    assert answer.json()["instance"] == "urn:request:abc-123"
    assert "features failed, request abc-123" in caplog.text


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\nb", "é", "a:b"])
async def test_a_request_id_that_would_not_fit_a_log_is_replaced(api: Api, given: str) -> None:
    answer = await api.get("/api/version", X_Request_Id=given)
    assert answer.headers["X-Request-Id"] != given
