"""From wall time in a zone to an instant, in one place.  A time that the clock change skips or repeats is said so."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from contact_service.texts import N_

# Outside these years a zone's rules, or a length added to an instant, may leave the calendar.
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


@dataclass(frozen=True, kw_only=True)
class NoSuchTime:
    """The wall time is not one instant; ``words`` says why and what to do."""

    words: str


def start_of_day(day: date, zone: str) -> datetime:
    """The instant at which ``day`` begins in ``zone``: midnight, or what follows where a clock change skips it."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def instant(wall: datetime, zone: str) -> datetime | NoSuchTime:
    """The UTC instant of naive ``wall`` in ``zone``, or why there is not exactly one.  Source: IANA tz database."""
    if not _FIRST_YEAR <= wall.year <= _LAST_YEAR:
        return NoSuchTime(words=f"The year {wall.year} is too far away. Choose another day.")
    place = ZoneInfo(zone)
    first, second = (wall.replace(tzinfo=place, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(place).replace(tzinfo=None) != wall:
        return NoSuchTime(
            words=N_("The clocks go forward that night, and this time does not exist. Choose another.")
        )
    if first != second:
        return NoSuchTime(
            words=N_("The clocks go back that night, and this time comes twice. Choose another.")
        )
    return first
