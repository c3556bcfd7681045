"""Calls the functions of the app as the platform would, without a socket."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

import azure.functions as func

from function_app import ROUTES
from shared.http.answer import SECURITY_HEADERS
from shared.http.app import create_app
from shared.services import Services

ALWAYS_READABLE: Final = {
    *("cache-control", "content-language", "content-length", "content-type", "expires"),
    *("last-modified", "pragma"),
}
"""The CORS-safelisted response-header names of the Fetch standard."""

FOR_BROWSERS: Final = {*map(str.lower, SECURITY_HEADERS), "access-control-expose-headers"}
"""No script has a use for them."""


@dataclass(frozen=True)
class Answer:
    """A function's answer; header names have the case that the code gives them."""

    status: int
    headers: Mapping[str, str]
    media_type: str
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def check_every_answer(method: str, answer: Answer) -> None:
    """What holds for every answer of every test, so that no new route or header is forgotten."""
    names = {name.lower() for name in answer.headers}
    assert len(names) == len(answer.headers)
    assert ("content-length" in names) is (answer.status not in {204, 304})
    if method != "HEAD" and answer.status not in {204, 304}:
        assert answer.headers["Content-Length"] == str(len(answer.body))
    for value in answer.headers.values():
        assert value.isascii()
        assert value.isprintable()
    assert sum(map(len, answer.headers.values())) < 4000
    assert names - ALWAYS_READABLE - FOR_BROWSERS == {
        name for name in readable_by_scripts(answer) if name in names
    }


def readable_by_scripts(answer: Answer) -> set[str]:
    """The headers that scripts of other origins may read, in lower case."""
    return set(answer.headers["Access-Control-Expose-Headers"].lower().split(", "))


class Api:
    """The app on these services; routes are called by method and path."""

    def __init__(self, services: Services) -> None:
        self.services = services
        functions = create_app(ROUTES, services).get_functions()
        by_name = {one.get_function_name(): one.get_user_function() for one in functions}
        self._functions: dict[tuple[str, str], Any] = {
            (method, f"/{route.path.strip('/')}"): by_name[route.name]
            for route in ROUTES
            for method in route.methods
        }

    async def get(self, target: str, **headers: str) -> Answer:
        return await self.call("GET", target, headers)

    async def head(self, target: str, **headers: str) -> Answer:
        return await self.call("HEAD", target, headers)

    async def post(self, target: str, body: Any = b"", **headers: str) -> Answer:
        """Send bytes as they are, everything else as JSON; `headers` may replace Content-Type."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return await self.call("POST", target, {"Content-Type": "application/json"} | headers, data)

    async def call(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """Header names are keyword arguments: write `_` for `-`."""
        path, _, query = target.partition("?")
        function, place = self._function(method, path)
        request = func.HttpRequest(
            method=method,
            url=f"http://127.0.0.1:7071{target}",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            params=dict(parse_qsl(query)),
            route_params=place,
            body=body,
        )
        response = await function(request)
        answer = Answer(
            response.status_code,
            dict(response.headers),
            response.mimetype,
            response.get_body(),
        )
        check_every_answer(method, answer)
        return answer

    def _function(self, method: str, path: str) -> tuple[Any, dict[str, str]]:
        found = self._functions.get((method, path))
        if found is not None:
            return found, {}
        folder, _, file = path.rpartition("/")
        return self._functions[method, f"{folder}/{{file}}"], {"file": file}


type MakeApi = Callable[..., Api]
"""Called with settings and dependencies by their names; everything else is real."""
