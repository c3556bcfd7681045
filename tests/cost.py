"""The cost of a call in figures that do not depend on the speed of the machine."""

import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import MethodDescriptorType
from typing import Any, Final, Self

_TOOL: Final = sys.monitoring.PROFILER_ID
_EVENTS: Final = sys.monitoring.events


class Cost:
    """Counts Python's instructions, and the length of each text that a C method is called on.

    So a loop that searches the same text again and again shows, although it is written in C.
    """

    def __init__(self) -> None:
        self.total = 0

    def __enter__(self) -> Self:
        monitoring = sys.monitoring
        monitoring.use_tool_id(_TOOL, "cost")
        monitoring.register_callback(_TOOL, _EVENTS.INSTRUCTION, self._instruction)
        monitoring.register_callback(_TOOL, _EVENTS.CALL, self._call)
        monitoring.set_events(_TOOL, _EVENTS.INSTRUCTION | _EVENTS.CALL)
        return self

    def __exit__(self, *_: object) -> None:
        sys.monitoring.set_events(_TOOL, _EVENTS.NO_EVENTS)
        sys.monitoring.free_tool_id(_TOOL)

    def _instruction(self, *_: object) -> None:
        self.total += 1

    def _call(self, _code: object, _place: int, function: object, subject: object) -> None:
        if isinstance(subject, str | bytes) and isinstance(function, MethodDescriptorType):
            self.total += len(subject)


def cost(work: Callable[[], object]) -> int:
    """The cost of `work`, whether it returns or raises."""
    with Cost() as counted, suppress(Exception):
        work()
    return counted.total


async def cost_of_awaiting(work: Callable[[], Awaitable[Any]]) -> int:
    with Cost() as counted:
        await work()
    return counted.total
