"""What all rooms of one relay boot share: the lease, numbered events, generations, intents, chance."""

from dataclasses import dataclass, field
from random import Random

from contact_service.relay.core.journal import Journal
from contact_service.relay.core.latches import Latch
from contact_service.relay.core.lease import Lease
from contact_service.relay.core.outbox import Outbox
from contact_service.relay.core.reports import Wall


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant twice: monotonic seconds, and Unix milliseconds of the wall clock."""

    now: float
    at_ms: int


@dataclass(slots=True)
class Ledger:
    """Shared by the rooms of one relay; ``random`` need not be secret, SSRCs and first numbers come from it."""

    journal: Journal
    wall: Wall
    random: Random
    lease: Lease = field(default_factory=Lease)
    outbox: Outbox = field(default_factory=Outbox)
    generation: int = 0

    def next_generation(self) -> int:
        """A generation that no stop of this boot has had."""
        self.generation += 1
        return self.generation

    def latch(self, generation: int) -> Latch:
        """A latch of ``generation`` that the event recorded last reported."""
        return Latch(self.journal.boot, generation, self.journal.number)
