"""The page about deploying names only files, commands, parameters, outputs, settings that exist."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import typer

from checks.infra.template import Template, read
from shared.cli import build_app
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
COMMANDS = "\n".join(re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL))
PLATFORM = {"FUNCTIONS_WORKER_PROCESS_COUNT"}


@pytest.fixture(scope="module")
def main() -> Template:
    return next(found for found in read(ROOT / "infra")[0] if found.file == "main.bicep")


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


def test_every_parameter_that_a_deployment_is_given_is_one_of_the_template(main: Template) -> None:
    given = set(re.findall(r"parameters\.json\" (\w+)=", COMMANDS))
    files = set(re.findall(r"@(infra/main\.\$ENVIRONMENT\.parameters\.json)", COMMANDS))
    assert given == {"image"}
    assert files == {"infra/main.$ENVIRONMENT.parameters.json"}
    for environment in ("dev", "prod"):
        path = ROOT / "infra" / f"main.{environment}.parameters.json"
        held = set(json.loads(path.read_text("utf-8"))["parameters"])
        assert held | given | {"location"} == set(main.parameters)


def test_every_parameter_and_setting_in_the_text_exists(main: Template) -> None:
    bicep = "".join(path.read_text("utf-8") for path in (ROOT / "infra").rglob("*.bicep"))
    for name in re.findall(r"`([a-z]+[A-Z]\w+)`", PAGE):
        assert name in main.parameters or f"  {name}:" in bicep, name
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)\b", PAGE):
        assert name.lower() in Settings.model_fields or name in PLATFORM, name


def test_every_output_that_is_asked_for_is_one(main: Template) -> None:
    asked = set(re.findall(r"\$\(output (\w+)\)", COMMANDS))
    assert len(asked) > 8
    assert asked <= set(main.outputs)


def test_github_gets_exactly_the_variables_that_the_workflow_reads() -> None:
    workflow = (ROOT / ".github" / "workflows" / "deploy.yml").read_text("utf-8")
    read_there = set(re.findall(r"vars\.(\w+)", workflow))
    assert read_there == set(re.findall(r"^variable (\w+)", COMMANDS, re.MULTILINE))


def test_the_users_get_every_variable_and_roles_that_the_migrations_make() -> None:
    users = (ROOT / "infra" / "users.sql").read_text("utf-8")
    wanted = set(re.findall(r"\$\((\w+)\)", users))
    assert all(f"{name}=$(output " in COMMANDS for name in wanted)
    migrations = (
        ROOT / "shared" / "repository" / "migrations" / "versions" / "0002_roles.py"
    ).read_text()
    made = set(re.findall(r'^    "(\w+)": \($', migrations, re.MULTILINE))
    assert set(re.findall(r"ALTER ROLE (\w+)", users)) == made | {"db_owner"}
