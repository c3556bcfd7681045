"""The README's table of settings says what the code says."""

import re
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from shared.settings import Settings

README = Path(__file__).parents[2] / "README.md"
ROW = re.compile(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\| (.*) \|$", re.MULTILINE)
SET_BY_THE_PLATFORM = {"WEBSITE_INSTANCE_ID"}


def _default(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_every_setting_stands_in_the_readme_with_its_default_and_meaning() -> None:
    documented = {name: (default, text) for name, default, text in ROW.findall(README.read_text())}
    declared = {
        name.upper(): (_default(field.default), field.description)
        for name, field in Settings.model_fields.items()
        if name.upper() not in SET_BY_THE_PLATFORM
    }
    assert documented == declared
