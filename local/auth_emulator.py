"""The Firebase Auth emulator of `make run`: it is installed while the API already serves.

`python -m local.auth_emulator SOCKET` installs the packages and becomes the emulator.
"""

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

from local.node_packages import NodePackages, check_node
from local.process import Child, StartError, bound_socket
from local.programs import MissingProgramError
from local.services import (
    AUTH_PROJECT,
    auth_emulator_command,
    auth_emulator_service,
    start_auth_emulator,
)

USERS = Path(".local/users.json")
"""Where the emulator keeps its users from one run to the next."""

NOTE = "NOTE: "
"""Begins the lines of the emulator's output that are for the user."""

USUAL_PORT = 9099

NOT_INSTALLED = 69
"""The exit status if the packages could not be installed: EX_UNAVAILABLE of sysexits.h."""


class AuthEmulator:
    """An emulator that is being started (Node), and before that perhaps installed (npm).

    It has its port from now on. While it is installed, callers are refused; while it starts, they
    wait.
    """

    def __init__(self, running: ExitStack) -> None:
        """Begin; `running` stops what was started. Raises MissingProgramError without Node."""
        check_node()
        self._packages = NodePackages()
        self.was_installed = self._packages.installed
        with bound_socket(USUAL_PORT, listening=self.was_installed) as listener:
            if self.was_installed:
                self._service = start_auth_emulator(USERS, listener)
            else:
                command = [sys.executable, "-m", "local.auth_emulator", str(listener.fileno())]
                self._service = auth_emulator_service(command, listener)
        running.enter_context(self._service.process)

    @property
    def process(self) -> Child:
        return self._service.process

    @property
    def settings(self) -> dict[str, str]:
        return {
            "FIREBASE_AUTH_EMULATOR_HOST": self._service.address,
            "FIREBASE_PROJECT_ID": AUTH_PROJECT,
            "FIREBASE_API_KEY": "emulator",
        }

    @property
    def has_started(self) -> bool:
        """Whether `wait` would return at once."""
        return self._service.ready() or self.process.status is not None

    def wait(self) -> str:
        """Wait until it answers; return an empty text, or why it never will."""
        try:
            self._service.wait()
        except StartError as fault:
            return self._diagnosis(self.process.status, str(fault).splitlines()[0])
        return ""

    def notes(self) -> list[str]:
        """What it has said to the user."""
        lines = self.process.output().splitlines()
        return [line.removeprefix(NOTE) for line in lines if line.startswith(NOTE)]

    def _diagnosis(self, status: int | None, fault: str) -> str:
        if status == NOT_INSTALLED:
            return self.process.output().strip()
        message = f"The Firebase Auth emulator did not start: {fault}"
        # It ended by itself: its packages must be damaged.
        if (status or 0) > 0:
            self._packages.forget()
            return f"{message}. The next `make run` installs it again"
        return message


def main(listener: int) -> NoReturn:
    """Install the packages and become the emulator, or exit with NOT_INSTALLED and npm's output."""
    os.set_inheritable(listener, False)  # npm does not get it
    packages = NodePackages()
    try:
        if npm := packages.begin():
            packages.finish(npm)
        command = auth_emulator_command(listener, USERS)
    except MissingProgramError as reason:
        print(reason)
        sys.exit(NOT_INSTALLED)
    os.set_inheritable(listener, True)
    os.execv(command[0], command)  # noqa: S606 - becomes the program: no shell is wanted


if __name__ == "__main__":
    main(int(sys.argv[1]))
