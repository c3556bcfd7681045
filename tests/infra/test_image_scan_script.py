"""The script that scans the image, with a stand-in for Grype."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from tests.checks.test_image_scan import OPENSSL, OURS, match

GRYPE = """#!/usr/bin/env bash
while [ $# -gt 1 ]; do
  [ "$1" = --file ] && file=$2
  shift
done
case "$1" in
  registry:base@sha256:0a) echo "$BASE" >"$file" ;;
  docker:smart-cache:c0ffee) echo "$IMAGE" >"$file" ;;
  *) exit 1 ;;
esac
"""


@pytest.mark.parametrize(("added", "status"), [([], 0), ([match(OURS)], 1)])
def test_it_compares_both_and_the_summary_has_the_report(
    tmp_path: Path, added: list[object], status: int
) -> None:
    grype, summary = tmp_path / "grype", tmp_path / "summary"
    grype.write_text(GRYPE)
    grype.chmod(0o755)
    done = subprocess.run(
        [REPOSITORY / ".github" / "scan-image.sh", "base@sha256:0a", "smart-cache:c0ffee"],
        env={
            # A machine may have no `python3`, only `python3.13`.
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GRYPE": str(grype),
            "GITHUB_STEP_SUMMARY": str(summary),
            "BASE": json.dumps({"matches": [match(OPENSSL)]}),
            "IMAGE": json.dumps({"matches": [match(OPENSSL), *added]}),
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (status, "")
    assert summary.read_text() == done.stdout
    assert "openssl" in done.stdout
    assert ("urllib3" in done.stdout) == bool(added)
