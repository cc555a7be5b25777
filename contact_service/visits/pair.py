"""A visit as it was for a child and one other person: who came, and how long they were together.  Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contact_service.ids import PersonId, VisitId
from contact_service.visits.loss import Facts, SideReason
from contact_service.visits.visit import Outcome, ParticipantRole, Stage, Visit, VisitState

Stretch = tuple[datetime, datetime]
Pair = tuple[VisitId, PersonId, PersonId]
"""A visit, the child whose side it is seen from, and the other person."""

# Whoever stands here was never at the waiting room.
NOT_COME = frozenset({Stage.INVITED, Stage.OPENED, Stage.CHECKING})


def parties(visit: Visit) -> frozenset[PersonId]:
    """The children whose visit it is, and the family members who join by their own link."""
    guests = (p.person for p in visit.families() if p.role is ParticipantRole.FAMILY_MEMBER)
    return frozenset({*(one.child for one in visit.children), *(p for p in guests if p is not None)})


@dataclass(frozen=True, kw_only=True)
class Device:
    """Somebody's device in a visit: whose it is, whether it came to the waiting room, and when it was let in."""

    person: PersonId | None
    role: ParticipantRole
    came: bool
    stretches: list[Stretch] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class ChildSeen:
    """A child whose visit it is: their carer and how it turned out for them."""

    carer: PersonId | None
    outcome: Outcome | None


@dataclass(frozen=True, kw_only=True)
class VisitSeen:
    """A visit with the devices in it."""

    id: VisitId
    state: VisitState
    reason: str
    starts_at: datetime
    ends_at: datetime
    children: dict[PersonId, ChildSeen]
    devices: list[Device]

    def parties(self) -> frozenset[PersonId]:
        """The children, and the family members who join by their own link."""
        guests = (d.person for d in self.devices if d.role is ParticipantRole.FAMILY_MEMBER)
        return frozenset({*self.children, *(person for person in guests if person is not None)})

    def met_by(self, child: PersonId) -> frozenset[PersonId]:
        """Whom ``child`` meets in it: everybody, or only the children whose visit it is when the child is a guest."""
        others = self.parties() - {child}
        return others if child in self.children else others & self.children.keys()

    def came(self, person: PersonId) -> bool:
        """Whether they, or whoever brings them, came to the waiting room at least."""
        return any(device.came for device in self._devices_of(person))

    def supervisor_came(self) -> bool:
        """Whether the visit supervisor did."""
        return any(d.came for d in self.devices if d.role is ParticipantRole.VISIT_SUPERVISOR)

    def together(self, one: PersonId, other: PersonId) -> timedelta:
        """How long both were in the room at once."""
        return _overlap(self._stretches(one), self._stretches(other))

    def _devices_of(self, person: PersonId) -> Iterator[Device]:
        own = self.children.get(person)
        holders = {person} if own is None or own.carer is None else {person, own.carer}
        return (device for device in self.devices if device.person in holders)

    def _stretches(self, person: PersonId) -> list[Stretch]:
        return _union(stretch for device in self._devices_of(person) for stretch in device.stretches)


def _union(stretches: Iterable[Stretch]) -> list[Stretch]:
    found: list[Stretch] = []
    for first, last in sorted(stretches):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def _overlap(one: list[Stretch], other: list[Stretch]) -> timedelta:
    spans = (min(a[1], b[1]) - max(a[0], b[0]) for a in one for b in other)
    return sum((span for span in spans if span > timedelta(0)), timedelta(0))


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was kept about visits after they were lost: each side's reason, and whether they are still owed."""

    reasons: Mapping[Pair, SideReason]
    decisions: Mapping[Pair, bool]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What else the facts of a visit rest on.  ``late_exit``: how long after its end the door closes."""

    now: datetime
    late_exit: timedelta
    are_children: frozenset[PersonId]
    said: Said


def pair_facts(visit: VisitSeen, child: PersonId, person: PersonId, known: Known) -> Facts:
    """The visit as it was for ``child`` and ``person``."""
    asked = [visit.children.get(one) for one in (child, person)]
    return Facts(
        state=visit.state,
        reason=visit.reason,
        outcomes=tuple(one.outcome for one in asked if one is not None),
        planned=visit.ends_at - visit.starts_at,
        together=visit.together(child, person),
        child_there=visit.came(child),
        person_there=visit.came(person),
        supervisor_there=visit.supervisor_came(),
        person_is_child=person in known.are_children,
        is_past=known.now >= visit.ends_at + known.late_exit,
        child_said=known.said.reasons.get((visit.id, child, child)),
        person_said=known.said.reasons.get((visit.id, child, person)),
    )
