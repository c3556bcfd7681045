"""examples/smart-cache.http holds every route. tests/api/test_examples.py sends its requests."""

import re

from function_app import ROUTES
from tests.repository.http_file import EXAMPLES, Request, requests, variables

TEXT = EXAMPLES.read_text("utf-8")
REQUESTS = list(requests(TEXT))


def _path(request: Request) -> str:
    return request.url.removeprefix("{{url}}").partition("?")[0]


def _pattern(path: str) -> str:
    return re.sub(r"\{\w+\}", r"[^/]+", f"/{path.strip('/')}")


def test_every_route_is_there_with_every_method_but_head() -> None:
    for route in ROUTES:
        for method in set(route.methods) - {"HEAD"}:
            assert any(
                request.method == method and re.fullmatch(_pattern(route.path), _path(request))
                for request in REQUESTS
            ), f"{method} {route.path}"


def test_no_request_is_for_a_route_that_does_not_exist() -> None:
    for request in REQUESTS:
        assert any(
            request.method in route.methods and re.fullmatch(_pattern(route.path), _path(request))
            for route in ROUTES
        ), request.title


def test_each_title_says_the_status_and_is_unlike_every_other() -> None:
    assert all(request.statuses for request in REQUESTS)
    assert len({request.title for request in REQUESTS}) == len(REQUESTS)


def test_a_place_is_filled_by_the_file_itself_or_by_a_request_above_it() -> None:
    known = set(variables(TEXT))
    for request in REQUESTS:
        written = " ".join([request.url, *request.headers.values(), request.body])
        used = {place.partition(".")[0] for place in re.findall(r"\{\{(.+?)\}\}", written)}
        assert used <= known | set(request.prompts), request.title
        known.add(request.name)


def test_it_speaks_to_make_run() -> None:
    makefile = (EXAMPLES.parents[1] / "Makefile").read_text("utf-8")
    assert variables(TEXT)["url"] in makefile
