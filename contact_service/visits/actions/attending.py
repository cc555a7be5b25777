"""What the relay reports, as facts of the visit.  The relay has already acted; here it is written down.

A report that no longer fits (a leg that was replaced, a visit that is over) changes nothing.
"""

from datetime import datetime

from contact_service.audit.events import EventType
from contact_service.consent import actions as consent
from contact_service.identity.queries import session_of_ticket
from contact_service.ids import PersonId, VisitId
from contact_service.visits.actions.agreeing import follow_answers, leave_with_children, step_out
from contact_service.visits.actions.ending import close_attendance, end_row
from contact_service.visits.actions.holding import hold_as_talk_broke_off, hold_if_not_understood
from contact_service.visits.actions.moving import (
    Why,
    lock,
    lock_any,
    move,
    participant_row,
    record,
    rooms_changed,
)
from contact_service.visits.actions.whereabouts import drop_whereabouts
from contact_service.visits.tables import VisitParticipantRow, VisitRow
from contact_service.visits.visit import (
    IN_THE_ROOM,
    NO_WAY_BACK,
    RUNNING,
    EndReason,
    Latch,
    Participant,
    ParticipantRole,
    Stage,
    Visit,
    VisitState,
)
from contact_service.work import Work


def joined(
    work: Work, visit: VisitId, participant: Participant, leg: str, issued_at: datetime | None = None
) -> None:
    """A device is at the waiting room.  The supervisor's own is in at once; a lost one's return leaves the hold.

    ``issued_at`` is of the ticket that it came with.  One from before a sign-in of the supervisor ended opens nothing.
    """
    row, found = lock(work, visit)
    participant = found.participant(participant.id) or participant
    there = participant_row(work, participant)
    void = there.put_out_at is not None and (issued_at is None or issued_at <= there.put_out_at)
    if found.state not in IN_THE_ROOM or participant.stage in NO_WAY_BACK or void:
        return
    broke_off = close_attendance(work, [there.id])
    there.leg, there.waiting_since, there.asked_break = leg, work.now, False
    there.goodbye_at = None
    there.stage_before = ""  # what an earlier device was allowed ends with it
    if participant.role is ParticipantRole.VISIT_SUPERVISOR:
        there.stage = Stage.ADMITTED
        there.let_in_by = session_of_ticket(work, there.id, issued_at) if issued_at else None
        _recorded(work, row, there, EventType.SUPERVISION_ASSIGNED, Why(facts=(("leg", leg),)))
        returned(work, visit)
        return
    there.stage = Stage.WAITING
    _recorded(work, row, there, EventType.VISIT_JOINED, Why(facts=(("leg", leg),)))
    _hold_if_need_be(work, row, broke_off=broke_off)


def disconnected(work: Work, visit: VisitId, participant: Participant, leg: str) -> None:
    """No authenticated packet came for a while; the same leg may come back."""
    row, _ = lock(work, visit)
    there = participant_row(work, participant)
    if there.leg != leg or there.stage == Stage.DISCONNECTED:
        return
    there.stage_before, there.stage = there.stage, Stage.DISCONNECTED
    _recorded(work, row, there, EventType.PARTICIPANT_DISCONNECTED, Why(facts=(("leg", leg),)))
    hold_if_not_understood(work, row)


def connected(work: Work, visit: VisitId, participant: Participant, leg: str) -> None:
    """The leg carries packets, for the first time or again."""
    row, _ = lock(work, visit)
    there = participant_row(work, participant)
    if there.leg == leg and there.stage == Stage.DISCONNECTED:
        there.stage, there.stage_before = there.stage_before, ""
    elif there.leg != leg:
        return
    _recorded(work, row, there, EventType.PARTICIPANT_CONNECTED, Why(facts=(("leg", leg),)))


