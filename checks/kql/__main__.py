"""`python -m checks.kql`: prints every fault of a query; ends with status 1 if there is one."""

import sys
from pathlib import Path

from checks.kql.rules import findings

if __name__ == "__main__":
    found = findings(Path())
    sys.stderr.writelines(f"{finding}\n" for finding in found)
    sys.exit(bool(found))
