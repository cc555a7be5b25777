"""When somebody is reminded: so long before the visit, by the clock where they are, and not in their night.  Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contact_service.scheduling.local_time import Side, edge

# So near to the visit that a message is welcome at any hour.
CLOSE = timedelta(hours=2)
# A reminder that is later than this helps nobody: the door is open.
USELESS_BEFORE_START = timedelta(minutes=15)
_STILL_OF_USE = timedelta(hours=1)
# One that is moved out of the night is due this long before it begins: a slow hour must not push it back in.
_EVENING = timedelta(hours=1)
_DAY = timedelta(days=1)
_A_DAY_IN_MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Night:
    """The hours in which nobody writes to somebody, as minutes after midnight where they are; the end is excluded.

    ``starts`` after ``ends`` goes over midnight; equal ones are no night at all.
    """

    zone: str
    starts: int = 21 * 60
    ends: int = 8 * 60

    def around(self, at: datetime) -> tuple[datetime, datetime] | None:
        """Beginning and end of the night in which ``at`` lies, or None by day."""
        local = at.astimezone(ZoneInfo(self.zone))
        day = local.date()
        for first in (day - _DAY, day):
            last = first + (_DAY if self.starts > self.ends else timedelta(0))
            begins, ends = self._at(first, self.starts, Side.CLOSES), self._at(last, self.ends, Side.OPENS)
            if begins <= at < ends:
                return begins, ends
        return None

    def _at(self, day: date, minutes: int, side: Side) -> datetime:
        over, minute = divmod(minutes, _A_DAY_IN_MINUTES)
        wall = datetime.combine(day + over * _DAY, time(minute // 60, minute % 60))
        return edge(wall, self.zone, side)


def due_at(starts_at: datetime, before: timedelta, night: Night, *, booked_at: datetime) -> datetime | None:
    """When somebody is reminded ``before`` the start; None when that has passed: the invitation says it as well.

    Whole days are days of the calendar where they are, hours are hours.  Out of their night it goes to the next
    morning while that is of use, else to the evening before, and stays where it is only close to the visit.
    """
    wanted = _before(starts_at, before, night.zone)
    if wanted <= booked_at:
        return None
    dark = night.around(wanted)
    if dark is None:
        return wanted
    begins, ends = dark
    instead = [begins - _EVENING]
    if ends <= starts_at - _STILL_OF_USE:
        instead.insert(0, ends)
    if starts_at - wanted <= CLOSE:
        instead.append(wanted)
    return next((at for at in instead if at > booked_at), None)


def _before(starts_at: datetime, before: timedelta, zone: str) -> datetime:
    days, hours = divmod(before, _DAY)
    wall = starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - days * _DAY
    return edge(wall, zone, Side.OPENS) - hours if days else starts_at - hours


def may_go_at(at: datetime, starts_at: datetime, night: Night) -> datetime:
    """``at`` itself when a reminder may leave then, else the next instant when it may."""
    dark = night.around(at)
    if dark is None or starts_at - at <= CLOSE:
        return at
    return min(dark[1], starts_at - CLOSE)
