"""The Firebase Auth emulator of `make run`, got ready while the database is filled."""

from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from local.node_packages import NodePackages, check_node
from local.process import Child, StartError, free_port
from local.programs import MissingProgramError
from local.services import AUTH_PROJECT, Service, start_auth_emulator

USERS = Path(".local/users.json")
"""Where the emulator's users stay from one run to the next."""

NOTE = "NOTE: "
"""Begins what the emulator says to the one who runs it."""

USUAL_PORT = 9099


class AuthEmulator:
    """npm installs it, or Node starts it, in the background; `running` ends it."""

    def __init__(self, running: ExitStack) -> None:
        """Begin. Raises MissingProgramError when there is no Node to do it with."""
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
        """The app's settings for it, once it is installed. Raises MissingProgramError."""
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
        """The emulator, once it answers, after `settings`. Raises MissingProgramError."""
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
        said = f"The Firebase Auth emulator did not start: {str(fault).splitlines()[0]}"
        # It ended by itself, and nothing but its packages can be wrong.
        if (emulator.status or 0) > 0:
            self._packages.forget()
            return f"{said}. The next `make run` installs it again"
        return said

    def _start(self) -> Service:
        service = start_auth_emulator(USERS, port=free_port(USUAL_PORT))
        self._running.enter_context(service.process)
        return service
