"""Which days of shared calendars count for a wished visit: those that close, and those without school."""

from collections.abc import Iterator
from datetime import datetime

from contact_service.calendars.calendar import Calendar, Effect, Marked
from contact_service.calendars.queries import marked
from contact_service.ids import PersonId
from contact_service.plans import queries as plans
from contact_service.scheduling import written_hours
from contact_service.scheduling.grid import Grid
from contact_service.scheduling.written_hours import days_around
from contact_service.visits.weeks import days_of, weeks_around
from contact_service.visits.wish import Wish
from contact_service.work import Work


def closed_around(work: Work, wish: Wish, at: datetime) -> tuple[Marked, ...]:
    """What closes days in the weeks around ``at`` for the agency, or for anybody of ``wish``."""
    return marked(work, wish.everybody, Effect.NO_VISITS, *days_of(weeks_around(at)))


def no_school_around(work: Work, child: PersonId, at: datetime) -> tuple[Marked, ...]:
    """The days in the weeks around ``at`` on which the child has no school."""
    return marked(work, frozenset({child}), Effect.NO_SCHOOL, *days_of(weeks_around(at)))


def open_slots(work: Work, wish: Wish, grid: Grid, zone: str) -> Iterator[tuple[Calendar, int]]:
    """For every calendar that closes a part of ``grid`` for somebody of ``wish``: the slots that it leaves open.

    Days are those of ``zone``, where the child of ``wish`` lives.
    """
    found = marked(work, wish.everybody, Effect.NO_VISITS, *days_around(grid.begins, grid.ends))
    for calendar in dict.fromkeys(one.calendar for one in found):
        own = [one for one in found if one.calendar == calendar]
        yield calendar, written_hours.open_slots(grid, zone, own)


def not_quiet(work: Work, child: PersonId, grid: Grid, zone: str) -> int:
    """The slots outside the child's quiet hours; school counts on no day without school."""
    quiet = [hours for _, hours in plans.quiet_hours_of(work, child)]
    return written_hours.not_quiet(grid, zone, quiet, without_school(work, child, grid, zone))


def without_school(work: Work, child: PersonId, grid: Grid, zone: str) -> int:
    """The slots of the days on which a calendar says that the child has no school."""
    days = days_around(grid.begins, grid.ends)
    found = marked(work, frozenset({child}), Effect.NO_SCHOOL, *days)
    return written_hours.slots_of_days(grid, zone, found)
