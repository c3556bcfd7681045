"""The table of routes: access, the platform's requirements, and the README's table."""

import inspect
import re
from pathlib import Path

import azure.functions as func
import pytest

from function_app import ROUTES, app
from shared.http.app import create_app
from shared.http.route import Access
from shared.services import Services
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
ROW = re.compile(
    r"^\| `(?P<path>/[^`]*)` \| (?P<methods>[A-Z, ]+) \| (?P<who>[^|]+) \|", re.MULTILINE
)
PAGES = [page for page in (ROOT / "README.md", ROOT / "README.es.md") if page.exists()]

PUBLIC = {
    "/signup",
    "/login",
    "/token",
    "/features",
    "/features/custom",
    "/api/version",
    "/api/health",
    "/openapi.json",
    "/docs",
    "/docs/{file}",
}
"""A new public route must be added here, too, so that none is public by mistake."""

WHO = {
    Access.PUBLIC: {"anyone", "cualquiera"},
    Access.USER: {"a user", "un usuario"},
    Access.EDITOR: {"editor, admin"},
    Access.ADMIN: {"admin"},
    Access.LOCAL_OR_ADMIN: {"admin"},
}


def _path(route_path: str) -> str:
    return f"/{route_path.strip('/')}"


def test_every_route_asks_for_a_user_or_is_on_the_public_list() -> None:
    public = {_path(route.path) for route in ROUTES if route.access is Access.PUBLIC}
    assert public == PUBLIC


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_readme_s_table_is_the_table_of_routes(page: Path) -> None:
    rows = ROW.findall(page.read_text("utf-8"))
    told = {path: (tuple(methods.split(", ")), who.strip()) for path, methods, who in rows}
    assert {path: methods for path, (methods, _) in told.items()} == {
        _path(route.path): route.methods for route in ROUTES
    }
    for route in ROUTES:
        assert told[_path(route.path)][1] in WHO[route.access]


def test_every_function_has_exactly_the_parameter_that_the_platform_binds() -> None:
    for function in _fresh_app().get_functions():
        handler = function.get_user_function()
        bound = {binding.name for binding in function.get_bindings() if binding.name != "$return"}
        assert set(inspect.signature(handler).parameters) == bound
        assert inspect.iscoroutinefunction(handler)
        assert all(re.fullmatch(r"[a-zA-Z][a-zA-Z0-9]{0,127}", name) for name in bound)


def test_function_names_are_unique_and_paths_too() -> None:
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    assert len({(route.path, method) for route in ROUTES for method in route.methods}) == sum(
        len(route.methods) for route in ROUTES
    )


def test_no_route_is_reserved_by_the_platform_or_hides_another() -> None:
    for route in ROUTES:
        assert route.path
        assert not route.path.startswith(("admin", "runtime"))
    with_parameters = [route.path for route in ROUTES if "{" in route.path]
    assert with_parameters == ["docs/{file}"]
    assert not [route for route in ROUTES if re.fullmatch(r"docs/[^{]+", route.path)]


def test_a_read_answers_head_too() -> None:
    for route in ROUTES:
        assert ("GET" in route.methods) is ("HEAD" in route.methods)


def test_all_functions_are_anonymous_to_the_platform() -> None:
    assert isinstance(app, func.FunctionApp)
    for function in _fresh_app().get_functions():
        for binding in function.get_bindings():
            level = getattr(binding, "auth_level", func.AuthLevel.ANONYMOUS)
            assert level is func.AuthLevel.ANONYMOUS


def _fresh_app() -> func.FunctionApp:
    return create_app(ROUTES, Services(Settings.load()))
