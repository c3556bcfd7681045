"""Which function answers a request, by the platform's rules."""

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
    """Routes in the alphabetical order of the function NAME: the first match wins."""

    def __init__(self, functions: Iterable[Function], prefix: str) -> None:
        ordered = sorted(functions, key=lambda function: function.name)
        self.routes = [_route(function, prefix) for function in ordered]

    def match(self, method: str, path: str) -> tuple[Function, Mapping[str, str]] | None:
        """The function for a decoded path and its route parameters, None when none matches.

        A known path with another method matches nothing: the platform answers 404, never 405.
        """
        target = path[1:].removesuffix("/")
        for route in self.routes:
            methods = route.function.methods
            if methods is not None and method not in methods:
                continue
            if found := route.pattern.fullmatch(target):
                return route.function, found.groupdict()
        return None


def route_prefix(app_dir: Path) -> str:
    """`extensions.http.routePrefix` of host.json, `api` when it says nothing.

    Raises IndexingError when host.json is missing or is no JSON object.
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
    """One segment as a pattern: a literal, `{name}`, or `{*name}` for the rest of the path."""
    parameter = PARAMETER.fullmatch(segment)
    if parameter:
        rest, name = parameter.groups()
        return f"(?P<{name}>{'.*' if rest else '[^/]+'})"
    if "{" in segment:
        raise IndexingError(f"{function.name}: this host does not know the segment {segment}")
    return re.escape(segment)
