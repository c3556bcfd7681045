"""`python -m checks.infra [folder]`: prints what is wrong, and ends with 1 if anything is."""

import sys

from checks.command import run
from checks.infra.rules import findings

if __name__ == "__main__":
    sys.exit(run(findings, "infra", __doc__))
