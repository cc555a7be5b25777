"""Between a publisher's stream and a receiver's: a packet as it is kept, and the way on as seen from behind."""

from typing import NamedTuple, Protocol


class Kept(NamedTuple):
    """A packet as it came: extended sequence, marker and padding bits, timestamp, audio level byte, payload."""

    sequence: int
    marker: int
    padding: int
    timestamp: int
    level: int
    payload: bytes


class Edge(Protocol):
    """An outgoing stream.  ``gated`` is true until the packet comes that may begin."""

    leg: str
    gated: bool

    def begin(self, packet: Kept, now: float) -> None:
        """Let ``packet`` be the first one through the gate."""

    def forward(self, packet: Kept, stamp: bytes, now: float) -> bytes | None:
        """``packet`` as this receiver gets it, ``stamp`` its send time; None if it lies before the gate."""

    def close(self) -> None:
        """Send nothing more of the source, not even again."""
