"""Keep what a worker knew when they booked at a busy time of a family: it puts the visit in doubt no more."""

from sqlmodel import delete

from contact_service.audit.events import EventType
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.known_busy import BusyThen
from contact_service.visits.tables import KnownBusyRow
from contact_service.visits.visit import Visit
from contact_service.work import Work


def keep_known_busy(work: Work, visit: Visit, known: list[BusyThen]) -> None:
    """Replace what was known by ``known``, unless that is nothing.

    To be called in the transaction in which the visit was asked for or changed.
    """
    if not known:
        return
    work.session.exec(delete(KnownBusyRow).where(KnownBusyRow.visit_id == visit.id))  # type: ignore[arg-type]
    for one in known:
        work.session.add(
            KnownBusyRow(visit_id=visit.id, person_id=one.person, since_at=one.since, until_at=one.until)
        )
    people = tuple(dict.fromkeys(one.person for one in known))
    why = Why(reason="booked_with_this_known", people=people, facts=(("busy_times", len(known)),))
    record(work, visit.room, EventType.VISIT_BUSY_KNOWN, why)
