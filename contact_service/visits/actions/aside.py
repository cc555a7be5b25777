"""The private room after admission: one person and the visit supervisor, and nobody else hears or sees anybody.

The way back leads through the waiting room and every check of ``running.admit``.
"""

from contact_service.audit.events import EventType
from contact_service.errors import NotFound
from contact_service.ids import VisitId
from contact_service.policy.decision import Refused
from contact_service.policy.joining import may_talk_alone
from contact_service.visits.actions.ending import close_attendance
from contact_service.visits.actions.moving import (
    Why,
    lock,
    participant_row,
    record,
    record_refusal,
    rooms_changed,
)
from contact_service.visits.queries.deciding import inside_facts
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.tables import TalkAloneRow
from contact_service.visits.visit import ParticipantRole, Stage, Visit
from contact_service.work import Work


def talk_alone(work: Work, visit: VisitId, participant_id: str) -> Visit | Refused:
    """Take somebody aside who was let in; a refusal is recorded and changes nothing.

    Their time with the child ends now, and begins anew when they are let back in.  The others are as on any hold.
    """
    row, found = lock(work, visit)
    participant = found.participant(participant_id)
    if participant is None or participant.role is ParticipantRole.VISIT_SUPERVISOR:
        raise NotFound
    assert participant.person is not None
    decision = may_talk_alone(inside_facts(work, found, participant))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.ADMISSION_REFUSED, decision, participant.person)
        return decision
    close_attendance(work, [participant.id])
    there = participant_row(work, participant)
    there.stage = Stage.PRIVATE
    work.session.add(there)
    work.session.add(TalkAloneRow(id=work.new_id(), participant_id=there.id, began_at=work.now))
    rooms_changed(work)
    why = Why(rules=decision.passed, people=(participant.person,))
    record(work, row.room, EventType.PARTICIPANT_TALKED_TO_ALONE, why)
    return visit_for(work, visit)


def leave_alone(work: Work, visit: Visit) -> None:
    """Whoever the supervisor is alone with goes back to the waiting room, alone, also on a device that went silent.

    The caller records why, and tells the relay.
    """
    for participant in visit.families():
        if participant.standing is not Stage.PRIVATE:
            continue
        close_attendance(work, [participant.id])
        there = participant_row(work, participant)
        if participant.stage is Stage.DISCONNECTED:
            there.stage_before = Stage.WAITING
        else:
            there.stage = Stage.WAITING
        work.session.add(there)
