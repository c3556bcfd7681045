"""`python -m checks.shell`: prints what shellcheck says about the repository's scripts."""

import sys

from checks.command import report
from checks.own_files import ROOT, files
from checks.shell.rules import findings

if __name__ == "__main__":
    names = [path.relative_to(ROOT).as_posix() for path in files()]
    sys.exit(report(lambda: findings(ROOT, names)))
