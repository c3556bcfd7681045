"""`python -m checks.infra [folder]`: prints every fault; ends with status 1 if there is one."""

import sys

from checks.command import run
from checks.infra.rules import findings

if __name__ == "__main__":
    sys.exit(run(findings, "infra", __doc__))
