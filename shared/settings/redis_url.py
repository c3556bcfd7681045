"""The only parser of REDIS_URL; it does not load redis-py.

A scheme (`redis://`, `rediss://` for TLS, either with `+cluster`), then
`USER:PASSWORD@HOST:PORT/DB?OPTIONS` as in RFC 3986. Only the host is required. What redis-py would
ignore, and what cannot work, is refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from shared.settings.host_and_port import parse_host_and_port

SCHEMES: Final = ("redis", "rediss", "redis+cluster", "rediss+cluster")
USUAL_PORT: Final = 6379

_SIGN_IN: Final = "auth"
_AUTHORITY_FILE: Final = "ssl_ca_certs"

_URL_TEXT: Final = re.compile(r"(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*")
"""RFC 3986, section 2: every other character is percent-encoded."""

_PARTS: Final = re.compile(r"(?:(?P<user>[^@/?#]*)@)?(?P<server>[^@/?#]*)(?P<rest>.*)")
_REST: Final = re.compile(r"(?:/(?P<db>[0-9]{0,9}))?(?:\?(?P<options>[^#?]*))?")


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """One server, or a node of a cluster, and how to sign in there.

    Without a password and without `entra` nobody signs in. `ca_file` is the path of certificates
    that are trusted instead of the system's; empty for the system's.
    """

    host: str
    port: int
    tls: bool
    cluster: bool
    db: int = 0
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    entra: bool = False
    ca_file: str = ""


def parse_redis_url(text: str) -> RedisUrl:
    """Raises ValueError, whose message has nothing of the URL, for a URL that cannot work."""
    scheme, separator, address = text.strip().partition("://")
    scheme = scheme.lower()
    if scheme not in SCHEMES or not separator:
        raise ValueError(f"must begin with one of: {', '.join(f'{name}://' for name in SCHEMES)}")
    parts = _split(address)
    host, port = parse_host_and_port(parts["server"], USUAL_PORT)
    rest = _REST.fullmatch(parts["rest"])
    if rest is None:
        raise ValueError("may have only a database's number and options after the host and port")
    user, password = _sign_in(parts["user"])
    options = _options(rest["options"])
    url = RedisUrl(
        host,
        port,
        tls=scheme.startswith("rediss"),
        cluster=scheme.endswith("+cluster"),
        db=int(rest["db"] or 0),
        user=user,
        password=password,
        entra=_SIGN_IN in options,
        ca_file=options.get(_AUTHORITY_FILE, ""),
    )
    _check(url)
    return url


def _split(address: str) -> Mapping[str, Any]:
    if not _URL_TEXT.fullmatch(address):
        raise ValueError("has a character that must be percent-encoded (a `%` itself is `%25`)")
    parts = _PARTS.fullmatch(address)
    if "#" in address or parts is None or "@" in parts["rest"] or "@" in parts["server"]:
        raise ValueError(
            "must have its user and password percent-encoded: "
            "`#` is `%23`, `/` is `%2F`, `?` is `%3F`, `@` is `%40`"
        )
    return parts.groupdict()


def _sign_in(text: str | None) -> tuple[str | None, str | None]:
    """The decoded user and password; None where the URL has none."""
    if text is None:
        return None, None
    user, _, password = text.partition(":")
    if not password:
        raise ValueError("has an empty password, or a user without one (`:PASSWORD@` has no user)")
    return _decoded(user) or None, _decoded(password)


def _decoded(text: str) -> str:
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise ValueError("has a percent-encoded text that is not UTF-8") from None


def _options(text: str | None) -> dict[str, str]:
    given: dict[str, str] = {}
    for option in text.split("&") if text else ():
        name, _, value = option.partition("=")
        if name not in {_SIGN_IN, _AUTHORITY_FILE}:
            raise ValueError(f"has an option that is not `{_SIGN_IN}` or `{_AUTHORITY_FILE}`")
        if name in given:
            raise ValueError(f"has the option `{name}` twice")
        if not value:
            raise ValueError(f"has the option `{name}` without a value")
        given[name] = _decoded(value)
    if given.get(_SIGN_IN, "entra") != "entra":
        raise ValueError(f"has a value of `{_SIGN_IN}` that is not `entra`")
    return given


def _check(url: RedisUrl) -> None:
    if url.cluster and url.db:
        raise ValueError("names a database of a cluster, which has database 0 only")
    if url.entra and not url.tls:
        raise ValueError("needs TLS (rediss://) for `auth=entra`, which sends a token")
    if url.entra and url.password is not None:
        raise ValueError("has a user or a password besides `auth=entra`")
    if url.ca_file and not url.tls:
        raise ValueError(f"needs TLS (rediss://) for `{_AUTHORITY_FILE}`")
    if url.ca_file and not _has_certificates(Path(url.ca_file)):
        raise ValueError(f"names in `{_AUTHORITY_FILE}` no file with certificates in PEM")


def _has_certificates(file: Path) -> bool:
    import ssl

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except (OSError, ValueError):  # ssl.SSLError is an OSError
        return False
    return True
