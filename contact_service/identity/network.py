"""What of a client's address counts attempts.  Pure."""

from ipaddress import IPv6Address, ip_address, ip_network

_PREFIX = 64  # what one subscriber holds whole, and may pick any address of (RFC 6177)
_WITHIN = tuple(
    ip_network(one)
    for one in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)


def may_be_everybodys(address: str) -> bool:
    """Whether an address is of this machine or network (RFC 1918, RFC 4193): maybe of a proxy, for all who come.

    What strangers do through it must not keep everybody out.
    """
    try:
        found = ip_address(address)
    except ValueError:
        return True
    return any(found in one for one in _WITHIN if one.version == found.version)


def network_of(address: str, *, prefix: int = _PREFIX) -> str:
    """The address itself, but of IPv6 its /64 (or ``prefix`` bits); whatever is no address is returned as it is."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((int(found), prefix), strict=False))
