"""What was logged, where pytest's own fixture cannot go: a test on virtual time takes none."""

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
def said(module: str) -> Iterator[list[str]]:
    """The messages that the module logs within the block, as they come."""
    handler, log = _Lines(), logging.getLogger(module)
    log.addHandler(handler)
    yield handler.lines
    log.removeHandler(handler)
