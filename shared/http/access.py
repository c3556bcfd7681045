"""Which user calls, and whether the route allows it: enforced here and nowhere else."""

from typing import Final

import azure.functions as func

from shared.auth.roles import User, may_administer, may_write
from shared.errors import Forbidden, Unauthenticated
from shared.http.route import Access, Call
from shared.services import Services

_FOR_ADMINS: Final = (Access.ADMIN, Access.LOCAL_OR_ADMIN)


async def authenticate(call: Call, access: Access) -> User | None:
    """Return the user of a route that is not public; each call asks Firebase about revocation.

    None where the settings let anyone call it. Raises Unauthenticated, Forbidden, AuthUnavailable.
    """
    if access is Access.LOCAL_OR_ADMIN and call.services.settings.cache_status_public:
        return None
    user = await _verified(call.services, _bearer_token(call.request))
    if access is Access.EDITOR and not may_write(user):
        raise _forbidden("This needs the role 'editor' or 'admin'.")
    if access in _FOR_ADMINS and not may_administer(user):
        raise _forbidden("This needs the role 'admin'.")
    return user


async def _verified(services: Services, token: str) -> User:
    try:
        return await services.auth.verifier.verify(token)
    except Unauthenticated as error:
        # RFC 6750, section 3.1: only a token that was sent can be named as the reason.
        error.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        raise


def _forbidden(detail: str) -> Forbidden:
    return Forbidden(detail, {"WWW-Authenticate": 'Bearer error="insufficient_scope"'})


def _bearer_token(request: func.HttpRequest) -> str:
    """The token of RFC 6750, section 2.1. Raises Unauthenticated."""
    header: str = request.headers.get("authorization", "")
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send a Firebase ID token: 'Authorization: Bearer <idToken>'.")
    return token.strip()
