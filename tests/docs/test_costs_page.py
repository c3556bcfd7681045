"""The page about costs names only parameters, settings and commands that exist."""

import re
from pathlib import Path

import typer

from shared.cli import build_app
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "costs.md").read_text("utf-8")
PLATFORM = {"FUNCTIONS_WORKER_PROCESS_COUNT", "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"}


def test_every_parameter_and_setting_in_the_text_exists() -> None:
    bicep = "".join(path.read_text("utf-8") for path in (ROOT / "infra").rglob("*.bicep"))
    for name in re.findall(r"`([a-z]+[A-Z]\w+)`", PAGE):
        assert re.search(rf"param {name} |  {name}:", bicep), name
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)\b", PAGE):
        assert name.lower() in Settings.model_fields or name in PLATFORM, name


def test_every_command_of_ours_exists() -> None:
    known = set(getattr(typer.main.get_command(build_app()), "commands", {}))
    named = set(re.findall(r"python -m shared\.cli (\w+)", PAGE))
    assert named
    assert named <= known
