"""`/`, `/api/version` and `/api/health`."""

import asyncio
from typing import Final

import azure.functions as func

from shared.cache.store import NoStore, StoreUnavailable
from shared.errors import DatabaseUnavailable
from shared.http.answer_bodies import About, Greeting, Health
from shared.http.json_answer import json_answer
from shared.http.route import Call
from shared.printable import printable
from shared.services import Services
from shared.version import NAME, VERSION

HEALTH_SECONDS: Final = 2.0
"""Waiting longer for SQL counts as down."""


async def greet(call: Call) -> func.HttpResponse:
    """Greet the user by name."""
    user = call.signed_in
    name = printable(user.name or user.email or user.uid)
    return json_answer(Greeting(message=f"Hello, {name}!"))


async def version(call: Call) -> func.HttpResponse:
    """Name, version and commit."""
    commit = call.services.settings.commit
    return json_answer(About(name=NAME, version=VERSION, commit=commit or "unknown"))


async def health(call: Call) -> func.HttpResponse:
    """The state of SQL, Redis and sign-in.

    503 if SQL cannot be reached: every list is checked against it.
    """
    error, redis = await asyncio.gather(_sql(call.services), _redis(call.services))
    sql = "down" if error else "up"
    identity = "set up" if call.services.settings.firebase_project_id else "not set up"
    state = Health(status=sql, sql=sql, redis=redis, identity=identity)
    if error is None:
        return json_answer(state)
    error.members = state.model_dump(exclude={"status"})
    raise error


async def _sql(services: Services) -> DatabaseUnavailable | None:
    """Return the reason why SQL is down, None if it is up."""
    try:
        async with asyncio.timeout(HEALTH_SECONDS):
            await services.database.versions()
    except DatabaseUnavailable as error:
        return error
    except TimeoutError:
        return DatabaseUnavailable()
    return None


async def _redis(services: Services) -> str:
    if isinstance(services.store, NoStore):
        return "not used"
    try:
        await services.store.ping()
    except StoreUnavailable:
        return "down"
    return "up"
