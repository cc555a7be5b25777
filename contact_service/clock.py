"""The only reader of the wall clock, and the days that anybody may write.  Everything else is given an instant."""

from datetime import UTC, date, datetime

# No birthday lies before the first of these, and no plan beyond the last: a year with a digit too many is a slip.
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)


def utc_now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
