"""What editors and services read: .editorconfig, .vscode/, .devcontainer/, Dependabot's file."""

import configparser
import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.own_files import IGNORED_BY_GIT, ROOT, files, is_ignored

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TEXTS = ("py", "json", "yml", "bicep", "sh", "md", "js", "lua", "sql", "kql", "toml", "http")


def _json(path: str) -> Any:
    """A JSON file with comments of whole lines."""
    return json.loads(
        re.sub(r"^\s*//.*$", "", (ROOT / path).read_text("utf-8"), flags=re.MULTILINE)
    )


def _editorconfig(name: str) -> dict[str, str]:
    """What .editorconfig says of a file of this name."""
    text = (ROOT / ".editorconfig").read_text("utf-8").replace("[*.{py,sql,kql}]", "[*.py]")
    config = configparser.ConfigParser(comment_prefixes=("#",))
    config.read_string("[root]\n" + text)
    name = re.sub(r"\.(sql|kql)$", ".py", name)
    found: dict[str, str] = {}
    for section in config.sections():
        if fnmatch(name, section):
            found |= dict(config[section])
    return found


def test_every_text_is_as_the_editorconfig_says() -> None:
    texts = [path for path in files() if path.suffix.removeprefix(".") in TEXTS]
    assert len(texts) > 300
    for path in [*texts, ROOT / "Makefile"]:
        rules, text = _editorconfig(path.name), path.read_bytes().decode()
        assert "\r" not in text, path
        assert text.endswith("\n") or not text, path
        assert not re.search(r"[ \t]$", text, re.MULTILINE), path
        tabs = rules["indent_style"] == "tab"
        assert bool(re.search(r"^\t", text, re.MULTILINE)) is tabs, path


def test_python_is_indented_by_four_and_configuration_by_two() -> None:
    for suffix, size in (
        (".py", "4"),
        (".sql", "4"),
        (".json", "2"),
        (".yml", "2"),
        (".bicep", "2"),
    ):
        assert _editorconfig(f"name{suffix}")["indent_size"] == size


@pytest.mark.parametrize(
    "path",
    sorted([*ROOT.glob(".vscode/*.json"), *ROOT.glob(".devcontainer/*.json")]),
    ids=lambda path: path.name,
)
def test_every_command_of_make_and_every_module_exists(path: Path) -> None:
    text = json.dumps(_json(str(path.relative_to(ROOT))))
    for target in re.findall(r"\bmake (\w+)", text):
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE), target
    for module in re.findall(r'"module": "(local[\w.]*)"', text):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), module


def test_the_tasks_are_run_test_and_check() -> None:
    tasks = {task["label"]: task["command"] for task in _json(".vscode/tasks.json")["tasks"]}
    assert tasks == {name: name for name in ("make run", "make test", "make check")}


def test_the_container_installs_and_serves_the_product() -> None:
    container = _json(".devcontainer/devcontainer.json")
    version = (ROOT / ".python-version").read_text("utf-8").strip()
    assert f"-{version}-" in container["image"]
    assert "make .venv/ready emulators" in container["postCreateCommand"]
    assert container["postAttachCommand"] == {"product": "make run"}
    assert [f"127.0.0.1:{port}" in MAKEFILE for port in container["forwardPorts"]] == [True]


def test_the_container_has_no_extension_that_is_not_recommended() -> None:
    recommended = set(_json(".vscode/extensions.json")["recommendations"])
    container = _json(".devcontainer/devcontainer.json")["customizations"]["vscode"]
    assert set(container["extensions"]) <= recommended


def test_dependabot_looks_where_the_dependencies_are() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text("utf-8"))["updates"]
    named = {(update["package-ecosystem"], update["directory"]) for update in updates}
    read = {
        "pip": "requirements.txt",
        "npm": "package-lock.json",
        "github-actions": ".github/workflows/ci.yml",
        "docker": "Dockerfile",
        "docker-compose": "compose.yaml",
        "devcontainers": ".devcontainer/devcontainer.json",
    }
    assert {ecosystem for ecosystem, _ in named} == set(read)
    for ecosystem, folder in named:
        assert (ROOT / folder.lstrip("/") / read[ecosystem]).is_file(), ecosystem
    locks = [path.parent for path in files() if path.name == "package-lock.json"]
    assert {f"/{folder.relative_to(ROOT)}" for folder in locks} == {
        folder for ecosystem, folder in named if ecosystem == "npm"
    }


def test_func_publishes_what_the_image_holds_and_nothing_else() -> None:
    ignored = tuple((ROOT / ".funcignore").read_text("utf-8").split())
    top = {ROOT / path.relative_to(ROOT).parts[0] for path in files()}
    published = {path.name for path in top if not is_ignored(path, ignored)}
    assert published == {"function_app.py", "host.json", "requirements.txt", "shared"}


def test_func_does_not_publish_the_folders_and_secrets_that_git_ignores() -> None:
    ignored = tuple((ROOT / ".funcignore").read_text("utf-8").split())
    for name in IGNORED_BY_GIT:
        if name.endswith("/") or name in {".env", "local.settings.json"}:
            assert is_ignored(Path(name), ignored), name


def test_git_keeps_what_the_editors_and_the_containers_need() -> None:
    for name in (".vscode", ".devcontainer", "compose.env", ".editorconfig"):
        assert not is_ignored(Path(name), IGNORED_BY_GIT), name
