"""Captures log messages in tests on virtual time, which cannot use pytest's fixture."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class _Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@contextmanager
def captured_log(module: str) -> Iterator[list[str]]:
    """Yield the list of messages that a module logs during the block."""
    handler, log = _Lines(), logging.getLogger(module)
    log.addHandler(handler)
    yield handler.lines
    log.removeHandler(handler)
