"""`python -m checks.adf [folder]`: prints every fault; ends with status 1 if there is one."""

import sys

from checks.adf.rules import findings
from checks.command import run

if __name__ == "__main__":
    sys.exit(run(findings, "adf", __doc__))
