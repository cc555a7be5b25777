"""When everybody could, as sets of slots: hours of the agency, of children, plans and staff; what is claimed.  Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service.agency_policy.document import Buffer
from contact_service.agency_week.known import ChildKnown, Gathered, StaffKnown
from contact_service.calendars.calendar import Marked
from contact_service.ids import PersonId, VisitId
from contact_service.plans.hours import AT_ANY_HOUR, QuietHours, Window
from contact_service.scheduling.availability import Availability, Kind, WeeklyHours, free_slots
from contact_service.scheduling.grid import STEP, starts
from contact_service.scheduling.local_time import NoSuchTime, instant
from contact_service.scheduling.written_hours import not_quiet, open_slots, slots_of_days, usual_slots


def slots_of(length: timedelta) -> int:
    """Whole slots that a length takes."""
    return -(-length // STEP)


class Hours:
    """The free slots of everybody in one week; the claims of the visits in ``moving`` do not count."""

    def __init__(self, gathered: Gathered, moving: Collection[VisitId] = ()) -> None:
        self._gathered, self.grid = gathered, gathered.week.grid
        self._windows: dict[tuple[str, Window], int] = {}
        self._loud: dict[tuple[str, tuple[QuietHours, ...], tuple[Marked, ...]], int] = {}
        self._left_open: dict[tuple[str, tuple[Marked, ...]], int] = {}
        self._days: dict[str, int] = {}
        self._taken: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        self._visits: dict[str, set[tuple[int, VisitId]]] = defaultdict(set)
        for claim in gathered.claims:
            if claim.visit not in moving:
                self._taken[claim.span.who].append((claim.span.starts_at, claim.span.ends_at))
                if claim.visit is not None:
                    self._visits[claim.span.who].add((self._day_of(claim.span.starts_at), claim.visit))

    def _day_of(self, at: datetime) -> int:
        """The day of the week of an instant by the agency's clock, below 0 or above 6 for another week."""
        week = self._gathered.week
        return (at.astimezone(ZoneInfo(week.zone)).date() - week.monday).days

    def child(self, known: ChildKnown) -> int:
        """When the child may have visits: the agency's hours where they live, without quiet hours."""
        hours = self._gathered.policy.hours
        window = Window(days=hours.days, earliest=hours.earliest, latest=hours.latest)
        return self.window(known.zone, window) & self._not_quiet(known)

    def _not_quiet(self, known: ChildKnown) -> int:
        key = (known.zone, known.quiet, known.no_school)
        if key not in self._loud:
            no_school = slots_of_days(self.grid, known.zone, known.no_school) if known.no_school else 0
            self._loud[key] = not_quiet(self.grid, known.zone, known.quiet, no_school)
        return self._loud[key]

    def usual(self, person: PersonId) -> int:
        """The slots in which somebody of a family can usually take part."""
        time = self._gathered.family.get(person)
        return (
            self.grid.everything
            if time is None
            else usual_slots(self.grid, time.weekly, time.away, time.busy)
        )

    def left_open(self, zone: str, everybody: Iterable[PersonId]) -> int:
        """The slots that no shared calendar closes for the agency or any of these, by the clock of ``zone``."""
        closed = dict.fromkeys(one for person in everybody for one in self._gathered.closed.get(person, ()))
        key = (zone, tuple(closed))
        if key not in self._left_open:
            self._left_open[key] = open_slots(self.grid, zone, closed) if closed else self.grid.everything
        return self._left_open[key]

    def window(self, zone: str, window: Window) -> int:
        """The slots in ``window``, by the clock of ``zone``."""
        key = (zone, window)
        if key not in self._windows:
            self._windows[key] = free_slots(self.grid, Availability(zone=zone, weekly=(_open(window),)))
        return self._windows[key]

    def not_taken(self, who: str, buffer: Buffer) -> int:
        """The slots in which a visit with ``buffer`` around it meets nothing that has claimed ``who``."""
        spans = tuple(self.claimed(who, buffer))
        if not spans:
            return self.grid.everything
        return free_slots(self.grid, Availability(zone="UTC", weekly=(_open(AT_ANY_HOUR),), taken=spans))

    def claimed(self, who: str, buffer: Buffer) -> list[tuple[datetime, datetime]]:
        """What has claimed somebody or something, with so much on both sides that a visit meets none of it."""
        return [(first - buffer.after, after + buffer.before) for first, after in self._taken.get(who, ())]

    def at_work(self, staff: StaffKnown) -> int:
        """The slots in which a member of staff works, by what is written down."""
        time = staff.time
        return usual_slots(self.grid, time.weekly, time.away, time.busy)

    def watching(self, staff: StaffKnown) -> int:
        """The slots that a visit supervisor can give, moved by the time before a visit.

        A visit that starts in a slot has what it needs where its length and the time on both sides lie in it.
        """
        buffer = self._gathered.policy.buffers.visit_supervisor
        free = self.at_work(staff) & self.not_taken(staff.id, Buffer())
        return free << slots_of(buffer.before) & self.grid.everything

    def write_up(self) -> int:
        """The slots that a visit supervisor needs beside a visit, before and after it."""
        buffer = self._gathered.policy.buffers.visit_supervisor
        return slots_of(buffer.before) + slots_of(buffer.after)

    def booked(self, staff: StaffKnown) -> tuple[int, ...]:
        """How many visits somebody has already on each day of the week."""
        days = [day for day, _ in self._visits.get(staff.id, ())]
        return tuple(days.count(number) for number in range(7))

    def booked_slots(self, staff: StaffKnown) -> int:
        """How much of the week those take."""
        spans = self._taken.get(staff.id, ())
        return sum(slots_of(after - first) for first, after in spans if 0 <= self._day_of(first) < 7)  # noqa: PLR2004

    def same_day(self, zone: str, length: int) -> int:
        """Starts that fall on the same day where the child lives as in the agency, and that its clock shows once."""
        if zone not in self._days:
            week = self._gathered.week
            here, there = ZoneInfo(week.zone), ZoneInfo(zone)
            found = 0
            for slot in range(self.grid.slots):
                at = self.grid.instant(slot)
                local = at.astimezone(there)
                once = not isinstance(instant(local.replace(tzinfo=None), zone), NoSuchTime)
                if once and local.date() == at.astimezone(here).date():
                    found |= 1 << slot
            self._days[zone] = found
        return starts(self._days[zone], length)

    def in_time(self) -> int:
        """Starts that the agency's notice and its furthest day ahead allow."""
        limits, now = self._gathered.policy.limits, self._gathered.now
        first, last = (
            self.grid.seconds(now + limits.minimum_notice),
            self.grid.seconds(now + limits.furthest_ahead),
        )
        return self.grid.beginning(first + 1, last)

    def duties(self) -> tuple[tuple[StaffKnown, int], ...]:
        """Everybody who could be the duty person, with the slots in which they work."""
        return tuple((one, self.at_work(one)) for one in self._gathered.staff if one.may_answer)

    def not_before(self, minute: int) -> int:
        """The slots from a minute of the day on, by the agency's clock."""
        return self.window(self._gathered.week.zone, Window(earliest=minute))


def _open(window: Window) -> WeeklyHours:
    return WeeklyHours(kind=Kind.OPEN, window=window, source="hours")
