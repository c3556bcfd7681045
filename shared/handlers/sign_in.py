"""`/signup`, `/login`, `/token` and `/logout`."""

from shared.auth.accounts import Tokens
from shared.auth.client_address import client_address
from shared.errors import Unauthenticated
from shared.http.answer import Answer
from shared.http.answer_bodies import SignedUpUser, TokenAnswer
from shared.http.json_answer import json_answer
from shared.http.json_body import json_body
from shared.http.request_bodies import Credentials, NewUser, RefreshRequest
from shared.http.route import Call
from shared.telemetry import Count


async def sign_up(call: Call) -> Answer:
    """Create a Firebase user."""
    new = json_body(call.request, NewUser)
    auth = call.services.auth
    await auth.limits.check("signup", client_address(call.request.headers), new.email)
    user = await auth.accounts.sign_up(new.email, new.password.get_secret_value(), new.display_name)
    return json_answer(SignedUpUser(uid=user.uid, email=user.email), status=201)


async def log_in(call: Call) -> Answer:
    """Exchange e-mail and password for tokens."""
    given = json_body(call.request, Credentials)
    auth = call.services.auth
    await auth.limits.check("login", client_address(call.request.headers), given.email)
    try:
        tokens = await auth.accounts.log_in(given.email, given.password.get_secret_value())
    except Unauthenticated:
        call.services.events.count(Count.LOGIN_REJECTED)
        raise
    return json_answer(_answer(tokens))


async def refresh(call: Call) -> Answer:
    """Exchange a refresh token for new tokens."""
    given = json_body(call.request, RefreshRequest)
    auth = call.services.auth
    await auth.limits.check("login", client_address(call.request.headers), None)
    return json_answer(_answer(await auth.accounts.refresh(given.refresh_token.get_secret_value())))


async def log_out(call: Call) -> Answer:
    """End every sign-in of the user, on all devices."""
    await call.services.auth.accounts.log_out(call.signed_in)
    return Answer(b"", "text/plain", 204, {"Cache-Control": "no-store"})


def _answer(tokens: Tokens) -> TokenAnswer:
    return TokenAnswer(
        id_token=tokens.id_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        uid=tokens.uid,
    )
