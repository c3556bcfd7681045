"""A request's JSON body. Size, media type, JSON text and fields are checked in this order."""

from collections.abc import Mapping
from typing import Any, Final

import azure.functions as func
from pydantic import BaseModel, ValidationError

from shared.errors import FieldError, Invalid, TooLarge, UnsupportedMedia
from shared.http.json_text import parse_json, shortened
from shared.http.media_type import media_type

MAX_BYTES: Final = 64 * 1024
"""The largest possible record takes 3 KB."""

MAX_FIELDS: Final = 50
"""More than any body has: an answer names each invalid field, so their number is bounded."""

_MESSAGES: Final = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "model_type": "must be a JSON object",
    "string_type": "must be a string",
    "string_pattern_mismatch": "does not have the required format",
}
"""Replace pydantic's messages that use Python's names of types."""

_LENGTHS: Final = {
    "too_short": ("at least", "min_length"),
    "string_too_short": ("at least", "min_length"),
    "too_long": ("at most", "max_length"),
    "string_too_long": ("at most", "max_length"),
}
"""pydantic uses both names for strings: the ones without `string_` are those of secrets."""


def json_body[M: BaseModel](request: func.HttpRequest, model: type[M]) -> M:
    """Parse and validate the body.

    Raises TooLarge, UnsupportedMedia, Malformed (with line and column), Invalid (with every
    invalid field).
    """
    _check_size(request)
    _check_media_type(request.headers)
    document = parse_json(request.get_body())
    if isinstance(document, dict) and len(document) > MAX_FIELDS:
        raise Invalid([FieldError("body", f"must have at most {MAX_FIELDS} fields")])
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise Invalid(_fields(error)) from None


def _check_size(request: func.HttpRequest) -> None:
    """Check Content-Length first: a body that is too large is then never read."""
    announced: str = request.headers.get("content-length", "")
    too_long = announced.isascii() and announced.isdigit() and _exceeds(announced)
    if too_long or len(request.get_body()) > MAX_BYTES:
        raise TooLarge(f"The body may have at most {MAX_BYTES} bytes.")


def _exceeds(digits: str) -> bool:
    """Compare the lengths first, so that thousands of digits are never converted to a number."""
    digits = digits.lstrip("0")
    return len(digits) > len(str(MAX_BYTES)) or int(digits or "0") > MAX_BYTES


def _check_media_type(headers: Mapping[str, str]) -> None:
    if headers.get("content-encoding", "identity").strip().lower() not in {"identity", ""}:
        raise UnsupportedMedia("Send the body uncompressed, without Content-Encoding.")
    content = media_type(headers.get("content-type", ""))
    if content is None or content.name != "application/json":
        raise UnsupportedMedia("Send the body as 'Content-Type: application/json'.")
    if not all(_is_utf8(name, value) for name, value in content.parameters):
        raise UnsupportedMedia("Send the body in UTF-8 (RFC 8259, section 8.1).")


def _is_utf8(name: str, value: str) -> bool:
    """Whether a parameter names no other charset; the spellings of RFC 8187 are not decoded."""
    if name == "charset":
        return value.lower() in {"utf-8", "utf8"}
    return not name.startswith("charset*")


def _fields(error: ValidationError) -> list[FieldError]:
    faults = error.errors(include_url=False, include_input=False)
    return [FieldError(_path(fault["loc"]), _message(fault)) for fault in faults]


def _path(location: tuple[int | str, ...]) -> str:
    return shortened(".".join(str(part) for part in location)) or "body"


def _message(fault: Mapping[str, Any]) -> str:
    if limit := _LENGTHS.get(fault["type"]):
        words, name = limit
        return f"must have {words} {fault['ctx'][name]} characters"
    return _MESSAGES.get(fault["type"]) or str(fault["msg"]).removeprefix("Value error, ")
