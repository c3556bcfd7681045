"""`python -m deployment.azure_rights ACTION...`: which of the actions the caller may not do.

It reads what Azure answers to .../providers/Microsoft.Authorization/permissions: the effective
permissions, whatever roles they come from. It prints each action that none of them allows.
"""

import json
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Any


def refused(permissions: Iterable[dict[str, Any]], actions: Iterable[str]) -> list[str]:
    """Return the actions that no permission allows.

    A permission is `{actions, notActions}`, lists of patterns in which `*` stands for anything.
    """
    held = list(permissions)
    return [action for action in actions if not any(_allows(one, action) for one in held)]


def _allows(permission: dict[str, Any], action: str) -> bool:
    return _matches(permission, "actions", action) and not _matches(
        permission, "notActions", action
    )


def _matches(permission: dict[str, Any], key: str, action: str) -> bool:
    patterns = permission.get(key) or []
    return any(fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)


if __name__ == "__main__":
    sys.stdout.write("\n".join(refused(json.load(sys.stdin)["value"], sys.argv[1:])))
