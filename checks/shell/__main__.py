"""`python -m checks.shell`: prints what shellcheck says about the repository's scripts."""

import sys

from checks.own_files import ROOT, files
from checks.shell.rules import findings

if __name__ == "__main__":
    names = [path.relative_to(ROOT).as_posix() for path in files()]
    found = dict.fromkeys(findings(ROOT, names))
    sys.stderr.writelines(f"{line}\n" for line in found)
    sys.exit(bool(found))
