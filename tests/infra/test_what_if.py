"""The script that comments on a pull request what it would change, with stand-ins for az and gh."""

import os
import subprocess
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from tests.infra.programs import write_program

AZ = """
case "$*" in
  *"account show"*) echo 1234 ;;
  *slots/staging*) echo "DOCKER|registry.example/smart-cache:previous" ;;
  *budgets*) echo "2026-11-01T00:00:00Z" ;;
  *config/web*) echo "DOCKER|registry.example/smart-cache:current" ;;
  *what-if*)
    echo "az $*" >"$ASKED"
    echo "$IMAGE $STAGING_IMAGE $AZURE_CORE_NO_COLOR" >>"$ASKED"
    head -c "$LENGTH" /dev/zero | tr '\\0' x
    echo '  ~ Microsoft.Web/sites/music-app [2025-03-01]'
    exit "$STATUS" ;;
esac
"""
GH = """
echo "gh $*" | sed 's|/tmp/[^ ]*|FILE|' >>"$ASKED"
cp "${@: -1}" "$COMMENT"
"""
PULL_REQUEST = "https://github.com/ana/music/pull/7"


class Preview:
    def __init__(
        self, folder: Path, *, status: int = 0, length: int = 0, missing: str = ""
    ) -> None:
        for name, text in (("az", AZ), ("gh", GH)):
            write_program(folder / name, text)
        asked, comment = folder / "asked", folder / "comment"
        given = {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "ASKED": str(asked),
            "COMMENT": str(comment),
            "STATUS": str(status),
            "LENGTH": str(length),
            "GROUP": "rg-music",
            "APP": "music-app",
            "PULL_REQUEST": PULL_REQUEST,
        }
        self.done = subprocess.run(
            [REPOSITORY / ".github" / "what-if.sh"],
            env=given | ({missing: ""} if missing else {}),
            check=False,
            capture_output=True,
            text=True,
        )
        self.asked = asked.read_text().splitlines() if asked.exists() else []
        self.comment = comment.read_text() if comment.exists() else ""


def test_the_comment_says_what_would_change_with_the_images_that_run(tmp_path: Path) -> None:
    preview = Preview(tmp_path)
    asked, images, comment = preview.asked
    assert preview.done.returncode == 0
    assert asked.startswith("az deployment group what-if --resource-group rg-music ")
    assert "--parameters infra/main.bicepparam --validation-level ProviderNoRbac" in asked
    registry = "registry.example/smart-cache"
    assert images == f"{registry}:current {registry}:previous true"
    assert comment == (
        f"gh pr comment {PULL_REQUEST} --edit-last --create-if-none --body-file FILE"
    )
    assert "would change" in preview.comment
    assert "```text\n  ~ Microsoft.Web/sites/music-app" in preview.comment


def test_a_preview_that_fails_is_said_and_fails_the_run(tmp_path: Path) -> None:
    preview = Preview(tmp_path, status=1)
    assert preview.done.returncode == 1
    assert preview.comment.startswith("**Azure cannot tell")


def test_a_long_preview_fits_into_a_comment_and_is_whole_in_the_log(tmp_path: Path) -> None:
    preview = Preview(tmp_path, length=100_000)
    assert len(preview.comment) < 65_536
    assert len(preview.done.stdout) > 100_000
    assert preview.comment.rstrip().endswith("````")


@pytest.mark.parametrize("missing", ["GROUP", "APP", "PULL_REQUEST"])
def test_a_missing_variable_is_named(tmp_path: Path, missing: str) -> None:
    preview = Preview(tmp_path, missing=missing)
    assert preview.done.returncode == 1
    assert f"  {missing}: the " in preview.done.stderr
