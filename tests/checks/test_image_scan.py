"""The image scan stops what our layers add, and only reports what the base image has."""

import json
from pathlib import Path
from typing import Any

import pytest

from checks import image_scan

OPENSSL = ("openssl", "3.0.15-1~deb12u1", "/var/lib/dpkg/status")
PACKAGES = "/home/site/wwwroot/.python_packages/lib/site-packages"
OURS = ("urllib3", "2.2.1", f"{PACKAGES}/urllib3-2.2.1.dist-info/METADATA")
WORKERS = ("urllib3", "2.2.1", "/azure-functions-host/workers/urllib3-2.2.1.dist-info/METADATA")


def match(
    package: tuple[str, str, str], severity: str = "High", state: str = "fixed"
) -> dict[str, Any]:
    """Return a match as Grype writes it, with the fields that are read."""
    name, version, path = package
    fix = {"versions": ["9.9.9"] if state == "fixed" else [], "state": state}
    return {
        "vulnerability": {"id": f"CVE-2026-{len(name)}", "severity": severity, "fix": fix},
        "artifact": {"name": name, "version": version, "locations": [{"path": path}]},
    }


def scan(folder: Path, base: list[dict[str, Any]], image: list[dict[str, Any]]) -> int:
    for name, matches in (("base", base), ("image", image)):
        (folder / f"{name}.json").write_text(json.dumps({"matches": matches}))
    return image_scan.main([str(folder / "base.json"), str(folder / "image.json")])


def test_what_the_base_image_has_is_reported_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan(tmp_path, [match(OPENSSL)], [match(OPENSSL)]) == 0
    said = capsys.readouterr().out
    assert "Our layers add none." in said
    assert "| High | CVE-2026-7 | openssl 3.0.15-1~deb12u1 | 9.9.9 | /var/lib/dpkg/status |" in said


@pytest.mark.parametrize("severity", ["High", "Critical"])
def test_what_our_layers_add_stops_the_release(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], severity: str
) -> None:
    assert scan(tmp_path, [match(OPENSSL)], [match(OPENSSL), match(OURS, severity)]) == 1
    ours, _, theirs = capsys.readouterr().out.partition("The base image has these.")
    assert "urllib3 2.2.1" in ours
    assert "openssl" in theirs


def test_a_copy_of_a_package_of_the_base_in_our_layers_is_ours(tmp_path: Path) -> None:
    assert scan(tmp_path, [match(WORKERS)], [match(WORKERS), match(OURS)]) == 1


def test_what_a_layer_of_ours_updates_is_no_longer_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scan(tmp_path, [match(OPENSSL)], []) == 0
    assert "openssl" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "found", [match(OURS, "Medium"), match(OURS, state="not-fixed"), match(OURS, state="wont-fix")]
)
def test_what_is_less_severe_or_has_no_fix_stops_nothing(
    tmp_path: Path, found: dict[str, Any]
) -> None:
    assert scan(tmp_path, [], [found]) == 0


def test_a_report_that_is_none_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_text("{}")
    with pytest.raises(KeyError):
        image_scan.main([str(tmp_path / "empty.json")] * 2)
