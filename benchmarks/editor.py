"""Signs up a user with the role `editor`, who may write."""

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from secrets import token_hex


def editor_headers(url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the Authorization header of a new editor."""
    account = {"email": f"{token_hex(8)}@example.com", "password": "benchmark"}
    _post(f"{url}/signup", account)
    command = [sys.executable, "-m", "shared.cli", "grant", account["email"], "editor"]
    subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True)
    token = _post(f"{url}/login", account)["idToken"]
    return {"Authorization": f"Bearer {token}"}


def _post(url: str, body: Mapping[str, str]) -> dict[str, str]:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 -- as below
    with urllib.request.urlopen(request) as answer:  # noqa: S310 -- our own address
        document: dict[str, str] = json.load(answer)
        return document
