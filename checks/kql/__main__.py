"""`python -m checks.kql`: prints every fault of a query; ends with status 1 if there is one."""

import sys
from pathlib import Path

from checks.command import report
from checks.kql.rules import findings

if __name__ == "__main__":
    sys.exit(report(lambda: findings(Path())))
