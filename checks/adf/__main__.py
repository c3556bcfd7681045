"""`python -m checks.adf [folder]`: prints what is wrong, and ends with 1 if anything is."""

import argparse
import sys
from pathlib import Path

from checks.adf.rules import findings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m checks.adf", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("adf"))
    found = findings(parser.parse_args().folder)
    sys.stderr.writelines(f"{finding}\n" for finding in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
