"""What the core wants done by whoever owns the sockets."""

from dataclasses import dataclass, field

Sending = tuple[str, bytes]
"""A leg, and one unprotected packet for it.  A plain tuple, because one is made for every forwarded packet."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A leg that is no more.  ``ended``: its participant is told that it is over; else they may join again."""

    leg: str
    ended: bool


@dataclass(slots=True)
class Outbox:
    """Intents in order; the owner empties it after every call into the core."""

    rtp: list[Sending] = field(default_factory=list)
    rtcp: list[Sending] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    """Visits whose views may have changed."""
