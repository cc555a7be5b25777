"""Visits to come whose instant today's zone rules would move: they stand where they are, and somebody is told."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from contact_service.ids import VisitId
from contact_service.scheduling.local_time import NoSuchTime, instant
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import BOOKED, VisitState
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class ClockChange:
    """A visit that would begin at ``would_be`` by the rules of today; None when its wall time exists no more.

    ``reckoned_with``: the edition of the rules by which its instant was reckoned.
    """

    visit: VisitId
    starts_at: datetime
    would_be: datetime | None
    reckoned_with: str


def visits_out_of_step(work: Work) -> list[ClockChange]:
    """Those that are asked for or booked, are still to come, and of which wall time and instant disagree; by start.

    Whoever asks: for the job, and for whoever runs the service.
    """
    query = (
        select(VisitRow)
        .where(
            col(VisitRow.state).in_([*BOOKED, VisitState.REQUESTED]),
            VisitRow.starts_at > work.now,
            VisitRow.wall_start != "",
        )
        .order_by(col(VisitRow.starts_at), col(VisitRow.id))
    )
    found = ((row, _now(row)) for row in work.session.exec(query))
    return [
        ClockChange(
            visit=VisitId(row.id), starts_at=row.starts_at, would_be=would_be, reckoned_with=row.tzdata
        )
        for row, would_be in found
        if would_be != row.starts_at
    ]


def _now(row: VisitRow) -> datetime | None:
    found = instant(datetime.fromisoformat(row.wall_start), row.zone, first_of_two=True)
    return None if isinstance(found, NoSuchTime) else found
