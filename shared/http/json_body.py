"""A request's JSON body, read strictly: what a lenient parser would guess is refused."""

import json
from typing import Any, Final, NoReturn

import azure.functions as func
from pydantic import BaseModel, ValidationError

from shared.errors import FieldError, Invalid, Malformed, TooLarge, UnsupportedMedia

MAX_BYTES: Final = 64 * 1024


def json_body[M: BaseModel](request: func.HttpRequest, model: type[M]) -> M:
    """The body as `model`.

    Raises UnsupportedMedia, TooLarge, Malformed (with the place), or Invalid (with every field).
    """
    data = request.get_body()
    if len(data) > MAX_BYTES:
        raise TooLarge(f"The body may have at most {MAX_BYTES} bytes.")
    _check_media_type(request.headers.get("content-type", ""))
    document = _parse(data)
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise Invalid(_fields(error)) from None


def _check_media_type(text: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in text.split(";"))
    if media_type != "application/json":
        raise UnsupportedMedia("Send the body as 'Content-Type: application/json'.")
    charsets = [text.removeprefix("charset=").strip('"') for text in parameters if text]
    if any(text not in {"utf-8", "utf8"} for text in charsets if "=" not in text):
        raise UnsupportedMedia("Send the body in UTF-8 (RFC 8259, section 8.1).")


def _parse(data: bytes) -> Any:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8: byte {error.start}.") from None
    try:
        return json.loads(
            text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"The body is not JSON: {error.msg} at {place}.") from None
    except RecursionError:
        raise Malformed("The body is nested too deeply.") from None
    except ValueError:
        raise Malformed("The body holds a number with too many digits.") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Malformed(f"The name {json.dumps(twice)} stands twice in one object.")
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"The body is not JSON: {name} is no number (RFC 8259, section 6).")


def _fields(error: ValidationError) -> list[FieldError]:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    return [FieldError(_path(fault["loc"]), _message(fault["msg"])) for fault in faults]


def _path(location: tuple[int | str, ...]) -> str:
    """The field's path; a name that is no Unicode text (a lone surrogate) is escaped."""
    path = ".".join(str(part) for part in location) or "body"
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def _message(text: str) -> str:
    return text.removeprefix("Value error, ")
