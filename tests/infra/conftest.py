"""What the tests of the scripts share."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.infra.stand_ins import StandIns

KEY = "AIzaSyTheKeyOfNobody"
ACCOUNT = {
    "type": "service_account",
    "project_id": "music",
    "client_email": "firebase-adminsdk@music.iam.gserviceaccount.com",
    "private_key": "-----BEGIN PRIVATE KEY-----\nonly for tests\n-----END PRIVATE KEY-----\n",
}


@pytest.fixture
def programs(tmp_path: Path) -> StandIns:
    folder = tmp_path / "programs"
    folder.mkdir()
    return StandIns(folder)


def written(folder: Path, **changes: Any) -> str:
    file = folder / "service account.json"
    file.write_text(json.dumps(ACCOUNT | changes), "utf-8")
    return str(file)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Firebase's two secrets, as variables with the paths of files."""
    key = tmp_path / "key"
    key.write_text(f"{KEY}\n", "utf-8")
    return {"FIREBASE_CREDENTIALS_FILE": written(tmp_path), "FIREBASE_API_KEY_FILE": str(key)}
