"""Which user calls, and whether the route allows it: enforced here and nowhere else."""

import azure.functions as func

from shared.auth.roles import User, may_administer, may_write
from shared.errors import Forbidden, Unauthenticated
from shared.http.route import Access, Call
from shared.services import Services


async def authenticate(call: Call, access: Access) -> User:
    """Return the user of a route that is not public; each call asks Firebase about revocation.

    Raises Unauthenticated, Forbidden, AuthUnavailable.
    """
    user = await _verified(call.services, _bearer_token(call.request))
    if access is Access.EDITOR and not may_write(user):
        raise _forbidden("This needs the role 'editor' or 'admin'.")
    if access is Access.ADMIN and not may_administer(user):
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
