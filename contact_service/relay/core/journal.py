"""The numbered events of this boot that the API has not taken in yet."""

from collections import OrderedDict
from collections.abc import Mapping

from contact_service.protocol.link import Event, EventKind
from contact_service.protocol.rooms import TakenEvent

MOST_WAITING = 10_000


class Journal:
    """Numbers events from 1 and keeps each until it is acknowledged."""

    def __init__(self, boot: str) -> None:
        self.boot = boot
        self.number = 0
        self._waiting: OrderedDict[int, Event] = OrderedDict()

    @property
    def is_full(self) -> bool:
        """Whether so much waits that nobody new should be let in."""
        return len(self._waiting) >= MOST_WAITING

    def record(
        self,
        kind: EventKind,
        *,
        visit: str,
        participant: str | None,
        at_ms: int,
        facts: Mapping[str, str | int],
    ) -> Event:
        """The next event, waiting from now on."""
        self.number += 1
        event = Event(
            boot=self.boot,
            number=self.number,
            visit=visit,
            participant=participant,
            kind=kind,
            at_ms=at_ms,
            facts=dict(facts),
        )
        self._waiting[self.number] = event
        return event

    def taken(self, taken: TakenEvent) -> None:
        """Forget what is taken in; another boot's word says nothing about ours."""
        if taken.boot != self.boot:
            return
        while self._waiting and next(iter(self._waiting)) <= taken.number:
            self._waiting.popitem(last=False)

    def waiting(self, *, after: int = 0) -> list[Event]:
        """What is not taken in yet and has a number above ``after``, in order."""
        return [event for number, event in self._waiting.items() if number > after]
