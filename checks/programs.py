"""The programs that `make check` takes from the PATH, because no package of Python has them."""

import platform
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


BICEP: Final = Program(
    "bicep",
    "Bicep's compiler on infra/ and adf/",
    "bicep",
    command("bicep"),
    brew="azure/bicep/bicep",
    by_hand=f"curl -fsSL --create-dirs -o {_OWN_BIN} {_BICEP_URL} && chmod +x {_OWN_BIN}",
)
KQL_PARSER: Final = Program(
    "@kusto/language-service-next (npm, with Node 20 or newer)",
    "Microsoft's parser on the queries in KQL",
    "nodejs npm",
    package.find,
    brew="node",
)
