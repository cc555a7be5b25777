"""A visit from the opening of its door to its end: what the supervisor lets happen.

What stops (hold, mute, remove, end, break, leave, withdraw) comes from the relay, which has already acted: see
``attending``.  What opens (look, admit, resume, unmute) is decided here by rules, and reaches the relay as a room list.
"""

from contact_service.audit.events import EventType
from contact_service.consent import actions as consent
from contact_service.ids import VisitId
from contact_service.policy.decision import Permitted, Refused
from contact_service.policy.joining import may_admit, may_look, may_resume, may_watch
from contact_service.visits.actions.aside import leave_alone
from contact_service.visits.actions.ending import close_attendance
from contact_service.visits.actions.holding import hold_if_not_understood
from contact_service.visits.actions.moving import (
    Why,
    lock,
    lock_with,
    move,
    participant_row,
    record,
    record_refusal,
    rooms_changed,
    set_outcome,
)
from contact_service.visits.actions.whereabouts import keep_whereabouts, still_there
from contact_service.visits.queries.deciding import admission_facts, resume_facts, watch_facts, who_stays_out
from contact_service.visits.queries.finding import is_supervisor_of, visit_for
from contact_service.visits.seen import Seen
from contact_service.visits.tables import AttendanceRow, VisitParticipantRow, VisitRow
from contact_service.visits.visit import (
    Company,
    Participant,
    Stage,
    Visit,
    VisitState,
)
from contact_service.work import Work


def make_ready(work: Work, visit: VisitId) -> None:
    """The messages were accepted for delivery and the child's consent stands."""
    row, _ = lock(work, visit)
    row.was_ready = True
    move(work, row, VisitState.READY, EventType.VISIT_READY, Why(reason="messages_accepted"))


def open_door(work: Work, visit: VisitId) -> None:
    """The door opens: links may now be used."""
    row, _ = lock(work, visit)
    move(work, row, VisitState.WAITING, EventType.VISIT_OPENED, Why(reason="door_opens"))


def come_to_watch(work: Work, visit: VisitId) -> Visit | Refused:
    """Let the visit supervisor come into the room; a refusal is recorded.  Raises ``NotFound`` for others' visits."""
    row, found = lock(work, visit)
    decision = may_watch(watch_facts(work, found))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.ADMISSION_REFUSED, decision)
        return decision
    return found


def look(work: Work, visit: VisitId, participant_id: str) -> Visit | Refused:
    """Let the supervisor see and hear one waiting person, to tell who it is; nobody else sees or hears either."""
    row, found, participant = lock_with(work, visit, participant_id)
    decision = may_look(admission_facts(work, found, participant, Seen()))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.ADMISSION_REFUSED, decision, participant.person)
        return decision
    if participant.standing is not Stage.PRIVATE:
        before = [p for p in found.families() if p.standing is Stage.PRIVATE]
        leave_alone(work, found)
        for other in before:
            _changed(work, row, EventType.ADMISSION_REQUESTED, other, Why(reason="back_to_waiting"))
    participant_row(work, participant).stage = Stage.PRIVATE
    _changed(work, row, EventType.PARTICIPANT_LOOKED_AT, participant, Why(rules=decision.passed))
    hold_if_not_understood(work, row)
    return visit_for(work, visit)


def stop_looking(work: Work, visit: VisitId, participant_id: str) -> Visit:
    """Back to the waiting room, alone, whether they were looked at or taken aside, or their line has gone meanwhile.

    Where the one who interprets goes back, a live visit is held until somebody understands again.
    """
    row, found, participant = lock_with(work, visit, participant_id)
    if is_supervisor_of(work, found) and participant.standing is Stage.PRIVATE:
        leave_alone(work, found)
        _changed(work, row, EventType.ADMISSION_REQUESTED, participant, Why(reason="back_to_waiting"))
        hold_if_not_understood(work, row)
    return visit_for(work, visit)


