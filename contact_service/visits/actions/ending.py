"""Call a visit off, end it, stop it; and what a new restriction does to visits."""

from sqlmodel import col, select

from contact_service.actor import Role
from contact_service.audit.events import EventType
from contact_service.claims.claim import TimeTaken
from contact_service.errors import NotAllowed
from contact_service.ids import RestrictionId, VisitId
from contact_service.restrictions.restriction import Restriction, RestrictionKind
from contact_service.visits.actions.claiming import claim_again, lock_everybody
from contact_service.visits.actions.moving import Why, demand_every_child, lock, lock_any, move, set_outcomes
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.actions.warning import ask_why_missed
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.finding import is_supervisor_of, visit_for, visits_with
from contact_service.visits.reasons import CancelReason
from contact_service.visits.record import Remark
from contact_service.visits.tables import AttendanceRow, TalkAloneRow, VisitParticipantRow, VisitRow
from contact_service.visits.visit import (
    BEFORE_LIVE,
    OUTCOME_OF,
    RUNNING,
    EndReason,
    Outcome,
    Stage,
    Visit,
    VisitState,
)
from contact_service.work import Work

_OUTCOME_OF_CANCELLING = {
    CancelReason.CHILD_DECLINED: Outcome.CHILD_DECLINED,
    CancelReason.CAREGIVER_UNAVAILABLE: Outcome.CAREGIVER_UNAVAILABLE,
    CancelReason.STAFF_UNAVAILABLE: Outcome.AGENCY_CANCELLED,
    CancelReason.INTERPRETER_UNAVAILABLE: Outcome.AGENCY_CANCELLED,
    CancelReason.NOT_PREPARED: Outcome.AGENCY_CANCELLED,
}


def cancel(work: Work, visit: VisitId, reason: CancelReason, text: str = "") -> Visit:
    """Call a visit off before it is live, with a coded reason; possible until the first person is admitted.

    Raises ``BadInput`` for a text that makes contact a punishment (R49).
    """
    row, found = lock(work, visit)
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Only a worker or an approver can cancel a visit.")
    keep_remark(work, found, Remark.CANCELLING, text)
    set_outcomes(work, row, _OUTCOME_OF_CANCELLING.get(reason))
    _send_home(work, row)
    move(work, row, VisitState.CANCELLED, EventType.VISIT_CANCELLED, Why(reason=reason))
    return visit_for(work, visit)


def end(work: Work, visit: VisitId, reason: EndReason) -> Visit:
    """End a visit for everybody.  Only its supervisor, the relay and jobs may; ending twice is an ``IllegalMove``."""
    row, found = lock(work, visit)
    if not (is_supervisor_of(work, found) or work.actor.has(Role.RELAY) or work.actor.has(Role.SCHEDULE)):
        raise NotAllowed("Only the visit supervisor ends a visit.")
    end_row(work, row, reason)
    return visit_for(work, visit)


def end_row(work: Work, row: VisitRow, reason: EndReason) -> None:
    """Move a visit to ``ended`` with the outcome of ``reason``, and close every stretch of attendance.

    A child who had left it before by their own word keeps the outcome that gave them.
    """
    row.ended_at = work.now
    set_outcomes(work, row, OUTCOME_OF[reason])
    _send_home(work, row)
    move(work, row, VisitState.ENDED, EventType.VISIT_ENDED, Why(reason=reason))


def miss(work: Work, visit: VisitId) -> None:
    """Nobody was admitted before the door closed.  The outcome stays open: a person decides it from the evidence.

    The worker of each child is asked to hear both sides (feature J8).
    """
    row, found = lock(work, visit)
    _send_home(work, row)
    move(work, row, VisitState.MISSED, EventType.VISIT_MISSED, Why(reason="nobody_admitted"))
    ask_why_missed(work, found)


def fail(work: Work, visit: VisitId) -> Visit:
    """The visit could not run for technical reasons; never scored as anybody's absence."""
    row, found = lock(work, visit)
    if not is_supervisor_of(work, found):
        raise NotAllowed("Only the visit supervisor says that a visit failed.")
    row.ended_at = work.now if row.live_at else None
    set_outcomes(work, row, Outcome.TECHNICAL_FAILURE)
    _send_home(work, row)
    move(work, row, VisitState.FAILED, EventType.VISIT_FAILED, Why(reason="technical"))
    return visit_for(work, visit)


def suspend(work: Work, visit: VisitId, *, reason: str) -> Visit:
    """Stop a visit that is not live yet, because of an order or an urgent stop."""
    row, _ = lock(work, visit)
    _suspend_row(work, row, reason)
    return visit_for(work, visit)


def ask_again(work: Work, visit: VisitId) -> Visit:
    """Put a suspended visit before an approver again: as a fresh room in which nobody has been yet.

    Raises ``TimeTaken`` when somebody whom it needs was booked for that time meanwhile.
    """
    row, found = lock(work, visit)
    if not work.actor.has(Role.WORKER) or work.actor.account is None:
        raise NotAllowed("Only a worker asks for a visit.")
    demand_every_child(work, found)
    lock_everybody(work, wish_of(found))
    if not claim_again(work, row, found):
        raise TimeTaken
    row.requested_by, row.requested_at = work.actor.account, work.now
    row.stopped_by = None
    _fresh_room(work, row)
    move(work, row, VisitState.REQUESTED, EventType.VISIT_REQUESTED, Why(reason="asked_again"))
    return visit_for(work, visit)