def left(work: Work, visit: VisitId, participant: Participant, leg: str) -> None:
    """The leg is gone.  Whoever comes back comes back through the waiting room."""
    row, _ = lock(work, visit)
    there = participant_row(work, participant)
    if there.leg == leg:
        _gone(work, row, there, leg)


def put_out(work: Work, visit: VisitId) -> None:
    """The visit supervisor's device is in the room no more, whoever says so; one that may still come comes anew.

    Tickets that were issued until now are void.  The caller records why.
    """
    row, found = lock_any(work, visit)
    _put_out(work, row, participant_row(work, found.watcher))


def put_out_for_new_link(work: Work, visit: VisitId, participant: Participant) -> None:
    """The device of somebody whose link is replaced is out, and nothing that was known of it counts for the next.

    Who holds the next, who is with them, and whether its camera works are asked anew.  The caller records why.
    """
    row, _ = lock_any(work, visit)
    there = participant_row(work, participant)
    there.invitation_id, there.asked_break = None, False
    there.identity_method = there.company = there.checked = ""
    drop_whereabouts(work, there.id)
    if there.stage in (Stage.OPENED, Stage.CHECKING):
        there.stage = Stage.INVITED
    _put_out(work, row, there)


def _put_out(work: Work, row: VisitRow, there: VisitParticipantRow) -> None:
    # Not the instant of this Work, which may have waited for the lock while a ticket was signed under it.
    there.put_out_at = work.installation.clock()
    work.session.add(there)
    if there.leg is not None:
        _gone(work, row, there, there.leg)
    else:
        rooms_changed(work)


def put_out_of(work: Work, visit: VisitId, session: str, *, may_come: bool) -> None:
    """``put_out``, if it was the session of this handle that let the device in, or if nobody knows which it was.

    ``may_come``: a ticket of that session may not be used yet, so that those of the visit are void in any case.
    """
    _, found = lock_any(work, visit)
    there = participant_row(work, found.watcher)
    is_in = there.leg is not None and there.let_in_by in (session, None)
    if is_in or may_come:
        put_out(work, visit)


def _gone(work: Work, row: VisitRow, there: VisitParticipantRow, leg: str) -> None:
    broke_off = close_attendance(work, [there.id])
    there.leg, there.stage_before = None, ""
    if there.stage not in NO_WAY_BACK:
        there.stage, there.goodbye_at = Stage.LEFT, None
    _recorded(work, row, there, EventType.VISIT_LEFT, Why(facts=(("leg", leg),)))
    _hold_if_need_be(work, row, broke_off=broke_off)


def held(work: Work, visit: VisitId, latch: Latch, reason: str) -> None:
    """Everybody's media is stopped by ``latch``.  Before the visit is live, the first admission lifts it."""
    row, found = lock(work, visit)
    if found.state not in IN_THE_ROOM:
        return
    row.hold_boot, row.hold_generation, row.hold_reason = latch.boot, latch.generation, reason
    work.session.add(row)
    why = Why(reason=reason, facts=(("generation", latch.generation),))
    if found.state is VisitState.LIVE:
        move(work, row, VisitState.HELD, EventType.VISIT_HELD, why)
    else:
        rooms_changed(work)
        record(work, row.room, EventType.VISIT_HELD, why)


def asked_for_break(work: Work, visit: VisitId, participant: Participant, latch: Latch) -> None:
    """Somebody pressed break: everybody is held, and only the supervisor knows who asked."""
    there = participant_row(work, participant)
    there.asked_break = True
    held(work, visit, latch, "break")
    row, found = lock(work, visit)
    if found.state in RUNNING:
        _recorded(work, row, there, EventType.PARTICIPANT_BREAK_ASKED, Why(reason="break"))


