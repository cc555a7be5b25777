"""Which addresses of calendars are asked: those of the web, over TLS, and never of the house itself.  Pure."""

from ipaddress import IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from contact_service.errors import BadInput

LONGEST_ADDRESS = 1000
_TLS = 443
_UNICAST = IPv6Network("2000::/3")


def clean_address(typed: str) -> str:
    """An ``https`` address (``webcal`` is the same) as it is kept; raises ``BadInput``."""
    address = typed.strip()
    if address.lower().startswith(("webcal://", "webcals://")):
        address = "https://" + address.partition("://")[2]
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadInput("This is no address. Copy it from the settings of the calendar.", "address") from None
    if len(address) > LONGEST_ADDRESS or not address.isascii() or not address.isprintable() or " " in address:
        raise BadInput("This is no address. Copy it from the settings of the calendar.", "address")
    if parts.scheme.lower() != "https" or not parts.hostname:
        raise BadInput(
            "The address must begin with https. Copy it from the settings of the calendar.", "address"
        )
    if parts.username is not None or parts.password is not None or port not in (None, _TLS):
        raise BadInput("We ask no address with a name, a password or a port in it.", "address")
    if _is_number(parts.hostname) or "." not in parts.hostname:
        raise BadInput(
            "We ask addresses with a name alone. Copy it from the settings of the calendar.", "address"
        )
    return address


def is_of_the_web(number: str) -> bool:
    """Whether an internet address, as numbers, is one that anybody may reach: not private, not our own."""
    try:
        address = ip_address(number)
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        if mapped is None:
            # Others that carry an IPv4 address in them (6to4, NAT64, Teredo) lead wherever that one does.
            carries = address.sixtofour is not None or address.teredo is not None
            return address in _UNICAST and address.is_global and not carries
        address = mapped
    return address.is_global and not address.is_multicast


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdigit()
    return True
