"""Hold, mute, remove and end as latches: set at once, lifted only by a list that knows them (PROTOCOL.md section 4)."""

from dataclasses import dataclass, field

from contact_service.protocol.rooms import ClearedLatch, Person, Room, RoomState, TakenEvent


@dataclass(frozen=True, slots=True)
class Latch:
    """One stop: its generation within this boot, and the number of the event that reported it."""

    boot: str
    generation: int
    number: int

    def lifted_by(self, cleared: ClearedLatch | None, taken: TakenEvent | None) -> bool:
        """Whether a list that says ``cleared`` was made by somebody who knew of this very stop."""
        if cleared != ClearedLatch(boot=self.boot, generation=self.generation):
            return False
        return taken is not None and taken.boot == self.boot and taken.number >= self.number


@dataclass(slots=True)
class Latches:
    """The stops of one room.  Removed participants and the end stay for the life of the room."""

    hold: Latch | None = None
    mutes: dict[str, Latch] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    ended: bool = False

    def apply(self, room: Room, taken: TakenEvent | None) -> None:
        """Lift what ``room`` names and may lift; everything else stays."""
        if self.hold and room.state is RoomState.LIVE and self.hold.lifted_by(room.cleared_hold, taken):
            self.hold = None
        for person in room.people:
            self._apply_mute(person, taken)

    def _apply_mute(self, person: Person, taken: TakenEvent | None) -> None:
        latch = self.mutes.get(person.participant)
        if latch and not person.muted and latch.lifted_by(person.cleared_mute, taken):
            del self.mutes[person.participant]
