"""Finds the function that answers a request, by the platform's rules."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.worker import Function, IndexingError

DEFAULT_PREFIX = "api"
RESERVED = ("admin", "runtime")
PARAMETER = re.compile(r"\{(\*?)([A-Za-z][A-Za-z0-9]*)\}")


@dataclass(frozen=True)
class Route:
    """A function and the pattern that a path, without its first slash, must match in full."""

    function: Function
    template: str
    pattern: re.Pattern[str]


class Router:
    """Tries routes in the alphabetical order of their functions' names; the first match wins."""

    def __init__(self, functions: Iterable[Function], prefix: str) -> None:
        ordered = sorted(functions, key=lambda function: function.name)
        self.routes = [_route(function, prefix) for function in ordered]

    def match(self, method: str, path: str) -> tuple[Function, Mapping[str, str]] | None:
        """Return the function and the route parameters for a decoded path, or None.

        A path with a method that it does not allow is not found: the platform answers 404, not 405.
        """
        target = path[1:].removesuffix("/")
        if not target and path != "/":  # `//` has an empty segment, the target `*` has no path
            return None
        for route in self.routes:
            methods = route.function.methods
            if methods is not None and method not in methods:
                continue
            if found := route.pattern.fullmatch(target):
                return route.function, found.groupdict()
        return None


def route_prefix(app_dir: Path) -> str:
    """Return `extensions.http.routePrefix` of host.json, `api` by default.

    Raises IndexingError if host.json is missing or not a JSON object.
    """
    try:
        host = json.loads((app_dir / "host.json").read_text("utf-8"))
        prefix = host.get("extensions", {}).get("http", {}).get("routePrefix", DEFAULT_PREFIX)
    except (OSError, ValueError, AttributeError) as error:
        raise IndexingError(f"host.json cannot be read: {error}") from error
    return str(prefix).strip("/")


def _route(function: Function, prefix: str) -> Route:
    template = "/".join(part for part in (prefix, function.route.strip("/")) if part)
    if template.partition("/")[0].lower() in RESERVED:
        raise IndexingError(f"{function.name}: the platform reserves routes under {RESERVED}")
    pattern = "/".join(_segment(segment, function) for segment in template.split("/"))
    return Route(function, template, re.compile(pattern, re.IGNORECASE))


def _segment(segment: str, function: Function) -> str:
    """Return a segment's pattern: a literal, `{name}`, or `{*name}` for the rest of the path."""
    parameter = PARAMETER.fullmatch(segment)
    if parameter:
        rest, name = parameter.groups()
        return f"(?P<{name}>{'.*' if rest else '[^/]+'})"
    if "{" in segment:
        raise IndexingError(f"{function.name}: this host does not support the segment {segment}")
    return re.escape(segment)
