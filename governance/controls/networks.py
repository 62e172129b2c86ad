"""Networks: does where an access came from lie in one of some?"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@lru_cache(maxsize=65_536)
def in_networks(origin: str | None, networks: tuple[str, ...]) -> bool | None:
    """Return whether an address, or the network it was cut down to, lies in one of some.

    None when nothing is known of the origin, or when the log knows only a network of which some
    part alone lies in one of them.
    """
    if origin is None:
        return None
    came_from = _network(origin)
    known = [each for each in map(_network, networks) if each is not None]
    if came_from is None:
        return False
    if any(_lies_in(came_from, each) for each in known):
        return True
    return None if any(_lies_in(each, came_from) for each in known) else False


def _network(text: str) -> _Network | None:
    try:
        return ipaddress.ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _lies_in(inner: _Network, outer: _Network) -> bool:
    if isinstance(outer, ipaddress.IPv4Network):
        return isinstance(inner, ipaddress.IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, ipaddress.IPv6Network) and inner.subnet_of(outer)
