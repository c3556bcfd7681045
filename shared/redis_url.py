"""The forms of REDIS_URL, checked without loading redis-py."""

from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

SCHEMES: Final = ("redis", "rediss", "redis+cluster", "rediss+cluster")


def split_sign_in(url: str) -> tuple[str, bool]:
    """Return the URL without `auth=entra`, and whether it had that (sign in with Entra ID).

    Raises ValueError, whose message contains nothing of the URL, for a URL that cannot work.
    """
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES:
        raise ValueError(f"begins with one of: {', '.join(f'{name}://' for name in SCHEMES)}")
    wanted = parse_qs(parts.query, keep_blank_values=True).get("auth", [])
    if not wanted:
        return url, False
    _check_sign_in(wanted, parts)
    query = "&".join(part for part in parts.query.split("&") if not part.startswith("auth="))
    return parts._replace(query=query).geturl(), True


def _check_sign_in(wanted: list[str], parts: SplitResult) -> None:
    if wanted != ["entra"]:
        raise ValueError("`auth` has one value: `entra`")
    if not parts.scheme.startswith("rediss"):
        raise ValueError("`auth=entra` needs TLS (a scheme of rediss): it sends a token")
    if parts.username is not None or parts.password is not None:
        raise ValueError("`auth=entra` takes no user and no password")