def supervisor_lost(work: Work, visit: VisitId, latch: Latch) -> None:
    """The supervisor's page or downlink is gone: the room is on hold, and the grace period runs."""
    row, found = lock(work, visit)
    if found.state not in RUNNING:
        return
    row.hold_boot, row.hold_generation = latch.boot, latch.generation
    if (
        found.state is VisitState.SUPERVISOR_LOST
    ):  # handed to somebody else a moment before: their resuming lifts it
        work.session.add(row)
        rooms_changed(work)
        record(work, row.room, EventType.SUPERVISION_LOST, Why(reason="supervisor_lost"))
        return
    row.hold_reason, row.lost_at = "supervisor_lost", work.now
    move(work, row, VisitState.SUPERVISOR_LOST, EventType.SUPERVISION_LOST, Why(reason="supervisor_lost"))


def returned(work: Work, visit: VisitId) -> None:
    """The supervisor is back with full authority; the visit stays held until an explicit resume."""
    row, found = lock(work, visit)
    if found.state is VisitState.SUPERVISOR_LOST:
        row.lost_at = None
        move(work, row, VisitState.HELD, EventType.SUPERVISION_RETURNED, Why(reason="supervisor_returned"))


def muted(work: Work, visit: VisitId, participant: Participant, latch: Latch) -> None:
    """The relay forwards nothing of this participant any more."""
    row, _ = lock(work, visit)
    there = participant_row(work, participant)
    there.muted, there.mute_boot, there.mute_generation = True, latch.boot, latch.generation
    _recorded(work, row, there, EventType.PARTICIPANT_MUTED, Why(reason="supervisor"))


def removed(work: Work, visit: VisitId, participant: Participant) -> None:
    """The supervisor sent somebody out; there is no way back into this visit."""
    row, _ = lock(work, visit)
    there = participant_row(work, participant)
    broke_off = close_attendance(work, [there.id])
    there.stage, there.leg = Stage.REMOVED, None
    _recorded(work, row, there, EventType.PARTICIPANT_REMOVED, Why(reason="supervisor"))
    _hold_if_need_be(work, row, broke_off=broke_off)


def withdrew(work: Work, visit: VisitId, participant: Participant) -> None:
    """Somebody took their consent back: they are out at once; with the last child the visit ends."""
    row, found = lock(work, visit)
    assert participant.person is not None
    if participant.role is ParticipantRole.CAREGIVER:
        for child in found.brought_by(participant.person):
            consent.withdraw_assent(work, child, visit=visit)
        leave_with_children(work, row, found, participant)
        return
    consent.withdraw_all(work, participant.person, visit=visit)
    step_out(work, row, found, participant)
    follow_answers(work, participant.person)  # they may be in another room as well


def ended(work: Work, visit: VisitId, reason: str) -> None:
    """The relay closed the room: its supervisor ended it, or its time is over."""
    row, found = lock(work, visit)
    known = next((r for r in EndReason if r == reason), EndReason.TECHNICAL)
    if found.state is VisitState.WAITING and known is EndReason.TIME_OVER:
        move(work, row, VisitState.MISSED, EventType.VISIT_MISSED, Why(reason="nobody_admitted"))
    elif found.state in IN_THE_ROOM:
        end_row(work, row, known)


def _recorded(work: Work, row: VisitRow, there: VisitParticipantRow, event: EventType, why: Why) -> None:
    work.session.add(there)
    rooms_changed(work)
    people_of = (PersonId(there.person_id),) if there.person_id else ()
    facts = (*why.facts, ("participant", there.id))
    record(work, row.room, event, Why(reason=why.reason, facts=facts, people=people_of))


def lease_lost(work: Work, visit: Visit) -> None:
    """The relay heard no permission for two seconds and stopped all media by itself; the next list lifts that."""
    record(work, visit.room, EventType.LEASE_LOST, Why(reason="no_renewal"))


def _hold_if_need_be(work: Work, row: VisitRow, *, broke_off: bool) -> None:
    """``broke_off``: whoever went was being talked to alone."""
    hold_if_not_understood(work, row)
    if broke_off:
        hold_as_talk_broke_off(work, row)
