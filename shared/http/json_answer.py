"""A small JSON answer that must not be cached."""

import azure.functions as func
import orjson
from pydantic import BaseModel


def json_answer(content: BaseModel, status: int = 200) -> func.HttpResponse:
    """The content as JSON, with `Cache-Control: no-store`."""
    return func.HttpResponse(
        orjson.dumps(content.model_dump(mode="json", by_alias=True)),
        status_code=status,
        mimetype="application/json",
        headers={"Cache-Control": "no-store"},
    )
