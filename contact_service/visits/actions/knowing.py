"""Keep what a worker knew when they booked at a busy time of a family: it puts the visit in doubt no more."""

from sqlmodel import delete

from contact_service.audit.events import EventType
from contact_service.errors import BadInput
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.known_busy import BusyThen, mark_of
from contact_service.visits.queries.busy import without_known
from contact_service.visits.tables import KnownBusyRow
from contact_service.visits.visit import Visit
from contact_service.work import Work


def demand_known(work: Work, busy: list[BusyThen], changing: Visit | None, mark: str) -> list[BusyThen]:
    """``busy``, all of it known; raises ``BadInput`` where what is new was not shown with this mark, or is another now.

    ``changing``: the visit that would be changed, of which some of it was known before.
    """
    new = without_known(work, busy, changing)
    if new and mark != mark_of(new):
        raise BadInput(
            "Somebody is busy then. Read who it is, and tick that you know it. Or choose another time.",
            "known",
        )
    return busy


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
