"""The Firebase Auth emulator of `make run`, installed and started while the database is loaded."""

from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from local.node_packages import NodePackages, check_node
from local.process import Child, StartError, free_port
from local.programs import MissingProgramError
from local.services import AUTH_PROJECT, Service, start_auth_emulator

USERS = Path(".local/users.json")
"""Where the emulator keeps its users from one run to the next."""

NOTE = "NOTE: "
"""Begins the lines of the emulator's output that are for the user."""

USUAL_PORT = 9099


class AuthEmulator:
    """An emulator that is being installed (npm) or started (Node) in the background."""

    def __init__(self, running: ExitStack) -> None:
        """Begin; `running` stops what was started. Raises MissingProgramError without Node."""
        check_node()
        self._running = running
        self._packages = NodePackages()
        self._service: Service | None = None
        self._npm: Child | None = None if self._packages.installed else self._packages.begin()
        if self._npm:
            running.enter_context(self._npm)
        else:
            self._service = self._start()

    def settings(self, console: Console) -> dict[str, str]:
        """Wait until it is installed; return its settings. Raises MissingProgramError."""
        if self._npm:
            with console.status("Installing the Firebase Auth emulator (npm) ..."):
                self._packages.finish(self._npm)
        self._service = self._service or self._start()
        return {
            "FIREBASE_AUTH_EMULATOR_HOST": self._service.address,
            "FIREBASE_PROJECT_ID": AUTH_PROJECT,
            "FIREBASE_API_KEY": "emulator",
        }

    def wait(self, console: Console) -> Child:
        """Wait until it answers; call `settings` before. Raises MissingProgramError."""
        service = self._service or self._start()
        try:
            with console.status("Starting the Firebase Auth emulator ..."):
                service.wait()
        except StartError as fault:
            raise MissingProgramError(self._diagnosis(service.process, fault)) from fault
        for line in service.process.output().splitlines():
            if line.startswith(NOTE):
                console.print(line.removeprefix(NOTE), markup=False, soft_wrap=True)
        return service.process

    def _diagnosis(self, emulator: Child, fault: StartError) -> str:
        message = f"The Firebase Auth emulator did not start: {str(fault).splitlines()[0]}"
        # It ended by itself: its packages must be damaged.
        if (emulator.status or 0) > 0:
            self._packages.forget()
            return f"{message}. The next `make run` installs it again"
        return message

    def _start(self) -> Service:
        service = start_auth_emulator(USERS, port=free_port(USUAL_PORT))
        self._running.enter_context(service.process)
        return service
