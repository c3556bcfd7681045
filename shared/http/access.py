"""Who calls, and whether they may: the one place where a route's access is enforced."""

import azure.functions as func

from shared.auth.roles import User, may_administer, may_write
from shared.errors import Forbidden, Unauthenticated
from shared.http.route import Access
from shared.services import Services


async def authenticate(
    services: Services, request: func.HttpRequest, access: Access
) -> User | None:
    """The user of a route that asks for one. Raises Unauthenticated, Forbidden, AuthUnavailable.

    Each call asks Firebase whether the token was revoked.
    """
    if access is Access.PUBLIC:
        return None
    user = await _verified(services, _bearer_token(request))
    if access is Access.EDITOR and not may_write(user):
        raise _insufficient("This needs the role 'editor' or 'admin'.")
    if access is Access.ADMIN and not may_administer(user):
        raise _insufficient("This needs the role 'admin'.")
    return user


async def _verified(services: Services, token: str) -> User:
    """RFC 6750, section 3.1: a token that was sent and is not accepted is named as the reason."""
    try:
        return await services.auth.verifier.verify(token)
    except Unauthenticated as error:
        error.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        raise


def _insufficient(detail: str) -> Forbidden:
    return Forbidden(detail, {"WWW-Authenticate": 'Bearer error="insufficient_scope"'})


def _bearer_token(request: func.HttpRequest) -> str:
    """The token of RFC 6750, section 2.1. Raises Unauthenticated."""
    header: str = request.headers.get("authorization", "")
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send a Firebase ID token: 'Authorization: Bearer <idToken>'.")
    return token.strip()
