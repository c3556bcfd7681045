"""CI tests what a newcomer sees: `make test` on a bare machine."""

from typing import Any

import yaml

from checks.own_files import ROOT

JOB: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text("utf-8"))[
    "jobs"
]["newcomer"]


def test_the_machine_has_python_make_and_git_and_no_rights_beyond() -> None:
    version = (ROOT / ".python-version").read_text("utf-8").strip()
    assert JOB["container"] == {"image": f"python:{version}-slim"}
    assert "services" not in JOB
    installed = JOB["steps"][0]["run"].partition("--no-install-recommends ")[2].split(" >")[0]
    assert installed.split() == ["git", "make"]
    used = [step["uses"].partition("@")[0] for step in JOB["steps"] if "uses" in step]
    assert used == ["actions/checkout"]


def test_a_service_that_is_missing_there_is_no_failure() -> None:
    assert JOB["steps"][-1]["run"] == "env -u CI make test"
    assert "CI" not in JOB.get("env", {})
