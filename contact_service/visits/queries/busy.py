"""Who of a visit is busy then, by a calendar of their own."""

from collections.abc import Iterable
from datetime import datetime

from contact_service.actor import Role
from contact_service.ids import PersonId
from contact_service.scheduling.local_time import NoSuchTime
from contact_service.visits.known_busy import BusyThen, busy_then
from contact_service.visits.queries.asking import start_of
from contact_service.visits.queries.finding import children_within
from contact_service.visits.queries.knowing import known_busy_of
from contact_service.visits.visit import Visit
from contact_service.visits.weeks import weeks_around
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.working_hours.queries import family_busy_at


def busy_at(work: Work, wish: Wish) -> list[BusyThen]:
    """Who of ``wish`` is busy at its time, by a calendar of their own; nobody where there is no such time."""
    starts_at = start_of(work, wish)
    if isinstance(starts_at, NoSuchTime):
        return []
    return busy_from(work, wish, starts_at)


def busy_from(work: Work, wish: Wish, starts_at: datetime) -> list[BusyThen]:
    """The same where ``wish`` starts at an instant, whatever its own time is."""
    return _busy(work, wish.everybody, starts_at, starts_at + wish.length)


def may_know(work: Work) -> bool:
    """Whether the actor books or decides about visits: when a family is busy is nobody else's business."""
    return any(work.actor.has(one) for one in (Role.WORKER, Role.APPROVER, Role.SERVICE_ACCOUNT))


def busy_at_visit(work: Work, visit: Visit) -> list[BusyThen]:
    """Who of ``visit`` is busy then, but for children whose case is out of the actor’s reach, and their carers.

    Nobody, for whoever may not know.
    """
    if not may_know(work):
        return []
    within = children_within(work, visit)
    reached = {p.person for p in visit.families() if p.person is not None} | {*within}
    hidden = [one for one in visit.children if one.child not in within]
    reached -= {one.child for one in hidden} | {one.caregiver for one in hidden if one.caregiver is not None}
    reached |= {one.caregiver for one in visit.children if one.child in within and one.caregiver is not None}
    return _busy(work, reached, visit.starts_at, visit.ends_at)


def without_known(work: Work, busy: Iterable[BusyThen], visit: Visit | None) -> list[BusyThen]:
    """Of ``busy``, what was not known yet when ``visit`` was booked; all of it where there is no visit yet."""
    found = list(busy)
    known = known_busy_of(work, visit.id) if found and visit else set()
    return [one for one in found if one not in known]


def _busy(work: Work, persons: Iterable[PersonId], starts_at: datetime, ends_at: datetime) -> list[BusyThen]:
    found = family_busy_at(work, tuple(sorted(persons)), weeks_around(starts_at))
    return sorted(
        one for person, spans in found.items() for one in busy_then(person, spans, starts_at, ends_at)
    )
