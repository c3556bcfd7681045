"""Stand-ins for the programs that the scripts of infra/ call, first on the PATH."""

import os
import pty
import shlex
import subprocess
import sys
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from local.hosted import REPOSITORY
from tests.infra import fake_az
from tests.infra.answering import ANSWERED, answering
from tests.infra.programs import write_program

GROUP, APP, REGISTRY = "music", "music-app", "registry.example"
COMMIT = "c0ffee"
IMAGE = f"{REGISTRY}/smart-cache:{COMMIT}"
SCRIPTS = (
    *("outputs", "trigger", "data", "secrets", "migrate"),
    *("users", "image", "running", "release"),
)
"""The steps of a deployment; each can be run alone."""

PYTHON = shlex.quote(sys.executable)
SAFE = "PATH HOME LANG TMPDIR PYTHONPATH"

PROGRAMS = {
    "az": ANSWERED,
    # azd keeps what a hook sets, and gives it to the next one.
    "azd": """[ "$1 $2" = "env set" ] && printf '%s=%s\\n' "$3" "$4" >>"$AZD_ENV"
echo "azd $*" >>"$ASKED" """,
    "python3": f"""[ "$2" = deployment.smoke ] || exec {PYTHON} -S "$@"
echo "smoke ${{*:3}}" >>"$ASKED"
case " ${{BROKEN:-}} " in *" $3 "*) echo "$3/api/health: 503 down" >&2; exit 1 ;; esac""",
    "git": """case "$1 ${NO_GIT:-}" in
"rev-parse yes") exit 128 ;; "rev-parse "*) echo c0ffee ;; "status "*) echo "${DIRTY:-}" ;; esac""",
    "curl": """[ "${OFFLINE:-}" = yes ] && exit 6
echo 192.0.2.7""",
    "sqlcmd": """[ "$1" = '-?' ] && { echo "${SQLCMD_HELP:---authentication-method string}"; exit; }
echo "sqlcmd $*" >>"$ASKED"
case "$*" in *"SELECT 1"*)
  [ -s "$REFUSED" ] || exit 0
  sed -i 1d "$REFUSED"; echo "Msg 40615: cannot open server" >&2; exit 1 ;;
esac
[ -z "${SQL_ERROR:-}" ] || { echo "$SQL_ERROR" >&2; exit 1; }""",
}
OF_PROJECT = """[ "$2" = deployment.odbc_driver ] && { echo "ODBC Driver 18 for SQL Server"; exit; }
echo "python $*" >>"$ASKED"
env >"$ASKED.env" """


class StandIns:
    """Programs that record their calls, and the Azure that `az` sees."""

    def __init__(self, folder: Path, **programs: str) -> None:
        self.folder, self.asked_file = folder, folder / "asked"
        self.azd_env, self.refused = folder / "azd.env", folder / "refused"
        for file in (self.asked_file, self.azd_env):
            file.touch()
        self.azure: dict[str, Any] = deepcopy(fake_az.EMPTY)
        for name, text in (PROGRAMS | programs).items():
            write_program(folder / name, text)
        (folder / "venv" / "bin").mkdir(parents=True)
        write_program(folder / "venv" / "bin" / "python", OF_PROJECT)

    def remove(self, *names: str) -> None:
        for name in names:
            (self.folder / name).unlink()

    def environment(self, variables: dict[str, str]) -> dict[str, str]:
        kept = {name: os.environ[name] for name in SAFE.split() if name in os.environ}
        files = {"ASKED": self.asked_file, "REFUSED": self.refused, "AZD_ENV": self.azd_env}
        return {
            **kept,
            "PATH": f"{self.folder}:{kept['PATH']}",
            "PAUSE_SECONDS": "0",
            "VENV": str(self.folder / "venv"),
            **{name: str(file) for name, file in files.items()},
            **variables,
        }

    def run(
        self, script: str, *arguments: str, answers: str | None = None, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a script; with `answers`, in a terminal in which somebody types them."""
        typed, terminal = pty.openpty() if answers is not None else (None, subprocess.DEVNULL)
        if typed is not None:
            os.write(typed, (answers or "").encode())
        with answering(self._az) as here:
            done = subprocess.run(
                [REPOSITORY / script, *arguments],
                env=self.environment(variables | here),
                stdin=terminal,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        for descriptor in (typed, terminal):
            if descriptor is not None and descriptor >= 0:
                os.close(descriptor)
        return done

    def _az(self, arguments: Sequence[str], _: str) -> str:
        with self.asked_file.open("a", encoding="utf-8") as asked:
            asked.write(f"az {' '.join(arguments)}\n")
        return fake_az.answer(self.azure, arguments)

    def refuse_sql(self, times: int) -> None:
        """The server refuses so many sign-ins: its firewall is not open yet."""
        self.refused.write_text("no\n" * times)

    @property
    def asked(self) -> list[str]:
        return self.asked_file.read_text("utf-8").splitlines()

    @property
    def changes(self) -> list[str]:
        """The calls that do something: the others only look."""
        reads = (" show", " list", " exists", "--method get", "az version", "az bicep", "SELECT 1")
        return [call for call in self.asked if not any(word in call for word in reads)]

    def forget(self) -> None:
        self.asked_file.write_text("")
