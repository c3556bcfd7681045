"""`python -m deployment.service_account`: what a service account's key file must be."""

from pathlib import Path

import pytest

from deployment.service_account import fault, main


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("not JSON", "is no JSON"),
        ("[]", "is no service account's key file"),
        ('{"type": "service_account", "private_key": "PRIVATE KEY"}', "no client_email"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "key.json"
    file.write_text(content, "utf-8")
    assert sentence in fault(file, "music")


def test_a_file_that_cannot_be_read_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.json"), "music"]) == 1
    assert "cannot be read: No such file or directory." in capsys.readouterr().err
