"""Who of a wished visit is busy then, by a calendar of their own."""

from contact_service.scheduling.local_time import NoSuchTime
from contact_service.visits.known_busy import BusyThen, busy_then
from contact_service.visits.queries.asking import start_of
from contact_service.visits.weeks import weeks_around
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.working_hours.queries import family_busy_at


def busy_at(work: Work, wish: Wish) -> list[BusyThen]:
    """Who of ``wish`` is busy at its time, by a calendar of their own; nobody where there is no such time."""
    starts_at = start_of(work, wish)
    if isinstance(starts_at, NoSuchTime):
        return []
    ends_at = starts_at + wish.length
    busy = family_busy_at(work, tuple(sorted(wish.everybody)), weeks_around(starts_at))
    return sorted(
        one for person, spans in busy.items() for one in busy_then(person, spans, starts_at, ends_at)
    )
