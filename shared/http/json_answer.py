"""A small JSON answer that must not be cached."""

from pydantic import BaseModel

from shared.http.answer import Answer
from shared.http.json_text import json_bytes


def json_answer(content: BaseModel, status: int = 200) -> Answer:
    """The content as JSON, with `Cache-Control: no-store`."""
    data = json_bytes(content.model_dump(by_alias=True))
    return Answer(data, "application/json", status, {"Cache-Control": "no-store"})
