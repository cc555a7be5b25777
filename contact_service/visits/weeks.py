"""What is read at once around a start, so that whoever tries many starts asks the database once."""

from datetime import date, datetime, timedelta

from contact_service.claims.claim import EPOCH

_AT_ONCE = timedelta(days=28)
_DAY = timedelta(days=1)
# A visit at the edges, the time around it, and the days that it touches wherever somebody is, lie within.
_AROUND = timedelta(days=3)


def weeks_around(at: datetime) -> tuple[datetime, datetime]:
    """The four weeks in which ``at`` lies, counted from 1970, and a little more on both sides."""
    first = EPOCH + (at - EPOCH) // _AT_ONCE * _AT_ONCE
    return first - _AROUND, first + _AT_ONCE + _AROUND


def weeks_around_each(first: datetime, last: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """All of those from the ones around ``first`` to the ones around ``last``."""
    number = (last - EPOCH) // _AT_ONCE - (first - EPOCH) // _AT_ONCE
    return tuple(weeks_around(first + one * _AT_ONCE) for one in range(number + 1))


def week_around(at: datetime) -> tuple[datetime, datetime]:
    """The day in which ``at`` lies and three days on both sides: of what there is much of, such as what is booked."""
    first = EPOCH + (at - EPOCH) // _DAY * _DAY
    return first - _AROUND, first + _DAY + _AROUND


def week_around_each(first: datetime, last: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """The weeks around every day from that of ``first`` to that of ``last``."""
    return tuple(week_around(first + number * _DAY) for number in range((last - first) // _DAY + 2))


def days_of(weeks: tuple[datetime, datetime]) -> tuple[date, date]:
    """The days from the first to the last instant of some weeks, in UTC."""
    first, after = weeks
    return first.date(), after.date()
