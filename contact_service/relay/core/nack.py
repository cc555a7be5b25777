"""Which packets of one publisher's picture are missing, and when to ask for them again (RFC 4585)."""

from dataclasses import dataclass, field

MOST_ASKS = 10
MOST_MISSING = 256
FIRST_ASK_SECONDS = 0.012


@dataclass(slots=True)
class _Missing:
    since: float
    asked_at: float = 0.0
    asks: int = 0


@dataclass(slots=True)
class NackTracker:
    """Missing extended sequences; ``gave_up`` says that only a keyframe helps."""

    missing: dict[int, _Missing] = field(default_factory=dict)
    gave_up: bool = False

    def gap(self, first: int, end: int, now: float) -> None:
        """Note that ``first`` to ``end`` (excluded) did not come in order."""
        if end - first + len(self.missing) > MOST_MISSING:
            self.forget()
            self.gave_up = True
            return
        for sequence in range(first, end):
            self.missing[sequence] = _Missing(now)

    def came(self, sequence: int) -> None:
        """Note that ``sequence`` came after all."""
        self.missing.pop(sequence, None)

    def forget(self) -> None:
        """Miss nothing."""
        self.missing.clear()
        self.gave_up = False

    def due(self, now: float, *, rtt: float, jitter: float) -> list[int]:
        """The extended sequences to ask for now, ascending; each at most ``MOST_ASKS`` times, a round trip apart."""
        wait, again = max(FIRST_ASK_SECONDS, jitter), max(0.04, 1.2 * rtt)
        asks = []
        for sequence, entry in list(self.missing.items()):
            if now - entry.since < wait or now - entry.asked_at < again:
                continue
            if entry.asks >= MOST_ASKS:
                del self.missing[sequence]
                self.gave_up = True
                continue
            entry.asks, entry.asked_at = entry.asks + 1, now
            asks.append(sequence)
        return sorted(asks)
