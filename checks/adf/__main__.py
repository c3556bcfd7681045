"""`python -m checks.adf [folder]`: prints what is wrong, and ends with 1 if anything is."""

import sys

from checks.adf.rules import findings
from checks.command import run

if __name__ == "__main__":
    sys.exit(run(findings, "adf", __doc__))
