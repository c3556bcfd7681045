"""`/`, `/api/version`, `/api/health` and `/cache/status`."""

import os

from shared.errors import DatabaseUnavailable
from shared.http.answer import Answer
from shared.http.answer_bodies import About, Greeting, Health, Instance, Status
from shared.http.json_answer import json_answer
from shared.http.route import Call
from shared.printable import printable
from shared.services import Services
from shared.version import NAME, VERSION


async def greet(call: Call) -> Answer:
    """Greet the user by name."""
    user = call.signed_in
    name = printable(user.name or user.email or user.uid)
    return json_answer(Greeting(message=f"Hello, {name}!"))


async def version(call: Call) -> Answer:
    """Name, version and commit."""
    commit = call.services.settings.commit
    return json_answer(About(name=NAME, version=VERSION, commit=commit or "unknown"))


async def health(call: Call) -> Answer:
    """The state of SQL, Redis and sign-in.

    503 if SQL cannot be reached: every list is checked against it.
    """
    state = await call.services.health.state()
    sql = "up" if state.sql_down is None else "down"
    identity = "set up" if call.services.settings.firebase_project_id else "not set up"
    found = Health(status=sql, sql=sql, redis=state.redis, identity=identity)
    if state.sql_down is None:
        return json_answer(found)
    error = DatabaseUnavailable(state.sql_down)
    error.members = found.model_dump(exclude={"status"})
    raise error


async def status(call: Call) -> Answer:
    """The state of every list, and of the process that answers.

    Needs the role `admin`, except where CACHE_STATUS_PUBLIC is set. While SQL or Redis is
    unavailable it says so, with what is known.
    """
    lists = await call.services.status.lists()
    found = Status(
        sql=lists.sql,
        redis=lists.redis,
        epoch=lists.epoch,
        lists=lists.lists,
        process=call.services.status.process(),
        instance=_instance(call.services),
    )
    return json_answer(found)


def _instance(services: Services) -> Instance:
    return Instance(
        id=services.settings.website_instance_id or "local",
        process_id=os.getpid(),
        running_seconds=round(services.clock() - services.started_at, 1),
        version=VERSION,
        commit=services.settings.commit or "unknown",
    )