def stop_visits(work: Work, restriction: Restriction) -> list[Visit]:
    """Suspend every booked visit that a restriction forbids and end every running one; return them as they were.

    Called in the transaction in which it begins to bind, so that no visit that it forbids survives it.
    """
    states = (BEFORE_LIVE - {VisitState.DRAFT}) | RUNNING
    # All are locked before the first is moved, in one order, and are judged as they stand after that.
    found = sorted(visit.id for visit in visits_with(work, restriction.people, states))
    locked = [lock_any(work, visit) for visit in found]
    stopped = []
    for row, visit in locked:
        if visit.state not in states or not _forbidden(restriction, visit):
            continue
        stopped.append(visit)
        if visit.state in RUNNING:
            end_row(work, row, EndReason.ORDER)
        else:
            row.stopped_by = restriction.id
            _suspend_row(work, row, "urgent_stop" if _is_urgent(restriction) else "order")
    return stopped


def _is_urgent(restriction: Restriction) -> bool:
    return restriction.kind is RestrictionKind.SUSPENDED


def _forbidden(restriction: Restriction, visit: Visit) -> bool:
    """Whether the restriction binds during the visit, or now while it runs.

    An urgent stop suspends every booked visit: whether it ends in its days or goes on by an order is not yet known.
    """
    if visit.state in RUNNING:
        return True
    if visit.ends_at <= restriction.starts_at:
        return False
    return restriction.ends_at is None or _is_urgent(restriction) or visit.starts_at < restriction.ends_at


def put_back(work: Work, *restrictions: RestrictionId) -> list[Visit]:
    """Put the visits that stops have suspended before an approver again; of several stops in one call.

    An urgent stop that ends by itself decides nothing: somebody decides each visit on that day.  Those whose time has
    passed, or has been given to others, are cancelled: they are owed.
    """
    query = select(VisitRow.id).where(
        col(VisitRow.stopped_by).in_(restrictions), VisitRow.state == VisitState.SUSPENDED
    )
    found = [lock(work, VisitId(visit)) for visit in sorted(work.session.exec(query))]
    lock_everybody(work, *(wish_of(visit) for _, visit in found))
    back = []
    for row, visit in found:
        if visit.state is not VisitState.SUSPENDED or row.stopped_by not in restrictions:
            continue  # another process was a moment faster
        row.stopped_by = None
        if row.starts_at <= work.now or not claim_again(work, row, visit):
            why = "stop_over_too_late" if row.starts_at <= work.now else "stop_over_time_taken"
            set_outcomes(work, row, Outcome.AGENCY_CANCELLED)
            move(work, row, VisitState.CANCELLED, EventType.VISIT_CANCELLED, Why(reason=why))
            continue
        _fresh_room(work, row)
        move(work, row, VisitState.REQUESTED, EventType.VISIT_REQUESTED, Why(reason="stop_over"))
        back.append(visit)
    return back


def _fresh_room(work: Work, row: VisitRow) -> None:
    """A room in which nobody has been yet."""
    row.was_ready = False
    row.room = work.new_id()
    for participant in _participants(work, row):
        participant.stage = Stage.INVITED


def _suspend_row(work: Work, row: VisitRow, reason: str) -> None:
    row.approved_by, row.automatic = None, ""
    _send_home(work, row)
    move(work, row, VisitState.SUSPENDED, EventType.VISIT_SUSPENDED, Why(reason=reason))


def close_attendance(work: Work, participants: list[str]) -> bool:
    """End the open stretches of attendance of ``participants`` now, and the talks alone; whether there was a talk."""
    open_rows = select(AttendanceRow).where(
        col(AttendanceRow.participant_id).in_(participants), col(AttendanceRow.left_at).is_(None)
    )
    talks = select(TalkAloneRow).where(
        col(TalkAloneRow.participant_id).in_(participants), col(TalkAloneRow.ended_at).is_(None)
    )
    open_talks = work.session.exec(talks).all()
    for talk in open_talks:
        talk.ended_at = work.now
        work.session.add(talk)
    for stretch in work.session.exec(open_rows):
        stretch.left_at = work.now
        work.session.add(stretch)
    return bool(open_talks)


def _send_home(work: Work, row: VisitRow) -> None:
    """Nobody is in the room or at its door any more."""
    everybody = _participants(work, row)
    close_attendance(work, [participant.id for participant in everybody])
    for participant in everybody:
        if participant.stage in (Stage.ADMITTED, Stage.PRIVATE, Stage.WAITING, Stage.DISCONNECTED):
            participant.stage = Stage.LEFT
        participant.leg, participant.stage_before = None, ""
        work.session.add(participant)


def _participants(work: Work, row: VisitRow) -> list[VisitParticipantRow]:
    return list(work.session.exec(select(VisitParticipantRow).where(VisitParticipantRow.visit_id == row.id)))
