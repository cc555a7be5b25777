"""In which turn the visits of a draft are asked for: whoever leaves a time goes before whoever comes to it.  Pure."""

from collections.abc import Sequence
from datetime import timedelta

from contact_service.agency_week.run import DraftState, PlannedVisit, Was
from contact_service.ids import VisitId

# More than any time that somebody needs around a visit by default; too much only asks for an order that is not needed.
_AROUND = timedelta(hours=1)
# A visit counts against its child's other visits for some days: one a day, and the days between two.
_NEAR = timedelta(days=2)


def in_turn(visits: Sequence[PlannedVisit]) -> list[PlannedVisit]:
    """The visits in a turn in which each finds its new time left, wherever there is one such turn.

    Visits that wait for each other in a ring have none: then the one that the fewest others hold up goes first.  Those
    that were refused before come last, so that whoever asks for a few at a time comes to the end.
    """
    held_up = {one.id: _held_up(one, visits) for one in visits}
    left = {one.id: one for one in visits}
    turn = []
    while left:
        first = min(
            left.values(),
            key=lambda one: (one.state is DraftState.REFUSED, sum(held_up[one.id].values()), one.number),
        )
        turn.append(left.pop(first.id))
        for others in held_up.values():
            others.pop(first.id, None)
    return turn


def _held_up(one: PlannedVisit, visits: Sequence[PlannedVisit]) -> dict[VisitId, int]:
    """Which others are still where ``one`` shall be, and how much they hinder it."""
    found = {}
    for other in visits:
        hinders = _hinders(one, other, other.was) if other.was and other.id != one.id else 0
        if hinders:
            found[other.id] = hinders
    return found


def _hinders(one: PlannedVisit, other: PlannedVisit, was: Was) -> int:
    if one.starts_at is None:
        return 0
    family = _family(one) & _family(other)
    if not family and one.supervisor != was.supervisor:
        return 0
    # How far the two are apart; negative where they overlap.
    apart = max(one.starts_at - was.starts_at - other.length, was.starts_at - one.starts_at - one.length)
    if apart < _AROUND:
        return 1000
    return 1 if family and apart < _NEAR else 0


def _family(one: PlannedVisit) -> set[str]:
    children = (one.child, *(other.child for other in one.sharing))
    carers = (one.caregiver, *(other.caregiver for other in one.sharing))
    return {*children, *one.people, *(carer for carer in carers if carer is not None)}
