"""From wall time in a zone to an instant, in one place.  A time that the clock change skips or repeats is said so."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contact_service.texts import N_

# Outside these years a zone's rules, or a length added to an instant, may leave the calendar.
_FIRST_YEAR, _LAST_YEAR = 1970, 9998
_NONE = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class NoSuchTime:
    """The wall time is not one instant; ``words`` says why and what to do."""

    words: str


class Side(StrEnum):
    """Whether an edge of somebody's hours opens or closes them."""

    OPENS = "opens"
    CLOSES = "closes"


def edge(wall: datetime, zone: str, side: Side) -> datetime:
    """The instant of an edge of somebody's hours, naive ``wall`` in ``zone``; unlike a visit's start it always exists.

    A time that the clock change skips is the end of the gap.  Of a time that comes twice, hours open at the first and
    close at the second.  Source: IANA tz database.
    """
    place = ZoneInfo(zone)
    first, second = (wall.replace(tzinfo=place, fold=fold).utcoffset() or _NONE for fold in (0, 1))
    known = wall.replace(tzinfo=UTC)
    if first < second:
        return _end_of_gap(known - second, known - first, place)
    return known - (first if side is Side.OPENS else second)


def _end_of_gap(before: datetime, after: datetime, place: ZoneInfo) -> datetime:
    """The instant between the two at which the clock goes forward, to the second."""
    offset = after.astimezone(place).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
        if middle.astimezone(place).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after


def start_of_day(day: date, zone: str) -> datetime:
    """The instant at which ``day`` begins in ``zone``: midnight, or what follows where a clock change skips it."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def in_known_years(at: datetime) -> datetime:
    """``at``, which carries an offset; raises ``ValueError`` outside the years in which every time can be reckoned."""
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise ValueError(f"The year {at.year} is too far away. Choose another day.")
    return at


def instant(wall: datetime, zone: str, *, first_of_two: bool = False) -> datetime | NoSuchTime:
    """The UTC instant of naive ``wall`` in ``zone``, or why there is not exactly one.  Source: IANA tz database.

    ``first_of_two``: of a time that comes twice the first is meant.
    """
    if not _FIRST_YEAR <= wall.year <= _LAST_YEAR:
        return NoSuchTime(words=f"The year {wall.year} is too far away. Choose another day.")
    place = ZoneInfo(zone)
    first, second = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(place).replace(tzinfo=None) != wall:
        return NoSuchTime(
            words=N_("The clocks go forward that night, and this time does not exist. Choose another.")
        )
    if first != second and not first_of_two:
        return NoSuchTime(
            words=N_("The clocks go back that night, and this time comes twice. Choose another.")
        )
    return first
