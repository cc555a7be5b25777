"""The private room after admission: one person and the visit supervisor, and nobody else hears or sees anybody.

The way back leads through the waiting room and every check of ``running.admit``.  And the kind way home for one person,
so that one can talk with who stays; it can be taken back for some minutes.
"""

from dataclasses import replace

from contact_service.audit.events import EventType
from contact_service.ids import CaseId, PersonId, VisitId
from contact_service.policy.decision import Refused
from contact_service.policy.joining import may_say_goodbye, may_talk_alone
from contact_service.policy.letting_back import may_take_goodbye_back
from contact_service.visits.actions.ending import close_attendance
from contact_service.visits.actions.holding import hold_if_not_understood
from contact_service.visits.actions.moving import (
    Why,
    lock_with,
    participant_row,
    record,
    record_refusal,
    rooms_changed,
    set_outcome,
)
from contact_service.visits.queries.deciding import goodbye_facts, inside_facts
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.tables import TalkAloneRow, VisitParticipantRow, VisitRow
from contact_service.visits.visit import Outcome, Participant, Stage, Visit
from contact_service.work import Work


def talk_alone(work: Work, visit: VisitId, participant_id: str) -> Visit | Refused:
    """Take somebody aside who was let in; a refusal is recorded and changes nothing.

    Their time with the child ends now, and begins anew when they are let back in.  The others are as on any hold.
    """
    row, found, participant = lock_with(work, visit, participant_id)
    decision = may_talk_alone(inside_facts(work, found, participant))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.ADMISSION_REFUSED, decision, participant.person)
        return decision
    close_attendance(work, [participant.id])
    there = participant_row(work, participant)
    there.stage = Stage.PRIVATE
    work.session.add(TalkAloneRow(id=work.new_id(), participant_id=there.id, began_at=work.now))
    for child in _own_children(found, participant):
        why = Why(rules=decision.passed, child=child)
        _changed(work, row, there, EventType.PARTICIPANT_TALKED_TO_ALONE, why)
    return visit_for(work, visit)


def say_goodbye(work: Work, visit: VisitId, participant_id: str) -> Visit | Refused:
    """Send somebody home whose part is over, while the visit goes on for the others; a refusal is recorded.

    Their page thanks them; they cannot come back to this visit unless that is taken back.  Where they interpreted, a
    live visit is held.
    """
    row, found, participant = lock_with(work, visit, participant_id)
    decision = may_say_goodbye(inside_facts(work, found, participant))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.VISIT_REFUSED, decision, participant.person)
        return decision
    close_attendance(work, [participant.id])
    there = participant_row(work, participant)
    there.stage, there.leg, there.stage_before, there.asked_break = Stage.GOODBYE, None, "", False
    there.goodbye_at = work.now
    for child in _seen_through(found, participant):
        set_outcome(work, row, child, Outcome.COMPLETED)
    _changed(work, row, there, EventType.VISIT_LEFT, Why(reason="goodbye", rules=decision.passed))
    hold_if_not_understood(work, row)
    return visit_for(work, visit)


def take_goodbye_back(
    work: Work, visit: VisitId, participant_id: str, *, link_stands: bool
) -> Visit | Refused:
    """Let somebody come to the waiting room again to whom goodbye was said by mistake; a refusal is recorded.

    They are as somebody who left: their device is not there yet, and whoever comes back is let in anew.  What their
    visit came to stays as it was at the goodbye unless they are let in.
    """
    row, found, participant = lock_with(work, visit, participant_id)
    decision = may_take_goodbye_back(goodbye_facts(work, found, participant, link_stands=link_stands))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.ADMISSION_REFUSED, decision, participant.person)
        return decision
    there = participant_row(work, participant)
    there.stage = Stage.LEFT
    _changed(work, row, there, EventType.PARTICIPANT_GOODBYE_TAKEN_BACK, Why(rules=decision.passed))
    return visit_for(work, visit)


def _seen_through(visit: Visit, participant: Participant) -> list[PersonId]:
    """The children at this device of whom nothing else is said yet: whoever goes home kindly had their visit.

    What ends it for the others later, like a page of the supervisor that is closed, says nothing of theirs.
    """
    brought = visit.brought_by(participant.person)
    return [child for child in brought if visit.seen_from(child).outcome is None]


def leave_alone(work: Work, visit: Visit) -> bool:
    """Whoever the supervisor is alone with goes back to the waiting room, alone, also on a device that went silent.

    The caller records why, and tells the relay.  Returns whether that was a talk with somebody who was let in before.
    """
    broke_off = False
    for participant in visit.families():
        if participant.standing is not Stage.PRIVATE:
            continue
        broke_off |= close_attendance(work, [participant.id])
        there = participant_row(work, participant)
        if participant.stage is Stage.DISCONNECTED:
            there.stage_before = Stage.WAITING
        else:
            there.stage = Stage.WAITING
        work.session.add(there)
    return broke_off


def _changed(work: Work, row: VisitRow, there: VisitParticipantRow, event: EventType, why: Why) -> None:
    work.session.add(there)
    rooms_changed(work)
    people_of = (PersonId(there.person_id),) if there.person_id else ()
    record(work, row.room, event, replace(why, people=people_of))


def _own_children(visit: Visit, participant: Participant) -> list[PersonId | None]:
    """One child of each case in which it stands: a talk with one child's side is nothing for the case of another.

    None alone stands for every case, which is that of a family member who is there for all.
    """
    by_case: dict[CaseId, PersonId | None] = {
        visit.seen_from(child).case: child for child in visit.brought_by(participant.person)
    }
    return list(by_case.values()) or [None]
