"""The network side of one leg: its checks, its DTLS association, its SRTP directions."""

from contact_service.relay.core.leg import Leg
from contact_service.relay.io.dtls import Dtls, Keys
from contact_service.relay.io.ice import Checks
from contact_service.relay.io.srtp import Inbound, Outbound

MOST_SOURCES = 6
"""RTP SSRCs kept per leg: sound, picture, repair, and room for a browser that changes one."""
MOST_REPORTERS = 24
"""RTCP SSRCs kept per leg: Firefox reports with one for every line."""


class Wire:
    """What the port needs to know of one leg.  ``place`` is where its packets go, None before the first good check."""

    def __init__(self, leg: Leg, checks: Checks, dtls: Dtls) -> None:
        self.leg, self.checks, self.dtls = leg, checks, dtls
        self.place: int | None = None
        self.inbound: Inbound | None = None
        self.outbound: Outbound | None = None
        self.sources: set[bytes] = set()
        self.reporters: set[bytes] = set()

    def secure(self, keys: Keys) -> None:
        """Protect and open packets with ``keys`` from now on."""
        self.inbound = Inbound(keys.profile, keys.inbound)
        self.outbound = Outbound(keys.profile, keys.outbound)
