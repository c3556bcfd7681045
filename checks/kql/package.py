"""Microsoft's parser of KQL, an npm package, in a folder under .local/."""

from functools import cache
from pathlib import Path
from typing import Final

from local.node_packages import NodePackages, check_node
from local.programs import MissingProgramError

HERE: Final = Path(__file__).parent
_FOLDER: Final = HERE.parents[1] / ".local" / "kql"


@cache
def find() -> str | None:
    """Return the package's folder, installed now if it was missing, or None if that fails."""
    packages = NodePackages(_FOLDER, HERE)
    try:
        check_node()
        if not packages.installed and (npm := packages.begin()):
            packages.finish(npm)
    except MissingProgramError:
        return None
    return str(_FOLDER / "node_modules" / "@kusto" / "language-service-next")
