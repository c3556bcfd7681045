"""The page about deploying names only what exists: files, commands, variables, outputs, targets."""

import re
import subprocess
from pathlib import Path

import typer
import yaml

from checks.infra.snapshots import read
from shared.cli import build_app
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
COMMANDS = "\n".join(re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL))
SCRIPTS = {path: path.read_text("utf-8") for path in (ROOT / "infra").rglob("*.sh")}
PARAMETERS = set(
    re.findall(
        r"readEnvironmentVariable\('(\w+)'",
        (ROOT / "infra" / "main.bicepparam").read_text("utf-8"),
    )
)
OUTPUTS = set(read(ROOT / "infra")[0].outputs)
TABLE = PAGE.partition("## What can be set")[2].partition("## By hand")[0]
PROGRAMS = {"az", "azd", "curl", "gh", "make", "python3", "sed"}


def named_variables(text: str) -> set[str]:
    """Return the variables that a shell would replace."""
    return set(re.findall(r"(?<!\\)\$\{?(\w+)", text))


def assigned_variables(text: str) -> set[str]:
    return set(re.findall(r"(?:^|\s)(\w+)=", text))


def test_every_file_exists() -> None:
    named = re.findall(r"(?<![\w/.])((?:infra|\.github|shared|adf|docs)/[\w./-]*\w)", PAGE)
    named += [f"docs/{link}" for link in re.findall(r"\]\((?!http)([\w./-]+)(?:#[\w-]+)?\)", PAGE)]
    assert len(named) > 10
    assert not [name for name in named if not (ROOT / name).exists()]


def test_the_commands_are_good_shell() -> None:
    done = subprocess.run(
        ["bash", "-n"],  # noqa: S607 - found on the PATH
        input=COMMANDS,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_person_types_only_programs_that_the_page_asks_for_and_our_scripts() -> None:
    joined = COMMANDS.replace("\\\n", " ")
    typed = set(re.findall(r"^(?:[A-Z]+=\S+ )?([\w./-]+)(?![\w=])", joined, re.MULTILINE))
    inside = set(re.findall(r"(?:\$\(|&& )([\w./-]+)", joined)) - {"eval", "export"}
    scripts = {name for name in typed | inside if name.endswith(".sh")}
    assert typed | inside <= PROGRAMS | scripts | {"export"}
    for name in scripts:
        assert (ROOT / name).stat().st_mode & 0o111, name


def test_every_command_of_ours_exists() -> None:
    group = typer.main.get_command(build_app())
    known = set(getattr(group, "commands", {}))
    named = set(re.findall(r"python -m shared\.cli (\w+)", PAGE))
    assert {"grant"} <= named <= known
    modules = set(re.findall(r"python3? -m (?!shared)([.\w]+)", PAGE))
    assert "deployment.smoke" in modules
    for module in modules:
        assert (ROOT / module.replace(".", "/")).with_suffix(".py").is_file(), module
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("$(READY)", ".venv/ready")
    for target in re.findall(r"(?:`|^)make ([\w./]+)", PAGE, re.MULTILINE):
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), target


def test_every_variable_in_a_command_is_set_before_it_is_used() -> None:
    known = set(OUTPUTS)
    for block in re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL):
        known |= assigned_variables(block) | ({"IMAGE"} if "infra/running.sh" in block else set())
        assert named_variables(block) <= known, block


def test_every_variable_that_is_set_is_read_by_the_template_or_a_script() -> None:
    exported = {
        name
        for line in re.findall(r"^export (.*)", COMMANDS, re.MULTILINE)
        for name in re.findall(r"([A-Z_]+)=", line)
    }
    kept = set(re.findall(r"azd env set ([A-Z_]+)", COMMANDS))
    inline = set(re.findall(r"^([A-Z_]+)=\S+ infra/", COMMANDS, re.MULTILINE))
    read_by_scripts = set().union(*map(named_variables, SCRIPTS.values()))
    assert {"ENVIRONMENT", "GROUP", "OIDC_SUBJECT", "DATA"} <= exported | kept | inline
    assert exported | kept | inline <= PARAMETERS | read_by_scripts


def test_the_table_has_every_variable_of_the_parameters_file_and_the_scripts_the_others() -> None:
    rows, _, below = TABLE.partition("For the scripts:")
    assert set(re.findall(r"`([A-Z_]{3,})`", rows)) == PARAMETERS
    others = set(re.findall(r"`([A-Z_]{3,})`", below))
    documented = "\n".join(SCRIPTS.values())
    assert others
    assert all(re.search(rf"\$\{{{name}\b", documented) for name in others)


def test_every_script_on_the_page_says_at_its_head_that_it_can_be_run_again() -> None:
    on_the_page = {name for name in SCRIPTS if f"infra/{name.name}" in COMMANDS}
    assert len(on_the_page) > 8
    for script in on_the_page:
        head = SCRIPTS[script].partition("\nset -euo pipefail")[0]
        assert re.search("be run again|only reads", head), script.name


def test_every_setting_in_the_text_exists() -> None:
    known = {name.upper() for name in Settings.model_fields} | PARAMETERS | OUTPUTS
    known |= set().union(*map(named_variables, SCRIPTS.values()))
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)\b", PAGE):
        assert name in known, name


def test_the_version_of_azd_is_the_one_that_the_project_asks_for() -> None:
    project = yaml.safe_load((ROOT / "azure.yaml").read_text("utf-8"))
    wanted = project["requiredVersions"]["azd"].removeprefix(">= ")
    assert re.search(rf"\[azd\]\([^)]*\) {re.escape(wanted)},", PAGE)


def test_a_release_by_hand_runs_the_steps_of_azd_in_its_order() -> None:
    hook = (ROOT / "infra" / "azd" / "postdeploy.sh").read_text("utf-8")
    steps = re.findall(r"infra/(?!opened)(\w+)\.sh", hook.partition("need URL")[2])
    by_hand = PAGE.partition("## By hand")[2].partition("## GitHub")[0]
    positions = [by_hand.index(f"infra/{step}.sh") for step in steps]
    assert steps[0] == "image"
    assert positions == sorted(positions)


def test_what_a_private_network_opens_by_hand_is_what_azd_opens() -> None:
    hooks = "".join(path.read_text("utf-8") for path in (ROOT / "infra" / "azd").glob("*.sh"))
    opened = set(re.findall(r"(infra/opened\.sh \w+) infra/(\w+\.sh)", hooks))
    note = PAGE.partition("With `PRIVATE_NETWORK=true`")[2].partition("\n\n")[0]
    assert "`infra/private-network.sh`" in note
    assert set(re.findall(r"`(infra/opened\.sh \w+)`[\w\s]* `(\w+\.sh)`", note)) == opened


def test_the_users_get_every_variable_and_roles_that_the_migrations_make() -> None:
    users = (ROOT / "infra" / "users.sql").read_text("utf-8")
    given = set(re.findall(r'-v "(\w+)=', SCRIPTS[ROOT / "infra" / "users.sh"]))
    assert given == set(re.findall(r"\$\((\w+)\)", users))
    migrations = (
        ROOT / "shared" / "repository" / "migrations" / "versions" / "0002_roles.py"
    ).read_text()
    made = set(re.findall(r'^    "(\w+)": \($', migrations, re.MULTILINE))
    assert set(re.findall(r"ALTER ROLE (\w+)", users)) == made | {"db_owner"}
