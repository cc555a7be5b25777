"""When to ask a publisher for a keyframe: coalesced, throttled, repeated until it comes."""

from dataclasses import dataclass

CALM_SECONDS = 0.5
URGENT_SECONDS = 0.2


@dataclass(slots=True)
class KeyframeRequests:
    """The requests of all receivers of one picture, as one."""

    wanted: bool = False
    _asked_at: float = float("-inf")
    _due_at: float = 0.0

    def want(self, now: float, *, urgent: bool) -> None:
        """Ask soon: at once unless asked within 500 ms, or within 200 ms if ``urgent`` (new edge, resume)."""
        due_at = max(now, self._asked_at + (URGENT_SECONDS if urgent else CALM_SECONDS))
        self._due_at = min(self._due_at, due_at) if self.wanted else due_at
        self.wanted = True

    def came(self) -> None:
        """Note that a keyframe begins."""
        self.wanted = False

    def due(self, now: float, *, rtt: float) -> bool:
        """Whether to ask now; asking again is due 2 round trips later, at least 200 ms, at most 1 s."""
        if not self.wanted or now < self._due_at:
            return False
        self._asked_at = now
        self._due_at = now + min(max(2 * rtt, 0.2), 1.0)
        return True
