"""The security headers of every answer, and Cache-Control."""

import pytest

from function_app import ROUTES
from shared.http.answer import EXPOSED_HEADERS, SECURITY_HEADERS
from shared.http.openapi.parameters import HEADERS
from shared.http.route import Access
from tests.api.api_client import ALWAYS_READABLE, Api, readable_by_scripts
from tests.api.emulator_users import PASSWORD, SignedInUser

PAGE = {"age", "cache-status", "content-encoding", "etag", "link", "server-timing", "vary"}
PUBLIC_READS = [
    "/features?limit=1",
    "/features/custom?arg=Pop",
    "/api/version",
    "/api/health",
    "/openapi.json",
    "/docs",
    "/docs/page.css",
]


@pytest.mark.parametrize("target", PUBLIC_READS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_every_answer_carries_the_security_headers(
    api: Api, target: str, method: str
) -> None:
    answer = await api.call(method, target, {})
    assert answer.status == 200
    own = {"Content-Security-Policy"} if target == "/docs" else set()
    expected = {name: value for name, value in SECURITY_HEADERS.items() if name not in own}
    assert expected.items() <= answer.headers.items()
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


async def test_a_304_carries_them_too(api: Api) -> None:
    answer = await api.get("/features", If_None_Match="*")
    assert answer.status == 304
    assert SECURITY_HEADERS.items() <= answer.headers.items()


async def test_nothing_with_a_token_or_for_one_user_may_be_kept(auth_api: Api) -> None:
    credentials = {"email": "kept@example.org", "password": PASSWORD}
    answers = [await auth_api.post("/signup", credentials)]
    answers.append(await auth_api.post("/login", credentials))
    tokens = answers[-1].json()
    body = {"refreshToken": tokens["refreshToken"]}
    answers.append(await auth_api.post("/token", body))
    user = {"Authorization": f"Bearer {tokens['idToken']}"}
    answers += [await auth_api.get("/", **user), await auth_api.post("/logout", **user)]
    assert [answer.status for answer in answers] == [201, 200, 200, 200, 204]
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}


async def test_a_list_is_the_same_for_everybody_whoever_asks(
    auth_api: Api, editor: SignedInUser
) -> None:
    anonymous = await auth_api.get("/features")
    known = await auth_api.get("/features", Authorization=editor.authorization)
    broken = await auth_api.get("/features", Authorization="Bearer broken")
    assert anonymous.body == known.body == broken.body
    assert "Authorization" not in anonymous.headers["Vary"]


async def test_no_answer_names_another_origin_as_allowed(api: Api) -> None:
    answer = await api.get("/features?limit=1", Origin="https://elsewhere.example")
    assert not [name for name in answer.headers if "access-control-allow" in name.lower()]


@pytest.mark.parametrize(
    ("request_", "headers", "status", "readable"),
    [
        ("GET /features?limit=1", {"Accept-Encoding": "gzip"}, 200, PAGE),
        ("HEAD /features?limit=1", {"Accept-Encoding": "gzip"}, 200, PAGE),
        ("GET /features", {"If-None-Match": "*"}, 304, PAGE - {"link", "content-encoding"}),
        ("GET /openapi.json", {"If-None-Match": "*"}, 304, {"etag", "vary"}),
        ("POST /logout", {}, 401, {"www-authenticate"}),
        ("GET /", {"Authorization": "Bearer x"}, 503, {"retry-after"}),
        ("POST /login", {"Content-Type": "a/b"}, 415, set()),
        ("GET /features?limit=0", {}, 400, set()),
    ],
)
async def test_scripts_of_other_origins_can_read_what_an_answer_says(
    api: Api, request_: str, headers: dict[str, str], status: int, readable: set[str]
) -> None:
    method, target = request_.split()
    answer = await api.call(method, target, headers)
    assert answer.status == status
    assert readable | {"x-request-id"} <= readable_by_scripts(answer)
    assert readable <= {name.lower() for name in answer.headers}


def test_every_header_that_is_described_can_be_read_by_scripts() -> None:
    described = {name.lower() for name in HEADERS}
    assert described - ALWAYS_READABLE <= {name.lower() for name in EXPOSED_HEADERS}


def test_every_public_read_is_looked_at() -> None:
    looked_at = {target.partition("?")[0] for target in PUBLIC_READS}
    public = [one for one in ROUTES if one.access is Access.PUBLIC and "GET" in one.methods]
    reads = {f"/{one.path}".replace("{file}", "page.css") for one in public}
    assert reads == looked_at
