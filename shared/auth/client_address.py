"""The address that a request comes from, as the platform saw it."""

from collections.abc import Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address, IPv6Network
from typing import Final

UNKNOWN: Final = "unknown"


def client_address(headers: Mapping[str, str]) -> str:
    """The caller's IPv4 address, or the /64 of its IPv6 address; UNKNOWN when none is given.

    Azure's front end appends `ip:port` to X-Forwarded-For; what stands before that came from the
    client, and may say anything. One subscriber has a whole /64 (RFC 6177).
    """
    forwarded = next(
        (value for name, value in headers.items() if name.lower() == "x-forwarded-for"), ""
    )
    return _address(forwarded.rpartition(",")[2].strip())


def _address(text: str) -> str:
    try:
        if text.startswith("["):
            return _ipv6(text[1:].partition("]")[0])
        if text.count(":") > 1:
            return _ipv6(text)
        return str(IPv4Address(text.partition(":")[0]))
    except AddressValueError:
        return UNKNOWN


def _ipv6(text: str) -> str:
    address = IPv6Address(text.partition("%")[0])
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((address, 64), strict=False))
