"""`HOST:PORT` in a setting, as in RFC 3986: a name, an IPv4 address, or an IPv6 address in []."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

_LAST_PORT: Final = 65535

_HOST_AND_PORT: Final = re.compile(
    r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9_][A-Za-z0-9._-]{0,252}))(?::(?P<port>.*))?"
)


def parse_host_and_port(text: str, usual_port: int | None = None) -> tuple[str, int]:
    """Raises ValueError, whose message has nothing of the text.

    Without `usual_port` the text must have a port.
    """
    parts = _HOST_AND_PORT.fullmatch(text)
    if parts is None:
        raise ValueError("has no host, or an invalid one")
    host = parts["v6"] or parts["name"]
    try:
        if parts["v6"]:
            IPv6Address(host)
        elif re.fullmatch(r"[0-9.]+", host):
            IPv4Address(host)
    except AddressValueError:
        raise ValueError("has an invalid IP address") from None
    if parts["port"] is None and usual_port is not None:
        return host, usual_port
    return host, parse_port(parts["port"] or "")


def parse_port(text: str) -> int:
    """Raises ValueError, whose message has nothing of the text."""
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) <= _LAST_PORT:
        raise ValueError(f"needs a port from 1 to {_LAST_PORT}")
    return int(text)
