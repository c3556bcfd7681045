"""`python -m deployment.smoke URL [--commit SHA] [--wait SECONDS]`: tests a deployed API.

It checks the version, the health, a read, and the read's ETag. If one is wrong, it prints the
reason and ends with status 1. It uses only the standard library, so that a workflow's runner needs
no packages.
"""

import argparse
import gzip
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any, Final

READ: Final = "/features"
ATTEMPT_SECONDS: Final = 60
"""Timeout of one answer: the first fill of a new instance reads the whole list."""

PAUSE_SECONDS: Final = 5.0


class NotWorkingError(Exception):
    """The API does not work; the message has the request and what is wrong with the answer."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: bytes


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deployment.smoke", description=__doc__)
    parser.add_argument("url", help="where the API is, as https://name.azurewebsites.net")
    parser.add_argument("--commit", default="", help="the commit that must be running there")
    parser.add_argument("--wait", type=float, default=0, help="seconds that it may take to start")
    given = parser.parse_args(arguments)
    url, until = given.url.rstrip("/"), time.monotonic() + given.wait
    try:
        _until(until, lambda: _version(url, given.commit))
        _until(until, lambda: _health(url))
        etag = _read(url)
        _not_modified(url, etag)
    except NotWorkingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _until(end: float, check: Callable[[], None]) -> None:
    """Repeat a check until `end`: the container may be starting, or the old one still answering."""
    while True:
        try:
            return check()
        except NotWorkingError:
            if time.monotonic() + PAUSE_SECONDS > end:
                raise
            time.sleep(PAUSE_SECONDS)


def _version(url: str, commit: str) -> None:
    answer = _get(f"{url}/api/version")
    version = _json(f"{url}/api/version", answer)
    running = version.get("commit") if isinstance(version, dict) else None
    _expect(commit in ("", running), f"{url}/api/version: commit {running}, not {commit}")
    _print(f"commit {running} answers")


def _health(url: str) -> None:
    answer = _get(f"{url}/api/health")
    state = answer.body.decode("utf-8", "replace")
    _expect(answer.status == HTTPStatus.OK, f"{url}/api/health: {answer.status} {state}")
    _print(f"health: {state}")


def _read(url: str) -> str:
    """Read the list; return its ETag."""
    answer = _get(url + READ, **{"Accept-Encoding": "gzip"})
    etag = answer.headers.get("ETag", "")
    records = _json(url + READ, answer)
    _expect(isinstance(records, list), f"{url}{READ}: no list of records")
    _expect(etag.startswith('"'), f"{url}{READ}: no strong ETag, but {etag!r}")
    _print(f"{len(records)} records, {len(answer.body)} bytes, ETag {etag}")
    return etag


def _not_modified(url: str, etag: str) -> None:
    answer = _get(url + READ, **{"Accept-Encoding": "gzip", "If-None-Match": etag})
    found = f"{answer.status} with {len(answer.body)} bytes"
    unchanged = answer.status == HTTPStatus.NOT_MODIFIED and not answer.body
    _expect(unchanged, f"{url}{READ}, If-None-Match: {found}")
    _print("its ETag gives 304")


def _get(url: str, **headers: str) -> Answer:
    _expect(url.startswith(("http://", "https://")), f"{url}: no http:// or https:// address")
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - see above
    try:
        with urllib.request.urlopen(request, timeout=ATTEMPT_SECONDS) as answer:  # noqa: S310 - above
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.headers, error.read())
    except OSError as error:
        raise NotWorkingError(f"{url}: {error}") from error


def _json(url: str, answer: Answer) -> Any:
    packed = answer.headers.get("Content-Encoding") == "gzip"
    try:
        _expect(answer.status == HTTPStatus.OK, f"{url}: {answer.status}")
        return json.loads(gzip.decompress(answer.body) if packed else answer.body)
    except (ValueError, EOFError, OSError) as error:
        raise NotWorkingError(f"{url}: no JSON ({error})") from error


def _expect(truth: bool, otherwise: str) -> None:  # noqa: FBT001 - an assertion's argument
    if not truth:
        raise NotWorkingError(otherwise)


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
