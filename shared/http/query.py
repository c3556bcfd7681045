"""The query string, as the caller wrote it.

The platform's own parameters drop empty values and join repeated ones with a comma, so that
`arg=R%2CB` and `arg=R&arg=B` look the same; in the request's URL they differ.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

import azure.functions as func

from shared.errors import Malformed

MAX_PARAMETERS: Final = 50


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a request, decoded and in their order."""

    pairs: list[tuple[str, str]]

    def one(self, *names: str) -> str | None:
        """The value given under one of these names; None without one.

        Raises Malformed for more than one.
        """
        values = [value for name, value in self.pairs if name in names]
        if len(values) > 1:
            raise Malformed(f"The parameter '{names[0]}' may be given only once.")
        return values[0] if values else None


def query_of(request: func.HttpRequest) -> Query:
    """The request's query. Raises Malformed when it is not percent-encoded UTF-8."""
    _, scheme, rest = request.url.partition("://")
    # The part before the path comes from the Host header, and may contain anything.
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