def admit(
    work: Work,
    visit: VisitId,
    participant_id: str,
    seen: Seen,
) -> Visit | Refused:
    """Let one waiting person in; the first one makes the visit live.

    How they were identified is recorded, and who they said is with them; where they are is kept for an emergency.
    """
    row, found, participant = lock_with(work, visit, participant_id)
    decision = may_admit(admission_facts(work, found, participant, seen))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.ADMISSION_REFUSED, decision, participant.person)
        return decision
    assert seen.method is not None  # R24
    assert participant.company is not None  # R52
    assert participant.person is not None
    for person in (participant.person, *found.brought_by(participant.person)):
        consent.confirm_answers(
            work,
            consent.Identified(person=person, visit=visit, link=participant.link, method=seen.method.value),
        )
    if seen.whereabouts is not None:
        keep_whereabouts(work, found, participant, seen.whereabouts)
    else:
        still_there(work, participant)
    inside = participant_row(work, participant)
    inside.identity_method = seen.method
    inside.stage = Stage.ADMITTED
    close_attendance(work, [inside.id])  # a talk alone before it
    for child in set(found.brought_by(participant.person)) - {*who_stays_out(work, found, participant)}:
        set_outcome(work, row, child, None)
    _start_attendance(work, inside)
    facts = (
        ("identity_method", seen.method.value),
        ("company", participant.company.value),
        ("leg", participant.leg or ""),
    )
    _changed(work, row, EventType.ADMISSION_GRANTED, participant, Why(rules=decision.passed, facts=facts))
    if found.state is VisitState.WAITING:
        row.live_at = work.now
        row.cleared_boot, row.cleared_generation, row.hold_reason = row.hold_boot, row.hold_generation, ""
        move(work, row, VisitState.LIVE, EventType.VISIT_STARTED, Why(reason="first_admitted"))
    return visit_for(work, visit)


def _start_attendance(work: Work, inside: VisitParticipantRow) -> None:
    stretch = AttendanceRow(
        id=work.new_id(), participant_id=inside.id, leg=inside.leg or "", admitted_at=work.now
    )
    work.session.add(stretch)
    work.session.add(inside)


def resume(work: Work, visit: VisitId) -> Visit | Refused:
    """Let a held visit go on: names the very stop that is lifted, so that a later one stands."""
    row, found = lock(work, visit)
    decision = may_resume(resume_facts(work, found))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.VISIT_REFUSED, decision)
        return decision
    row.cleared_boot, row.cleared_generation = row.hold_boot, row.hold_generation
    row.hold_reason = ""
    for participant in found.participants:
        participant_row(work, participant).asked_break = False
    move(work, row, VisitState.LIVE, EventType.VISIT_RESUMED, Why(reason="resumed", rules=decision.passed))
    return visit_for(work, visit)


def unmute(work: Work, visit: VisitId, participant_id: str) -> Visit:
    """Lift the mute that the supervisor knows of; a later one stands."""
    row, found, participant = lock_with(work, visit, participant_id)
    if isinstance(may_watch(watch_facts(work, found)), Permitted) and participant.muted:
        muted = participant_row(work, participant)
        muted.muted = False
        muted.unmuted_boot, muted.unmuted_generation = muted.mute_boot, muted.mute_generation
        _changed(work, row, EventType.PARTICIPANT_UNMUTED, participant, Why(reason="supervisor"))
    return visit_for(work, visit)


def note_check(work: Work, visit: Visit, participant: Participant, result: str) -> None:
    """Keep the result of a device check: a code, no picture."""
    row = participant_row(work, participant)
    row.checked = result
    if row.stage in (Stage.INVITED, Stage.OPENED):
        row.stage = Stage.CHECKING
    work.session.add(row)
    people_of = (participant.person,) if participant.person else ()
    record(work, visit.room, EventType.DEVICE_CHECKED, Why(reason=result, people=people_of))


def tell_company(work: Work, visit: Visit, participant: Participant, company: Company) -> None:
    """Keep who else is in somebody's room, as they say; said again, the newest counts."""
    row = participant_row(work, participant)
    row.company = company
    work.session.add(row)
    people_of = (participant.person,) if participant.person else ()
    record(work, visit.room, EventType.COMPANY_TOLD, Why(reason=company, people=people_of))


def _changed(work: Work, row: VisitRow, event: EventType, participant: Participant, why: Why) -> None:
    people_of = (participant.person,) if participant.person else ()
    rooms_changed(work)
    record(work, row.room, event, Why(reason=why.reason, rules=why.rules, facts=why.facts, people=people_of))
