"""Whether an address that a stranger chose may be reached: never into private networks, never in the clear.

A name is resolved once and every address it has is judged; whoever connects does so to the very address that was
judged, so that a name that changes its mind in between changes nothing.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from django.conf import settings

from peyvand.platform.outgoing.reasons import CLOSED, NO_ADDRESS

_NAT64: Final = ip_network("64:ff9b::/96")
# Not public either, whatever a version of Python says: a site's own, protocols', relays of 6to4.
_CLOSED: Final = tuple(map(ip_network, ("fec0::/10", "192.0.0.0/24", "192.88.99.0/24")))
Ip = IPv4Address | IPv6Address


class NotReached(Exception):
    """Nothing came back; the text says why."""


class Forbidden(NotReached):
    """The address lies where nothing may be sent."""


def own_networks() -> list[IPv4Network | IPv6Network]:
    """Networks that are not public, which may be reached all the same."""
    return [ip_network(text) for text in settings.OUTGOING_NETWORKS]


def judged(host: str, port: int, *, is_secure: bool) -> str:
    """The address to connect to, after every address of the name was judged.

    Raises:
        Forbidden: one of them may not be reached. NotReached: the name has none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotReached(NO_ADDRESS % {"host": host}) from error
    addresses = list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
    for text in addresses:
        ip = _meant(ip_address(text))
        if any(ip in network for network in own_networks()):
            continue
        if not _is_public(ip) or not is_secure:
            raise Forbidden(CLOSED % {"host": host, "address": text})
    if not addresses:
        raise NotReached(NO_ADDRESS % {"host": host})
    return addresses[0]


def _meant(ip: Ip) -> Ip:
    """The IPv4 address that an IPv6 address stands for, where it does."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _is_public(ip: Ip) -> bool:
    if any(ip in network for network in _CLOSED):
        return False
    is_tunnel = isinstance(ip, IPv6Address) and ip.teredo is not None
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified or is_tunnel)
