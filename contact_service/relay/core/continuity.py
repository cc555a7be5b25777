"""One outgoing stream's numbers: gap-free sequence, monotone timestamps, over holds and changes of source."""

from dataclasses import dataclass


@dataclass(slots=True)
class Continuity:
    """Maps a source's extended sequence and timestamp to ours.

    Ours is the source's plus ``offset``.  ``highest`` is our last extended sequence; only source sequences from
    ``floor`` on are mapped, so that what came before a resume can never be given a number that was already used.
    """

    highest: int
    offset: int = 0
    floor: int = 0
    timestamp_offset: int = 0
    last_timestamp: int = 0
    last_at: float = 0.0
    source: object = None
    started: bool = False

    def resume(self, sequence: int) -> None:
        """Let source sequence ``sequence`` follow directly on our last one."""
        self.floor = sequence
        self.offset = self.highest + 1 - sequence

    def follow(self, source: object, timestamp: int, now: float, rate: int) -> None:
        """Take ``source`` over: its ``timestamp`` continues ours by the time that has passed, at least one tick."""
        if source is self.source:
            return
        if self.started:
            passed = max(1, int((now - self.last_at) * rate))
            self.timestamp_offset = self.last_timestamp + passed - timestamp
        self.source, self.started = source, True

    def source_of(self, ours: int) -> int:
        """The source sequence behind our 16-bit sequence ``ours``, as far as it is among our last 32,768."""
        behind = (self.highest - ours) & 0xFFFF
        return self.highest - behind - self.offset
