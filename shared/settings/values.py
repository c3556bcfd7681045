"""Which texts the settings may have. Each function raises ValueError for one that cannot work.

A message continues the setting's name ("COMMIT: is no commit"). It has no part of the text, which
may be a secret, or a piece of one in the wrong setting.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from shared.settings.connection_string import parse_azure_string, parse_odbc_string
from shared.settings.host_and_port import parse_host_and_port

DEFAULT_CREDENTIALS: Final = "GOOGLE_APPLICATION_CREDENTIALS"
"""Google's own name for the path of a credential, federated ones included."""

_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_WHOLE_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_WEB_URL: Final = re.compile(
    r"(?P<scheme>https?)://(?P<server>[^/?#@]+)(?P<path>/[A-Za-z0-9/._-]*)?"
)
_PROJECT: Final = re.compile(r"(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{0,61}[a-z0-9]")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_COMMIT: Final = re.compile(r"[!-~]{1,100}")
_PEM: Final = re.compile(
    r"-----BEGIN (?P<kind>(?:RSA )?PRIVATE KEY)-----\s+(?P<body>[A-Za-z0-9+/=\s]+)"
    r"-----END (?P=kind)-----\s*"
)
_LOOPBACK: Final = re.compile(r"localhost|127\.[0-9.]+|::1")


def check_number(text: str) -> None:
    """Refuse what only Python reads as a number: `1_000`, `nan`, digits of other scripts."""
    _match(_NUMBER, text, "is no number")


def check_whole_number(text: str) -> None:
    _match(_WHOLE_NUMBER, text, "is no whole number")


def check_project(text: str) -> None:
    _match(_PROJECT, text, "is no id of a project: small letters, digits and hyphens")


def check_api_key(text: str) -> None:
    """It is sent as a header."""
    _match(_KEY, text, "is no API key: letters, digits, `-` and `_`")


def check_commit(text: str) -> None:
    _match(_COMMIT, text, "is no commit")


def check_emulator(text: str) -> None:
    if "/" in text:
        raise ValueError("must be a host and a port, without a scheme or a path")
    parse_host_and_port(text)


def check_file_name(text: str) -> None:
    if Path(text).name in {"", ".."}:
        raise ValueError("is the path of a folder, not of a file")


def check_database_file(text: str) -> None:
    """The file may be missing, and its folder too; both are then created."""
    if text == ":memory:":
        raise ValueError("is a database in memory: each connection would have one of its own")
    file = Path(text)
    if file.exists() and not file.is_file():
        raise ValueError("is a directory, or something else that is no file")
    parent = next(folder for folder in file.absolute().parents if folder.exists())
    if not parent.is_dir():
        raise ValueError("lies below a file, where no folder can be")


def check_odbc(text: str) -> None:
    values = parse_odbc_string(text)
    if {"dsn", "filedsn"}.isdisjoint(values):
        if not values.get("driver"):
            raise ValueError("names no Driver (and no DSN)")
        if not any(values.get(name) for name in ("server", "address", "addr")):
            raise ValueError("names no Server (and no DSN)")
    if values.get("applicationintent", "").lower() == "readonly":
        # Versions that are read from a replica may be older than acknowledged writes.
        raise ValueError("has ApplicationIntent=ReadOnly: reads would go to a replica")


def check_storage_url(text: str) -> None:
    url = _web_url(text)
    if url["scheme"] != "https":
        raise ValueError("must begin with https://: a token of the managed identity is sent there")
    # An emulator has the account's name in the path.
    if (url["path"] or "").strip("/") and not _LOOPBACK.fullmatch(url["host"]):
        raise ValueError("must be the address of an account, without a container")


def check_storage_string(text: str) -> None:
    values = parse_azure_string(text)
    if "usedevelopmentstorage" in values:
        if values["usedevelopmentstorage"] != "true":
            raise ValueError("has a value of UseDevelopmentStorage that is not `true`")
        return
    if not values.get("accountname") and not values.get("blobendpoint"):
        raise ValueError("names no AccountName and no BlobEndpoint")
    if not values.get("sharedaccesssignature") and not (
        values.get("accountname") and _is_base64(values.get("accountkey", ""))
    ):
        raise ValueError("needs AccountName with AccountKey in base64, or SharedAccessSignature")
    if values.get("defaultendpointsprotocol", "https") not in {"http", "https"}:
        raise ValueError("has a DefaultEndpointsProtocol that is not `http` or `https`")
    if endpoint := values.get("blobendpoint"):
        _web_url(endpoint)


def check_telemetry(text: str) -> None:
    values = parse_azure_string(text)
    try:
        UUID(values["instrumentationkey"])
    except (KeyError, ValueError):
        raise ValueError("has no InstrumentationKey that is a UUID") from None
    for name in {"ingestionendpoint", "liveendpoint"} & values.keys():
        _web_url(values[name])


def check_service_account(text: str) -> None:
    account = _json_object(text if text.startswith("{") else _file_text(text))
    if account.get("type") != "service_account":
        raise ValueError("is JSON, but its `type` is not `service_account`")
    names = ("client_email", "token_uri", "private_key")
    if not all(isinstance(account.get(name), str) and account[name] for name in names):
        raise ValueError(f"lacks a field of a service account: {', '.join(names)}")
    key = _PEM.fullmatch(account["private_key"])
    if key is None or not _is_base64("".join(key["body"].split())):
        raise ValueError("has a `private_key` that is not in PEM")


def check_credential_file(path: str) -> None:
    """A file of GOOGLE_APPLICATION_CREDENTIALS, which may hold credentials of several types."""
    if "type" not in _json_object(_file_text(path)):
        raise ValueError("is no credential of Google: it lacks `type`")


def _file_text(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, ValueError):
        raise ValueError("is neither JSON nor the path of a text file that can be read") from None


def _json_object(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    raise ValueError("is no JSON object")


def _web_url(text: str) -> dict[str, Any]:
    """The URL's scheme, host and path. Raises ValueError for one with a user or a query."""
    url = _WEB_URL.fullmatch(text)
    if url is None:
        raise ValueError(
            "has an address that is not https://HOST, without user, query and fragment"
        )
    host, _ = parse_host_and_port(url["server"], 443)
    return {**url.groupdict(), "host": host}


def _is_base64(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return False


def _match(pattern: re.Pattern[str], text: str, fault: str) -> None:
    if not pattern.fullmatch(text):
        raise ValueError(fault)
