"""`python -m checks.infra [folder]`: prints what is wrong, and ends with 1 if anything is."""

import argparse
import sys
from pathlib import Path

from checks.infra.rules import findings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m checks.infra", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("infra"))
    found = findings(parser.parse_args().folder)
    sys.stderr.writelines(f"{finding}\n" for finding in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
