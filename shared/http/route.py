"""A route (name, path, methods, access, handler) and a call of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

import azure.functions as func

from shared.auth.roles import User
from shared.http.answer import Answer
from shared.services import Services


class Access(StrEnum):
    """Who may call a route.

    LOCAL_OR_ADMIN is an admin, or anyone where CACHE_STATUS_PUBLIC is set, which Azure refuses.
    """

    PUBLIC = "public"
    USER = "user"
    EDITOR = "editor"
    ADMIN = "admin"
    LOCAL_OR_ADMIN = "local or admin"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a route. `user` is set where the route asks for one.

    A handler adds to `labels`: attributes of the metric that counts this request.
    """

    request: func.HttpRequest
    services: Services
    routes: "tuple[Route, ...]"
    user: User | None = None
    labels: dict[str, str] = field(default_factory=dict)

    @property
    def signed_in(self) -> User:
        """The user of a route that is not public."""
        if self.user is None:
            raise LookupError("a public route has no user")
        return self.user


type Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """`name` is the function's name: the platform tries routes in the order of these names."""

    name: str
    path: str
    methods: tuple[str, ...]
    access: Access
    handler: Handler
