"""`/features`, `/features/custom`, `/features/new` and `/cache/purge`."""

from shared.auth.client_address import client_address
from shared.errors import Malformed, NotFound
from shared.http.answer import Answer
from shared.http.answer_bodies import FullRecord, Purged
from shared.http.json_answer import json_answer
from shared.http.json_body import json_body
from shared.http.list_answer import list_answer
from shared.http.list_request import list_request, query_of
from shared.http.request_bodies import NewTrack, Purge
from shared.http.route import Call


async def read_all(call: Call) -> Answer:
    """The first records of all genres, ordered by id.

    The setting FEATURES_LIMIT is their number: 100,000.
    """
    want = list_request(call, query_of(call.request), "/features")
    return await list_answer(call, want, await call.services.reader.all(want.view, want.unless))


async def read_genre(call: Call) -> Answer:
    """Every record of one genre, ordered by id.

    The genre is `?arg=Pop`, or `?=Pop`.
    """
    query = query_of(call.request)
    name = query.one("arg", "")
    if not name or not name.strip():
        raise Malformed("Name a genre: '/features/custom?arg=Pop'.")
    want = list_request(call, query, "/features/custom", name)
    served = await call.services.reader.genre(name, want.view, want.unless)
    return await list_answer(call, want, served)


async def create(call: Call) -> Answer:
    """Store one record.

    Needs the role `editor` or `admin`. Whole numbers may be sent as strings.
    """
    user = call.signed_in
    await call.services.auth.limits.check("new", client_address(call.request.headers), user.uid)
    new = json_body(call.request, NewTrack)
    track = await call.services.writer.add(new.track())
    return json_answer(FullRecord.of(track), status=201)


async def purge(call: Call) -> Answer:
    """Invalidate a list on every instance.

    Needs the role `admin`. The list gets a new version in SQL, so that no copy of it is served any
    more.
    """
    given = json_body(call.request, Purge)
    scope = await call.services.reader.scope(given.scope)
    if scope is None:
        raise NotFound("There is no genre of this name.")
    await call.services.writer.purge([scope])
    return json_answer(Purged(scope=scope))
