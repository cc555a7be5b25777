"""The hours of one member of staff: weekly ones by the clock where they work, and days on which they are away.  Pure.

Whoever has no hours written down may be booked at any hour; whoever has, in these alone.  Whoever is away is not there,
whatever the hours say.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contact_service.ids import AccountId, PersonId
from contact_service.plans.hours import Window, parts_of_days, together_hold

LONGEST_ABSENCE = timedelta(days=730)


class AbsenceKind(StrEnum):
    """Why somebody is away.  Colleagues see only that they are."""

    LEAVE = "leave"
    ILL = "ill"
    TRAINING = "training"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class WorkingHours:
    """Hours of the week, by the clock in ``zone``."""

    id: str
    zone: str
    window: Window


@dataclass(frozen=True, kw_only=True)
class DaysAway:
    """Days from ``first`` to ``last``, both included, by the clock in ``zone``."""

    id: str
    zone: str
    first: date
    last: date

    def meets(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether any moment of it falls on one of the days."""
        zone = ZoneInfo(self.zone)
        last_moment = ends_at - timedelta(microseconds=1)
        return (
            starts_at.astimezone(zone).date() <= self.last
            and self.first <= last_moment.astimezone(zone).date()
        )


@dataclass(frozen=True, kw_only=True)
class Absence(DaysAway):
    """Days on which a member of staff is away, and why."""

    kind: AbsenceKind


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Whose calendar it is: a member of staff, or a family member or carer; just one of the two."""

    account: AccountId | None = None
    person: PersonId | None = None

    @classmethod
    def of(cls, account: str | None, person: str | None) -> "Owner":
        """Whose it is by the ids of a row."""
        return cls(
            account=AccountId(account) if account else None, person=PersonId(person) if person else None
        )

    @property
    def id(self) -> str:
        """The id of the one that is given."""
        return self.account or self.person or ""


@dataclass(frozen=True, kw_only=True)
class BusyCalendar:
    """A calendar of somebody's own: a file they brought, or an ``address`` that is asked again and again.

    ``read_at`` is when its busy times were last read, None before the first time; ``failure`` why not since.
    """

    id: str
    address: bool
    times: int
    read_at: datetime | None
    failure: str


@dataclass(frozen=True, kw_only=True)
class DueCalendar:
    """A calendar whose address is to be asked; times in it without a zone are those of ``zone``."""

    id: str
    owner: Owner
    zone: str
    asked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Weekly hours, at any hour without, and days on which they do not count.

    ``busy``: at which times a calendar of somebody's own says so.
    """

    weekly: tuple[WorkingHours, ...] = ()
    away: tuple[DaysAway, ...] = ()
    busy: tuple[tuple[datetime, datetime], ...] = ()

    def is_busy(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether they are busy for a part of it; touching ends are not."""
        return any(first < ends_at and starts_at < after for first, after in self.busy)

    def is_away(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether a day away meets a part of it."""
        return any(absence.meets(starts_at, ends_at) for absence in self.away)

    def is_at_work(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the whole of it lies in hours of theirs; where none are written down it does."""
        return not self.weekly or any(self._hold(zone, starts_at, ends_at) for zone in self._zones())

    def _zones(self) -> set[str]:
        return {hours.zone for hours in self.weekly}

    def _hold(self, zone: str, starts_at: datetime, ends_at: datetime) -> bool:
        windows = [hours.window for hours in self.weekly if hours.zone == zone]
        return all(together_hold(windows, part) for part in parts_of_days(starts_at, ends_at, zone))


@dataclass(frozen=True, kw_only=True)
class StaffTime(Hours):
    """What is written down about one member of staff."""

    account: AccountId
    away: tuple[Absence, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FamilyTime(Hours):
    """When a family member or carer can usually take part; without weekly hours at any time that others have."""

    person: PersonId

    def can_take_part(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether nothing that is written down speaks against the whole of it."""
        return (
            self.is_at_work(starts_at, ends_at)
            and not self.is_away(starts_at, ends_at)
            and not self.is_busy(starts_at, ends_at)
        )
