"""The requests of examples/smart-cache.http, sent in order, get the status in their title."""

import re
import uuid

from shared.auth.roles import Role
from tests.api.api_client import Answer, Api
from tests.repository.http_file import EXAMPLES, Request, filled, requests, variables

TEXT = EXAMPLES.read_text("utf-8")


async def test_every_request_is_answered_as_its_title_says(auth_api: Api) -> None:
    values = {**variables(TEXT), "url": "", "email": f"{uuid.uuid4().hex}@example.org"}
    for request in requests(TEXT):
        if request.name == "login":
            await auth_api.services.auth.roles.grant(values["email"], Role.ADMIN)
        answer = await _send(auth_api, request, values)
        assert answer.status in request.statuses, (request.title, answer.body)
        values |= _taken(request, answer)


async def _send(api: Api, request: Request, values: dict[str, str]) -> Answer:
    headers = {name: filled(text, values) for name, text in request.headers.items()}
    body = filled(request.body, values).encode()
    return await api.call(request.method, filled(request.url, values), headers, body)


def _taken(request: Request, answer: Answer) -> dict[str, str]:
    """The values of this answer that later requests use, by name."""
    place = f"{request.name}.response"
    cursor = re.search(r'cursor=([^&>]+)[^,]*rel="next"', answer.headers.get("Link", ""))
    taken = {"cursor": cursor[1]} if cursor else {}
    taken |= {f"{place}.headers.ETag": answer.headers.get("ETag", "")}
    if request.name == "login":
        taken |= {f"{place}.body.$.{name}": text for name, text in answer.json().items()}
    return taken
