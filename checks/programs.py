"""The programs that `make check` takes from the PATH, because no package of Python has them."""

import os
import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from checks.kql import package
from local.programs import Program, command

BICEP_VERSION: Final = "0.49.2"
_PROCESSORS: Final = {"x86_64": "x64", "aarch64": "arm64"}
_BICEP_URL: Final = (
    f"https://github.com/Azure/bicep/releases/download/v{BICEP_VERSION}/bicep-linux-"
    f"{_PROCESSORS.get(platform.machine(), platform.machine())}"
)
_OWN_BIN: Final = "~/.local/bin/bicep"


def _of_environment(name: str) -> Callable[[], str | None]:
    """Return a function that finds a program in this virtual environment, or on the PATH."""
    own = str(Path(sys.executable).parent)
    return lambda: shutil.which(name, path=os.pathsep.join([own, os.environ.get("PATH", "")]))


BICEP: Final = Program(
    "bicep",
    "Bicep's compiler on infra/ and adf/",
    "bicep",
    command("bicep"),
    brew="azure/bicep/bicep",
    by_hand=f"curl -fsSL --create-dirs -o {_OWN_BIN} {_BICEP_URL} && chmod +x {_OWN_BIN}",
    in_ci=False,  # the workflow installs it in a step that fails without it; other machines may not
)
KQL_PARSER: Final = Program(
    "@kusto/language-service-next (npm, with Node 20 or newer)",
    "Microsoft's parser on the queries in KQL",
    "nodejs npm",
    package.find,
    brew="node",
)
SHELLCHECK: Final = Program(
    "shellcheck",
    "shellcheck on every script",
    "shellcheck",  # Linux on arm64 has no wheel of it
    _of_environment("shellcheck"),
)
TSQL_PARSE: Final = Program(
    "tsql-parse",
    "Microsoft's parser on every statement in T-SQL",
    "tsql-parse",
    command("tsql-parse"),
    brew="-",
    by_hand="nobody publishes it: a program of this name that parses files with Microsoft's NuGet "
    "package Microsoft.SqlServer.TransactSql.ScriptDom",
    in_ci=False,
)
