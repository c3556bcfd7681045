"""What a caller wants of a list."""

from dataclasses import dataclass
from time import perf_counter

from shared.cache.cached_list import Unless, never
from shared.errors import Malformed
from shared.http.negotiation import content_coding
from shared.http.pages import Page, page_of
from shared.http.query import Query
from shared.http.route import Call
from shared.http.validators import Conditions, entity_tag
from shared.tracks.track import View


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A read of a list. `path` and `arguments` lead back to it; `started` is of perf_counter."""

    view: View
    page: Page | None
    coding: str
    conditions: Conditions
    head: bool
    path: str
    arguments: dict[str, str]
    started: float

    def tag(self, digest: str) -> str:
        """The entity tag of what is asked for, of the list with this digest.

        It needs no row: the same list, cut at the same place, is the same page.
        """
        name = digest if self.page is None else f"{digest}-{self.page.name}"
        return entity_tag(name, self.coding)

    @property
    def unless(self) -> Unless:
        """When the list's body is not needed: HEAD, or a caller who has it."""
        if self.head and self.page is None:
            return lambda _: True
        if self.conditions.if_none_match is None:
            return never
        return lambda digest: self.conditions.knows(self.tag(digest))


def list_request(call: Call, query: Query, path: str, arguments: dict[str, str]) -> ListRequest:
    """Read the request. Raises Malformed, NotAcceptable."""
    headers, view = call.request.headers, _view(query)
    return ListRequest(
        view=view,
        page=page_of(query),
        coding=content_coding(headers.get("accept-encoding")),
        conditions=Conditions(headers.get("if-match"), headers.get("if-none-match")),
        head=call.request.method == "HEAD",
        path=path,
        arguments=arguments if view is View.CORE else {**arguments, "view": view},
        started=perf_counter(),
    )


def _view(query: Query) -> View:
    text = query.one("view")
    if text is None:
        return View.CORE
    if text not in list(View):
        raise Malformed(f"The parameter 'view' must be one of: {', '.join(View)}.")
    return View(text)
