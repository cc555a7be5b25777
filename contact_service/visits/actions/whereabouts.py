"""Keep where somebody is during a visit, open it in an emergency, forget it soon after."""

from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import col, delete, select

from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, IllegalMove, NotAllowed
from contact_service.ids import PersonId, VisitId
from contact_service.keys import actions as keys
from contact_service.visits.actions.moving import Why, lock, lock_any, record
from contact_service.visits.actions.recording import keep_remark, submit
from contact_service.visits.queries.finding import is_supervisor_of
from contact_service.visits.queries.whereabouts import FIELD, opened_whereabouts, unexplained
from contact_service.visits.record import Remark, Sections
from contact_service.visits.tables import EmergencyOpeningRow, VisitParticipantRow, VisitRow, WhereaboutsRow
from contact_service.visits.visit import IN_THE_ROOM, RECORD_DUE, Outcome, Participant, Visit
from contact_service.visits.whereabouts import Whereabouts
from contact_service.work import Work

_OPEN = IN_THE_ROOM | RECORD_DUE


def keep_whereabouts(work: Work, visit: Visit, participant: Participant, said: Whereabouts) -> None:
    """Keep where somebody is who is being let in; said again, the newest counts.  No word of it stands in the log."""
    assert participant.person is not None
    child = next(iter(visit.brought_by(participant.person)), visit.child)
    row = work.session.get(WhereaboutsRow, participant.id) or WhereaboutsRow(
        participant_id=participant.id, child_id=child, sealed=b"", confirmed_by="", confirmed_at=work.now
    )
    row.sealed = keys.seal_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=row.child_id,
        plaintext=said.to_bytes(),
        field=FIELD,
    )
    row.confirmed_by, row.confirmed_at = work.actor.ref, work.now
    work.session.add(row)


def still_there(work: Work, participant: Participant) -> None:
    """Keep that somebody who comes back is where they were when they came first."""
    row = work.session.get(WhereaboutsRow, participant.id)
    assert row is not None  # R67
    row.confirmed_by, row.confirmed_at = work.actor.ref, work.now
    work.session.add(row)


def drop_whereabouts(work: Work, participant: str) -> None:
    """Destroy where somebody was: another device is elsewhere."""
    if row := work.session.get(WhereaboutsRow, participant):
        work.session.delete(row)


def open_whereabouts(work: Work, visit: VisitId) -> Mapping[str, Whereabouts]:
    """In an emergency: where everybody is who was let in, and how help is called there, by participant.

    Recorded; why is asked afterwards (``explain``).  Raises ``NotAllowed`` for all but the visit supervisor, in whose
    hands a child is, also where they must not watch; ``IllegalMove`` before the door opens and once it is written up.
    """
    row, found = lock(work, visit)
    if not is_supervisor_of(work, found):
        raise NotAllowed("Only the visit supervisor of this visit opens its emergency details.")
    if found.state not in _OPEN:
        raise IllegalMove("The emergency details are kept for the visit alone, and it is not open now.")
    known = opened_whereabouts(work, visit)
    opening = EmergencyOpeningRow(
        id=work.new_id(), visit_id=visit, opened_by=work.actor.ref, opened_at=work.now
    )
    work.session.add(opening)
    record(work, row.room, EventType.EMERGENCY_OPENED, Why(facts=(("places", len(known)),)))
    return known


def explain(work: Work, visit: VisitId, text: str) -> None:
    """Say why one opened the emergency details, also of a visit that was handed to somebody else since.

    Raises ``BadInput``; ``IllegalMove`` or ``NotFound`` if they did not.
    """
    # Whoever opened them owes the word, whether the visit is still theirs or not.
    is_owed = work.session.exec(unexplained(work, visit).limit(1)).first() is not None
    _, found = (lock_any if is_owed else lock)(work, visit)
    opened = work.session.exec(unexplained(work, visit)).all()
    if not opened:
        raise IllegalMove("You opened nothing here that is not explained yet.")
    if not text.strip():
        raise BadInput("Write why you opened the emergency details.", "text")
    keep_remark(work, found, Remark.EMERGENCY, text)  # first: it refuses words that are too long
    for opening in opened:
        opening.explained_at = work.now
        work.session.add(opening)


def submit_explained(
    work: Work, visit: VisitId, sections: Sections, outcome: Outcome, *, child: PersonId | None, why: str
) -> Visit:
    """As ``recording.submit``, with ``why`` the details were opened where that is all that is still missing.

    Nothing is kept of ``why`` where the record is refused for anything else.
    """
    try:
        return submit(work, visit, sections, outcome, child=child)
    except BadInput as error:
        if error.field != "why_opened" or not why.strip():
            raise
    try:
        explain(work, visit, why)
    except BadInput as error:
        raise BadInput(str(error), "why_opened") from error
    return submit(work, visit, sections, outcome, child=child)


def forget_whereabouts(work: Work, *, kept: timedelta) -> int:
    """Destroy where people were during visits that should have ended ``kept`` ago; how many places there were."""
    over = (
        select(VisitParticipantRow.id)
        .join(VisitRow, col(VisitRow.id) == col(VisitParticipantRow.visit_id))
        .where(VisitRow.ends_at < work.now - kept)
    )
    gone = work.session.exec(
        select(WhereaboutsRow.participant_id).where(col(WhereaboutsRow.participant_id).in_(over))
    ).all()
    if gone:
        work.session.exec(delete(WhereaboutsRow).where(col(WhereaboutsRow.participant_id).in_(gone)))
        work.record(AuditEvent(type=EventType.WHEREABOUTS_FORGOTTEN, facts=(("places", len(gone)),)))
    return len(gone)
