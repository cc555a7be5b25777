"""What whoever booked a visit knew of busy times of its families."""

from datetime import UTC, datetime

from sqlmodel import select

from contact_service.ids import PersonId, VisitId
from contact_service.visits.known_busy import BusyThen
from contact_service.visits.tables import KnownBusyRow
from contact_service.work import Work


def known_busy_of(work: Work, visit: VisitId) -> set[BusyThen]:
    """What whoever booked the visit knew.  To be asked only about a visit that is within reach, or by the rules."""
    rows = work.session.exec(select(KnownBusyRow).where(KnownBusyRow.visit_id == visit))
    return {
        BusyThen(person=PersonId(row.person_id), since=_utc(row.since_at), until=_utc(row.until_at))
        for row in rows
    }


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
