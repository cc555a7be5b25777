"""A pool: so many rooms or video links of one place, of which a visit takes any one that is free.  Pure.

A prison's two links, the rooms of a contact centre.  Never the home of a child: everybody on the staff reads its name.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from contact_service.agency_policy.document import Buffer
from contact_service.calendars.calendar import Marked
from contact_service.claims.units import most_at_once
from contact_service.ids import PersonId, PoolId
from contact_service.people.channel import HELD_FOR
from contact_service.plans.hours import parts_of_days
from contact_service.working_hours.hours import DaysAway, Hours, WorkingHours

MOST_UNITS = 50


@dataclass(frozen=True, kw_only=True)
class Pool:
    """``units`` rooms or links by a name that staff understand, open by the clock of ``zone``.

    ``desk`` is the booking desk's e-mail address, since ``desk_at``, of an establishment that must clear contact with a
    child: a prison.  Empty: it clears nothing.  ``desk_changed_at``: where it had another before, since
    when not any more.  It is written to in ``desk_language``, or where that is empty, in the agency's first language.
    """

    id: PoolId
    name: str
    units: int
    zone: str
    desk: str = ""
    desk_at: datetime | None = None
    desk_changed_at: datetime | None = None
    desk_language: str = ""

    def can_be_written_to(self, at: datetime) -> bool:
        """Whether its desk takes letters: an address in place of another one does after a day.

        Until then somebody has time to find out that it is not the establishment's.
        """
        return self.desk_changed_at is None or self.desk_changed_at <= at - HELD_FOR


@dataclass(frozen=True, kw_only=True)
class PoolTime(Hours):
    """When a pool is open: in its weekly hours, at any hour without; never on days away, nor as ``closed`` says."""

    zone: str
    weekly: tuple[WorkingHours, ...] = ()
    away: tuple[DaysAway, ...] = ()
    closed: tuple[Marked, ...] = ()

    def is_open(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it is open throughout."""
        if self.is_away(starts_at, ends_at) or not self.is_at_work(starts_at, ends_at):
            return False
        parts = parts_of_days(starts_at, ends_at, self.zone)
        return not any(one.span.meets(part) for one in self.closed for part in parts)


@dataclass(frozen=True, kw_only=True)
class PoolLink:
    """Somebody takes part from a pool, from the day ``first`` to ``last``, both included; None: no end is known."""

    id: str
    person: PersonId
    pool: Pool
    first: date
    last: date | None

    def counts_at(self, at: datetime) -> bool:
        """Whether it counts on the day of an instant, by the clock of the pool."""
        day = at.astimezone(ZoneInfo(self.pool.zone)).date()
        return self.first <= day and (self.last is None or day <= self.last)

    def meets(self, first: date, last: date | None) -> bool:
        """Whether any day lies in both."""
        return (self.last is None or first <= self.last) and (last is None or self.first <= last)


@dataclass(frozen=True, kw_only=True)
class PoolFacts:
    """A pool from which some of a visit take part, each with the time that they need around it.

    ``taken`` is what other visits have claimed of it in the days around, time around those included.  ``sides``: of
    each of ``people`` the child whose workers alone may read of the place, where children of several cases share the
    visit.
    """

    name: str
    units: int
    people: tuple[str, ...]
    sides: tuple[PersonId | None, ...]
    buffers: tuple[Buffer, ...]
    time: PoolTime
    taken: tuple[tuple[datetime, datetime], ...]

    def hull(self, starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
        """From when until when a room or link is needed for a visit, time around it included."""
        return (
            starts_at - max(one.before for one in self.buffers),
            ends_at + max(one.after for one in self.buffers),
        )

    def is_open(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether it is open for the whole of the visit and the time around it."""
        return self.time.is_open(*self.hull(starts_at, ends_at))

    def has_room(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether there is a room or link for each of ``people`` besides all that others have claimed."""
        own = [(starts_at - one.before, ends_at + one.after) for one in self.buffers]
        return most_at_once([*self.taken, *own], *self.hull(starts_at, ends_at)) <= self.units
