"""`/`, `/api/version` and `/api/health`."""

from shared.errors import DatabaseUnavailable
from shared.http.answer import Answer
from shared.http.answer_bodies import About, Greeting, Health
from shared.http.json_answer import json_answer
from shared.http.route import Call
from shared.printable import printable
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
