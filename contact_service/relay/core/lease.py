"""The lease on all edges: 2 s from the moment when the relay sent the nonce that a renewal echoes."""

from collections import OrderedDict
from dataclasses import dataclass, field

LEASE_SECONDS = 2.0
_MOST_OPEN = 8


@dataclass(slots=True)
class Lease:
    """Until when (monotonic seconds, end excluded) edges may exist."""

    until: float = float("-inf")
    _open: OrderedDict[str, float] = field(default_factory=OrderedDict)

    def asked(self, nonce: str, now: float) -> None:
        """Note that ``nonce`` was sent at ``now``."""
        self._open[nonce] = now
        while len(self._open) > _MOST_OPEN:
            self._open.popitem(last=False)

    def renewed(self, nonce: str) -> bool:
        """Extend by an echoed nonce; False if it was never sent or was used."""
        sent_at = self._open.pop(nonce, None)
        if sent_at is None:
            return False
        self.until = max(self.until, sent_at + LEASE_SECONDS)
        return True

    def disconnected(self) -> None:
        """Forget nonces that a closed link can no longer echo."""
        self._open.clear()
