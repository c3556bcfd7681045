"""Prints what a first request of a prepared process imports: `... FUNCTION...`, a line for each."""

import asyncio
import sys
import threading

from shared.services import PREPARING
from tests.unit.first_request_imports import calls


def _ours_or_of_packages() -> set[str]:
    return {name for name in sys.modules if name.partition(".")[0] not in sys.stdlib_module_names}


async def main() -> None:
    names = sys.argv[1:]
    calls_of = dict(zip(names, list(calls(names)), strict=True))
    for thread in threading.enumerate():
        if thread.name == PREPARING:
            thread.join()
    for name, call in calls_of.items():
        before = _ours_or_of_packages()
        answer = await call
        late = sorted(_ours_or_of_packages() - before)
        sys.stdout.write(f"{name} {answer.status_code} {' '.join(late)}\n")


if __name__ == "__main__":
    asyncio.run(main())
