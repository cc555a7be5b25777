"""A busy time of a family at a visit, as a worker is shown it, and as it is known again later.  Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contact_service.ids import PersonId

# The far end of a busy time may move from day to day, since only the days ahead are read.
AROUND = timedelta(hours=12)


@dataclass(frozen=True, kw_only=True, order=True)
class BusyThen:
    """Somebody is busy at a visit, by a calendar of their own; what lies further than 12 hours around it is cut.

    ``whole``: as it stands in the calendar now, for whoever reads it; it does not count where two are compared.
    """

    person: PersonId
    since: datetime
    until: datetime
    whole: tuple[datetime, datetime] | None = field(default=None, compare=False)


def busy_then(
    person: PersonId, spans: Iterable[tuple[datetime, datetime]], starts_at: datetime, ends_at: datetime
) -> list[BusyThen]:
    """Those of ``spans`` that touch the visit; touching ends do not."""
    return [
        BusyThen(
            person=person,
            since=max(since, starts_at - AROUND),
            until=min(until, ends_at + AROUND),
            whole=(since, until),
        )
        for since, until in spans
        if since < ends_at and starts_at < until
    ]


def mark_of(known: Iterable[BusyThen]) -> str:
    """A short mark of exactly these, which a form can carry: another or a changed busy time has another mark."""
    lines = [f"{one.person} {one.since.isoformat()} {one.until.isoformat()}" for one in sorted(known)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
