"""shellcheck reads every script: files, steps of workflows, commands of containers."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from checks.own_files import ROOT
from checks.programs import SHELLCHECK
from checks.shell.rules import findings
from tests.services.required_service import required_service

SCRIPT = """\
#!/usr/bin/env bash
set -euo pipefail
: "${GROUP:?the resource group}"
name=$(basename "$GROUP")
echo "$name" "$GITHUB_SHA"
"""
WORKFLOW = """\
env:
  OUTER: 1
jobs:
  one:
    env:
      IMAGE: x
    defaults:
      run:
        shell: bash
    steps:
      - run: echo "TAG=1" >>"$GITHUB_ENV"
      - name: Push
        env:
          INNER: 1
        run: |
          for part in "$IMAGE" "$OUTER" "$INNER" "$TAG"; do
            echo "$part ${{ github.sha }}"
          done
      - run: echo "$IMAGE"
"""
CONTAINER = '{\n  // What make needs.\n  "onCreateCommand": "cd src && echo \\"$HOME\\""\n}\n'
COMPOSE = """\
services:
  databases:
    command:
      - |
        name=$$(hostname)
        echo "$$name" "$$PASSWORD"
        exec sleep infinity
"""
FILES = {
    "infra/one.sh": SCRIPT,
    "run": SCRIPT,
    ".github/workflows/ci.yml": WORKFLOW,
    ".devcontainer/devcontainer.json": CONTAINER,
    "compose.yaml": COMPOSE,
    "tests/stand_in.sh": "echo $1\n",
    "README": "no script: echo $1\n",
}


@pytest.fixture(autouse=True)
def shellcheck() -> None:
    with required_service():
        SHELLCHECK.path()


def found(folder: Path, file: str = "run", right: str = "", wrong: str = "") -> Sequence[str]:
    rules = (ROOT / ".shellcheckrc").read_text("utf-8")
    for name, text in {**FILES, ".shellcheckrc": rules}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace(right, wrong) if name == file else text, "utf-8")
    return list(findings(folder, FILES))


def test_sound_scripts_have_no_finding(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "right", "wrong", "message"),
    [
        ("infra/one.sh", '"$GROUP")', "$GROUP)", "infra/one.sh:4:17: note: Double quote"),
        ("infra/one.sh", '"$GROUP")', '"$GRUOP")', "infra/one.sh:4:18: warning: GRUOP is"),
        ("infra/one.sh", '"$name"', '"$nam"', "infra/one.sh:5:7: warning: nam is referenced"),
        ("infra/one.sh", "$GITHUB_SHA", "$GITHUB_SAH", "infra/one.sh:5:15: warning: GITHUB_SAH"),
        ("run", "echo", "echo $(which ls)", "run:5:8: note: 'which' is non-standard"),
        (".github/workflows/ci.yml", '"$IMAGE" "$OUTER', '"$IMGAE" "$OUTER', "ci.yml:16:"),
        (".github/workflows/ci.yml", 'echo "$IMAGE"', 'echo "$INNER"', "ci.yml:19:"),
        (".github/workflows/ci.yml", "$part", "$prat", "ci.yml:17:"),
        (".devcontainer/devcontainer.json", "cd src &&", "cd src;", "devcontainer.json:3:1: "),
        ("compose.yaml", '"$$name"', "$$name", "compose.yaml:6:"),
        ("compose.yaml", '"$$name"', '"$$nmae"', "compose.yaml:6:"),
    ],
)
def test_a_mistake_is_found_where(
    tmp_path: Path, file: str, right: str, wrong: str, message: str
) -> None:
    lines = found(tmp_path, file, right, wrong)
    assert any(message in line for line in lines), lines


def test_what_a_script_sets_is_known_to_the_script_that_it_sources(tmp_path: Path) -> None:
    (tmp_path / "shared.sh").write_text('# shellcheck shell=bash\necho "$GROUP" "$shared"\n')
    (tmp_path / "main.sh").write_text(
        '#!/usr/bin/env bash\n: "${GROUP:?}"\nexport shared=1\n. shared.sh\n', "utf-8"
    )
    assert [line for line in findings(tmp_path, ["shared.sh", "main.sh"]) if "GROUP" in line] == []


def test_actionlint_gets_shellcheck_for_the_steps_of_workflows() -> None:
    from checks.parts import PARTS

    command = next(part.command for part in PARTS if "actionlint" in part.command[0])
    assert command[command.index("-shellcheck") + 1] == SHELLCHECK.path()
