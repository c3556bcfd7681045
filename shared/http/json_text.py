"""JSON text: a strict parser, which refuses duplicate names, NaN and lone surrogates; a writer."""

import json
from typing import Any, Final, NoReturn

import orjson

from shared.errors import Malformed

_MAX_NAME: Final = 80


def parse_json(data: bytes) -> Any:
    """Parse UTF-8 JSON (RFC 8259, and I-JSON: RFC 7493). Raises Malformed with the place."""
    if not data:
        # The platform drops a chunked body, which has no Content-Length.
        raise Malformed("The body is empty; send it with a Content-Length.")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8: byte {error.start}.") from None
    try:
        document = json.loads(
            text, object_pairs_hook=_without_duplicates, parse_constant=_refuse_constant
        )
        _check_surrogates(text, document)
    except RecursionError:
        raise Malformed("The body is nested too deeply.") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"The body is not JSON: {error.msg} at {place}.") from None
    except UnicodeEncodeError:
        raise Malformed("The body contains a lone surrogate, which is not a character.") from None
    except ValueError:
        raise Malformed("The body contains a number with too many digits.") from None
    return document


def _check_surrogates(text: str, document: Any) -> None:
    """RFC 7493, section 2.1: a lone surrogate is half a character and has no UTF-8 form."""
    if "\\u" in text:
        json.dumps(document, ensure_ascii=False).encode("utf-8")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise Malformed(f"The name {json.dumps(shortened(name))} is used twice in one object.")
        document[name] = value
    return document


def shortened(name: str) -> str:
    """A caller's name as an answer repeats it."""
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…"


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"The body is not JSON: {name} is not a number (RFC 8259, section 6).")


def json_bytes(document: Any) -> bytes:
    """Write UTF-8 JSON. A lone surrogate, as a token's claims may have it, becomes `?`."""
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:
        return json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
