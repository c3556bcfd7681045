"""The page about deploying names only files, commands, parameters, outputs, settings that exist."""

import re
import subprocess
from pathlib import Path

import typer

from checks.infra.snapshots import read
from shared.cli import build_app
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
COMMANDS = "\n".join(re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL))
SHELL = {"GROUP", "LOCATION", "REPOSITORY", "SQL_CONNECTION_STRING", "STORAGE_ACCOUNT_URL"}
"""Variables that only the commands of the page read."""
PLATFORM = {"FUNCTIONS_WORKER_PROCESS_COUNT"}


def test_every_file_exists() -> None:
    text = PAGE.replace("$ENVIRONMENT", "prod")
    named = re.findall(r"(?<![\w/.])((?:infra|\.github|shared|adf|docs)/[\w./-]*\w)", text)
    named += [f"docs/{link}" for link in re.findall(r"\]\((?!http)([\w.-]+)\)", PAGE)]
    assert len(named) > 10
    assert not [name for name in named if not (ROOT / name).is_file()]


def test_the_commands_are_good_shell() -> None:
    done = subprocess.run(
        ["bash", "-n"],  # noqa: S607 - found on the PATH
        input=COMMANDS,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_every_command_of_ours_exists() -> None:
    group = typer.main.get_command(build_app())
    known = set(getattr(group, "commands", {}))
    named = set(re.findall(r"python -m shared\.cli (\w+)", PAGE))
    assert {"migrate", "upload", "grant"} <= named <= known
    targets = set(re.findall(r"`make (\w+)", PAGE))
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in targets)


def test_every_variable_that_a_deployment_is_given_is_read() -> None:
    lines = re.findall(r"^export (.*)", COMMANDS, re.MULTILINE)
    given = {name for line in lines for name in re.findall(r"\b([A-Z_]+)=", line)}
    file = (ROOT / "infra" / "main.bicepparam").read_text("utf-8")
    variables = set(re.findall(r"readEnvironmentVariable\('(\w+)'", file))
    assert {"SQL_ADMIN_NAME", "SQL_ADMIN_OBJECT_ID", "ALERT_EMAIL", "FIREBASE_PROJECT_ID"} <= given
    assert given - variables == SHELL


def test_every_parameter_and_setting_in_the_text_exists() -> None:
    bicep = "".join(path.read_text("utf-8") for path in (ROOT / "infra").rglob("*.bicep*"))
    for name in re.findall(r"`([a-z]+[A-Z]\w+)`", PAGE):
        assert f"  {name}:" in bicep, name
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)\b", PAGE):
        assert name.lower() in Settings.model_fields or name in PLATFORM, name


def test_every_output_that_is_asked_for_is_one() -> None:
    asked = set(re.findall(r"\$\(output (\w+)\)", COMMANDS))
    assert len(asked) > 8
    assert asked <= set(read(ROOT / "infra")[0].outputs)


def test_github_gets_exactly_the_variables_that_the_workflow_reads() -> None:
    workflow = (ROOT / ".github" / "workflows" / "deploy.yml").read_text("utf-8")
    read_there = set(re.findall(r"vars\.(\w+)", workflow))
    assert read_there == set(re.findall(r"^variable (\w+)", COMMANDS, re.MULTILINE))


def test_the_users_get_every_variable_and_roles_that_the_migrations_make() -> None:
    users = (ROOT / "infra" / "users.sql").read_text("utf-8")
    wanted = set(re.findall(r"\$\((\w+)\)", users))
    script = (ROOT / "infra" / "users.sh").read_text("utf-8")
    assert set(re.findall(r'-v "(\w+)=', script)) == wanted
    migrations = (
        ROOT / "shared" / "repository" / "migrations" / "versions" / "0002_roles.py"
    ).read_text()
    made = set(re.findall(r'^    "(\w+)": \($', migrations, re.MULTILINE))
    assert set(re.findall(r"ALTER ROLE (\w+)", users)) == made | {"db_owner"}
