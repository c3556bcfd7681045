"""What a caller wants of a list: view, page, content coding, and which copy it has already."""

from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter

from shared.cache.cached_list import Unless, never
from shared.errors import Malformed
from shared.http.negotiation import Conditions, content_coding, entity_tag
from shared.http.pages import Page, page_of
from shared.http.query import Query
from shared.http.route import Call
from shared.tracks.track import View


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A read of a list, whole or (`page`) a slice of it.

    `path` and `arguments` are those of a link to the same list; `started` is a reading of
    perf_counter.
    """

    view: View
    page: Page | None
    coding: str
    conditions: Conditions
    head: bool
    path: str
    arguments: dict[str, str]
    started: float

    def tag(self, digest: str) -> str:
        """The entity tag of the answer from the list with this digest.

        It needs no row: the same slice of the same list is the same page.
        """
        name = digest if self.page is None else f"{digest}-{self.page.name}"
        return entity_tag(name, self.coding)

    @property
    def unless(self) -> Unless:
        """Whether the list with a digest is answered without its body: HEAD, 304 and 412."""
        if self.head and self.page is None:
            return lambda _: True
        if self.conditions.if_none_match is None:
            return never
        return lambda digest: self.conditions.status(self.tag(digest)) != HTTPStatus.OK


def list_request(call: Call, query: Query, path: str, arguments: dict[str, str]) -> ListRequest:
    """Read the request. Raises Malformed, NotAcceptable."""
    headers = call.request.headers
    view, limit, cursor = query.one("view"), query.one("limit"), query.one("cursor")
    return ListRequest(
        view=View.CORE if view is None else _view(view),
        page=None if limit is None and cursor is None else page_of(limit, cursor),
        coding=content_coding(headers.get("accept-encoding")),
        conditions=Conditions(headers.get("if-match"), headers.get("if-none-match")),
        head=call.request.method == "HEAD",
        path=path,
        arguments=arguments if view in (None, View.CORE) else {**arguments, "view": view},
        started=perf_counter(),
    )


def _view(text: str) -> View:
    if text not in list(View):
        raise Malformed(f"The parameter 'view' must be one of: {', '.join(View)}.")
    return View(text)
