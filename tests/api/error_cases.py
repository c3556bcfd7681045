"""Every route with every error that it can answer."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.api.sample_records import REFERENCE

USER = {"email": "nobody@example.org", "password": "no such password"}
LARGE = b"x" * 65_537
NO_SQL, NO_FIREBASE, LIMITED = "no SQL", "no Firebase", "limits reached"


@dataclass(frozen=True)
class Case:
    """A request that must fail. `who` is the user that sends it, `given` the state of the services.

    `broken` names a dependency whose every use raises; `twice`: only the second call fails.
    """

    route: str
    request: str
    status: int
    body: Any = b""
    who: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    given: str = ""
    broken: str = ""
    twice: bool = False

    def __str__(self) -> str:
        return f"{self.request} {self.status} {self.who or self.given or self.broken}"


def _of_bodies(route: str, request: str, who: str, wrong: object) -> Iterator[Case]:
    """The errors of every route that takes a body."""
    yield Case(route, request, 400, b"{", who)
    yield Case(route, request, 413, LARGE, who)
    yield Case(route, request, 415, b"{}", who, {"Content_Type": "image/png"})
    yield Case(route, request, 422, wrong, who)


def _of_lists(route: str, request: str, more: str) -> Iterator[Case]:
    yield Case(route, f"{request}{more}limit=0", 400)
    yield Case(route, f"{request}{more}limit=1&cursor=x", 400)
    yield Case(route, request, 406, headers={"Accept_Encoding": "identity;q=0"})
    yield Case(route, request, 412, headers={"If_Match": '"other"'})
    yield Case(route, request, 503, given=NO_SQL)
    yield Case(route, request, 500, broken="reader")


def _of_signed_in(route: str, request: str) -> Iterator[Case]:
    yield Case(route, request, 401)
    yield Case(route, request, 401, headers={"Authorization": "Basic abc"})
    yield Case(route, request, 401, headers={"Authorization": "Bearer not.a.token"})
    yield Case(route, request, 503, headers={"Authorization": "Bearer x"}, given=NO_FIREBASE)


def _of_limited(route: str, request: str, body: object, who: str = "") -> Iterator[Case]:
    yield Case(route, request, 429, body, who, given=LIMITED)


def _of_accounts(route: str, request: str, body: object) -> Iterator[Case]:
    yield from _of_limited(route, request, body)
    yield Case(route, request, 503, body, given=NO_FIREBASE)


CASES = [
    *_of_bodies("signup", "POST /signup", "", {**USER, "role": "admin"}),
    *_of_accounts("signup", "POST /signup", USER),
    Case("signup", "POST /signup", 422, {**USER, "email": "no address"}),
    Case("signup", "POST /signup", 409, {**USER, "email": "known@example.org"}, twice=True),
    *_of_bodies("login", "POST /login", "", {"email": "x"}),
    *_of_accounts("login", "POST /login", USER),
    Case("login", "POST /login", 401, USER),
    *_of_bodies("token", "POST /token", "", {"refresh_token": "x"}),
    *_of_accounts("token", "POST /token", {"refreshToken": "x"}),
    Case("token", "POST /token", 401, {"refreshToken": "no token"}),
    *_of_signed_in("logout", "POST /logout"),
    *_of_lists("features", "GET /features", "?"),
    *_of_lists("features_custom", "GET /features/custom?arg=Pop", "&"),
    Case("features_custom", "GET /features/custom", 400),
    *_of_bodies("features_new", "POST /features/new", "editor", {**REFERENCE, "id": 1}),
    *_of_signed_in("features_new", "POST /features/new"),
    *_of_limited("features_new", "POST /features/new", REFERENCE, "editor"),
    Case("features_new", "POST /features/new", 403, REFERENCE, "reader"),
    Case("features_new", "POST /features/new", 409, REFERENCE, "editor", twice=True),
    Case("features_new", "POST /features/new", 503, REFERENCE, "editor", given=NO_SQL),
    Case("features_new", "POST /features/new", 500, REFERENCE, "editor", broken="writer"),
    *_of_bodies("cache_purge", "POST /cache/purge", "admin", {}),
    *_of_signed_in("cache_purge", "POST /cache/purge"),
    Case("cache_purge", "POST /cache/purge", 403, {"scope": "all"}, "editor"),
    Case("cache_purge", "POST /cache/purge", 404, {"scope": "No such genre"}, "admin"),
    Case("cache_purge", "POST /cache/purge", 503, {"scope": "all"}, "admin", given=NO_SQL),
    *_of_signed_in("cache_status", "GET /cache/status"),
    Case("cache_status", "GET /cache/status", 403, who="reader"),
    Case("cache_status", "GET /cache/status", 403, who="editor"),
    Case("cache_status", "GET /cache/status", 500, who="admin", broken="status"),
    *_of_signed_in("greeting", "GET /"),
    Case("health", "GET /api/health", 500, broken="store"),
    Case("health", "GET /api/health", 503, given=NO_SQL),
]
