"""A small JSON answer that no cache may keep."""

from typing import Any

import azure.functions as func
import orjson
from pydantic import BaseModel


def json_answer(
    content: BaseModel | dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
) -> func.HttpResponse:
    """The content as JSON, `Cache-Control: no-store` unless `headers` say otherwise."""
    document = (
        content.model_dump(mode="json", by_alias=True)
        if isinstance(content, BaseModel)
        else content
    )
    return func.HttpResponse(
        orjson.dumps(document),
        status_code=status,
        mimetype="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )
