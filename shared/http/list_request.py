"""What a caller wants of a list: view, page, content coding, and which copy it has already.

The query string is read from the URL as the caller wrote it. The platform's own parameters drop
empty values and join repeated ones with a comma, so that `arg=R%2CB` and `arg=R&arg=B` look the
same.
"""

from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter
from typing import Final
from urllib.parse import parse_qsl, urlencode

import azure.functions as func

from shared.cache.bodies import Digests
from shared.cache.cached_list import Unless, never
from shared.errors import Malformed
from shared.http.negotiation import GZIP, Conditions, content_coding, entity_tag
from shared.http.pages import Page, page_of
from shared.http.route import Call
from shared.tracks import genres
from shared.tracks.track import View

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


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A read of a list, whole or (`page`) a slice of it.

    `name` is the genre as the caller wrote it, empty for the list of all genres; `started` is a
    reading of perf_counter.
    """

    view: View
    page: Page | None
    coding: str
    conditions: Conditions
    head: bool
    path: str
    name: str
    started: float

    def tag(self, digests: Digests) -> str:
        """The entity tag of the answer from the list with these digests.

        It needs no row: the same slice of the same list is the same page.
        """
        if self.page is not None:
            return entity_tag(self.page.name(digests.pages, self.coding), self.coding)
        digest = digests.gzip if self.coding == GZIP else digests.uncompressed
        return entity_tag(digest, self.coding)

    def link(self, scope: str) -> str | None:
        """The target of a link to this list, without a page; None where the list cannot be named.

        It is made of what was understood: the stored spelling, of an unknown genre the tidy one.
        """
        arguments = {} if self.view is View.CORE else {"view": self.view.value}
        if self.name:
            genre = scope or _unknown_genre(self.name)
            if genre is None:
                return None
            arguments = {"arg": genre} | arguments
        return f"{self.path}?{urlencode(arguments)}&" if arguments else f"{self.path}?"

    @property
    def unless(self) -> Unless:
        """Whether the list with these digests is answered without its body: HEAD, 304 and 412."""
        if self.head and self.page is None:
            return lambda _: True
        if self.conditions.if_none_match is None:
            return never
        return lambda digests: self.conditions.status(self.tag(digests)) != HTTPStatus.OK


def list_request(call: Call, query: Query, path: str, name: str = "") -> ListRequest:
    """Read the request for the list of a genre, or of all. Raises Malformed, NotAcceptable."""
    headers = call.request.headers
    view, limit, cursor = query.one("view"), query.one("limit"), query.one("cursor")
    return ListRequest(
        view=View.CORE if view is None else _view(view),
        page=None if limit is None and cursor is None else page_of(limit, cursor),
        coding=content_coding(headers.get("accept-encoding")),
        conditions=Conditions(headers.get("if-match"), headers.get("if-none-match")),
        head=call.request.method == "HEAD",
        path=path,
        name=name,
        started=perf_counter(),
    )


def _view(text: str) -> View:
    if text not in list(View):
        raise Malformed(f"The parameter 'view' must be one of: {', '.join(View)}.")
    return View(text)


def _unknown_genre(name: str) -> str | None:
    """The name that a genre of this spelling would have; None if no genre can have it."""
    tidy = genres.tidy(name) if genres.may_be_spelling(name) else ""
    return None if genres.objection(tidy) else tidy
