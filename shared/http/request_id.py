"""The id of the request that is being answered, in its answer and in every line of its log."""

import logging
import re
import secrets
from contextvars import ContextVar
from typing import Final

_GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def begin_request(given: str) -> str:
    """Take the caller's id if it is a harmless text, else make one; it holds for this task."""
    request_id = given if _GIVEN.fullmatch(given) else secrets.token_hex(8)
    _current.set(request_id)
    return request_id


def mark_logs() -> None:
    """Give every log record a `request_id`; exporters send it as a property of its own."""
    make = logging.getLogRecordFactory()

    def marked(*args: object, **kwargs: object) -> logging.LogRecord:
        record = make(*args, **kwargs)
        record.request_id = _current.get()
        return record

    logging.setLogRecordFactory(marked)
