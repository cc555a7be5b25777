"""Who of a visit is busy then, by a calendar of their own."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from contact_service.actor import Role
from contact_service.ids import PersonId
from contact_service.scheduling.local_time import NoSuchTime
from contact_service.visits.known_busy import BusyThen, busy_then
from contact_service.visits.queries.asking import start_of
from contact_service.visits.queries.finding import children_within
from contact_service.visits.queries.knowing import known_busy_of
from contact_service.visits.queries.reaching import wished_within
from contact_service.visits.visit import Visit
from contact_service.visits.weeks import weeks_around
from contact_service.visits.wish import OfChild, Wish, carers_besides
from contact_service.work import Work
from contact_service.working_hours.queries import family_busy_at


def busy_at(work: Work, wish: Wish) -> list[BusyThen]:
    """Who of ``wish`` is busy at its time, by a calendar of their own; nobody where there is no such time.

    Nobody, for whoever may not know; children whose case is out of the actor’s reach, and their carers, never are.
    """
    starts_at = start_of(work, wish)
    if isinstance(starts_at, NoSuchTime):
        return []
    return busy_from(work, wish, starts_at)


def busy_from(work: Work, wish: Wish, starts_at: datetime) -> list[BusyThen]:
    """The same where ``wish`` starts at an instant, whatever its own time is."""
    return _busy(
        work,
        wish.everybody,
        wish.children,
        lambda: wished_within(work, wish.children),
        (starts_at, starts_at + wish.length),
    )


def may_know(work: Work) -> bool:
    """Whether the actor books or decides about visits: when a family is busy is nobody else's business.

    A machine books when it has the scope for that, under whatever scope it reads just now.
    """
    if work.actor.has(Role.SERVICE_ACCOUNT):
        return work.actor.may_ask_for_visits
    return work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)


def busy_at_visit(work: Work, visit: Visit) -> list[BusyThen]:
    """Who of ``visit`` is busy then, but for children whose case is out of the actor’s reach, and their carers.

    Nobody, for whoever may not know.
    """
    carers = {one.caregiver for one in visit.children if one.caregiver is not None}
    return _busy(
        work,
        visit.people | carers,
        visit.children,
        lambda: children_within(work, visit),
        (visit.starts_at, visit.ends_at),
    )


def without_known(work: Work, busy: Iterable[BusyThen], visit: Visit | None) -> list[BusyThen]:
    """Of ``busy``, what was not known yet when ``visit`` was booked; all of it where there is no visit yet."""
    found = list(busy)
    known = known_busy_of(work, visit.id) if found and visit else set()
    return [one for one in found if one not in known]


def _busy(
    work: Work,
    persons: Iterable[PersonId],
    children: Iterable[OfChild],
    within: Callable[[], Collection[PersonId]],
    span: tuple[datetime, datetime],
) -> list[BusyThen]:
    """The one way to a busy time: nobody passes who may not know, and nobody is named who is out of reach."""
    if not may_know(work):
        return []
    every, reached = tuple(children), within()
    hidden = {one.child for one in every if one.child not in reached} | carers_besides(every, reached)
    seen = tuple(sorted(person for person in persons if person not in hidden))
    found = family_busy_at(work, seen, weeks_around(span[0]))
    return sorted(one for person, spans in found.items() for one in busy_then(person, spans, *span))
