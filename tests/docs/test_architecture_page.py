"""The architecture page says what each folder of tests proves."""

import re

from checks.own_files import ROOT, files

PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_every_folder_of_tests_is_explained_and_no_other() -> None:
    rows = re.findall(r"^\| (`[a-z]+/`.*?) \|", PAGE, re.MULTILINE)
    named = set(re.findall(r"`(\w+)/`", " ".join(rows)))
    named |= set(re.findall(r"`tests/(\w+)/` ", PAGE))
    inner = (path.relative_to(ROOT).parts for path in files())
    assert named == {parts[1] for parts in inner if parts[0] == "tests" and len(parts) > 2}
