"""`python -m deployment.service_account FILE PROJECT`: checks the key file of a service account.

It prints what is wrong, never what is in the file. It uses only the standard library, so that a
deployment needs no packages for it.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

_WHERE: Final = "Firebase console, Project settings, Service accounts, Generate new private key"


def fault(file: Path, project: str) -> str:
    """What is wrong with the file, or an empty text."""
    try:
        account: Any = json.loads(file.read_bytes())
    except OSError as error:
        return f"{file} cannot be read: {error.strerror}."
    except ValueError:
        return f"{file} is no JSON. It must be a service account's key file ({_WHERE})."
    if not isinstance(account, dict) or account.get("type") != "service_account":
        return f"{file} is no service account's key file ({_WHERE})."
    if "PRIVATE KEY" not in str(account.get("private_key")) or not account.get("client_email"):
        return f"{file} has no private_key or no client_email. Download it again ({_WHERE})."
    if account.get("project_id") != project:
        return f"{file} belongs to another project than FIREBASE_PROJECT_ID, which is {project}."
    return ""


def main(arguments: list[str]) -> int:
    found = fault(Path(arguments[0]).expanduser(), arguments[1])
    if found:
        sys.stderr.write(f"{found}\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
