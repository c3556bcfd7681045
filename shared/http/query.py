"""The query string, as the caller wrote it.

The platform's own parameters drop empty values and join repeated ones with a comma, so that
`arg=R%2CB` and `arg=R&arg=B` look alike; the request's URL tells them apart.
"""

from typing import Final
from urllib.parse import parse_qsl

import azure.functions as func

from shared.errors import Malformed

MAX_PARAMETERS: Final = 50


class Query:
    """The parameters of a request, each given at most once."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def one(self, *names: str) -> str | None:
        """The value given under any of these names; None without one.

        Raises Malformed for more than one.
        """
        values = [value for name in names for value in self._values.get(name, [])]
        if len(values) > 1:
            raise Malformed(f"The parameter '{names[0]}' may be given once.")
        return values[0] if values else None


def query_of(request: func.HttpRequest) -> Query:
    """The request's query. Raises Malformed when it is not percent-encoded UTF-8."""
    _, scheme, rest = request.url.partition("://")
    # What stands before the path came from the Host header, and may hold anything.
    target = rest.partition("/")[2] if scheme else request.url
    text = target.partition("?")[2]
    try:
        pairs = parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS
        )
    except UnicodeDecodeError:
        raise Malformed("The query string is not percent-encoded UTF-8.") from None
    except ValueError:
        raise Malformed(f"The query string has more than {MAX_PARAMETERS} parameters.") from None
    return Query(pairs)
