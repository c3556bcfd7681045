"""Evaluates the template for each environment without Azure, with Bicep's compiler.

`python -m checks.infra.evaluate overwrite` writes the snapshots again (`make snapshot`);
`python -m checks.infra.evaluate validate` ends with status 1 if one differs from the template.
"""

import argparse
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from checks.infra import sources
from checks.programs import BICEP

ENVIRONMENTS: Final = ("dev", "prod", "private")
# The names and ids in a snapshot depend on where the template is deployed: an example.
_PLACE: Final = (
    *("--subscription-id", "00000000-0000-0000-0000-000000000001"),
    *("--tenant-id", "00000000-0000-0000-0000-000000000002"),
    *("--resource-group", "smart-cache"),
    *("--location", "westeurope"),
    *("--deployment-name", "main"),
)


def evaluate(root: Path, environment: str, mode: str) -> bool:
    """Overwrite or validate the snapshot of an environment; return whether all went well."""
    file = f"infra/snapshots/{environment}.bicepparam"
    command = [BICEP.path(), "snapshot", file, "--mode", mode, *_PLACE]
    done = subprocess.run(command, cwd=root, text=True, capture_output=True, check=False)
    if done.returncode:
        sys.stderr.write(f"{file}: run `make snapshot` and review the difference\n")
        sys.stderr.write(done.stdout + done.stderr)
    return not done.returncode


def _sort_outputs(path: Path) -> None:
    """Bicep writes the outputs in another order each time."""
    snapshot = json.loads(path.read_text("utf-8"))
    snapshot["outputs"] = dict(sorted(snapshot["outputs"].items()))
    path.write_text(json.dumps(snapshot, indent=2, ensure_ascii=False) + "\n", "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m checks.infra.evaluate", description=__doc__)
    parser.add_argument("mode", choices=["overwrite", "validate"])
    mode = parser.parse_args().mode
    with ThreadPoolExecutor() as pool:
        done = list(pool.map(lambda environment: evaluate(Path(), environment, mode), ENVIRONMENTS))
    if not all(done):
        return 1
    if mode == "overwrite":
        for environment in ENVIRONMENTS:
            _sort_outputs(Path(f"infra/snapshots/{environment}.snapshot.json"))
        sources.write(Path())
    return 0


if __name__ == "__main__":
    sys.exit(main())
