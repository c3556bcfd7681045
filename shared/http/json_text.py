"""JSON text, read strictly: what a lenient parser would guess is refused."""

import json
from typing import Any, NoReturn

from shared.errors import Malformed


def parse_json(data: bytes) -> Any:
    """The document. Raises Malformed with the place, or with what RFC 8259 and I-JSON forbid."""
    if not data:
        # The platform drops a body that comes in chunks without a length.
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
        raise Malformed("The body holds a lone surrogate, which is no character.") from None
    except ValueError:
        raise Malformed("The body holds a number with too many digits.") from None
    return document


def _check_surrogates(text: str, document: Any) -> None:
    """RFC 7493, section 2.1: half a character cannot be stored, and means nothing."""
    if "\\u" in text:
        json.dumps(document, ensure_ascii=False).encode("utf-8")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name in document:
            raise Malformed(f"The name {json.dumps(name)} stands twice in one object.")
        document[name] = value
    return document


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"The body is not JSON: {name} is no number (RFC 8259, section 6).")
