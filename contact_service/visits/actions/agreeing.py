"""Take an answer in, and let the rooms follow it: whoever no longer agrees is out in the same transaction.

The rooms are locked before the answer is kept, in one order, so that an admission at the same moment either sees the
answer or is undone by it.
"""

from contact_service.audit.events import EventType
from contact_service.consent import actions as consent, queries as consents
from contact_service.consent.consent import ConsentState
from contact_service.ids import PersonId, VisitId
from contact_service.plans.plan import PlanBasis
from contact_service.visits.actions.ending import close_attendance, end_row
from contact_service.visits.actions.holding import hold_if_not_understood
from contact_service.visits.actions.moving import Why, lock_any, participant_row, record, rooms_changed
from contact_service.visits.queries.deciding import basis_of, child_consent, own_consents
from contact_service.visits.queries.finding import visits_with
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import (
    IN_THE_ROOM,
    EndReason,
    Participant,
    ParticipantRole,
    Stage,
    Visit,
)
from contact_service.work import Work

_NO = (ConsentState.DECLINED, ConsentState.WITHDRAWN)


def take_answer(work: Work, new: consent.NewAnswer) -> None:
    """Keep an answer; after a no, nobody stays in a room who needs a yes for it.

    Raises what ``consent.answer`` raises.
    """
    rooms = _lock_rooms(work, new.person)
    consent.answer(work, new)
    if new.state is not ConsentState.GIVEN:
        _follow(work, rooms)


def take_all_back(work: Work, person: PersonId, *, visit: VisitId) -> None:
    """Take back everything a person has agreed to, behind the link to ``visit``; it counts in every room."""
    rooms = _lock_rooms(work, person)
    consent.withdraw_all(work, person, visit=visit)
    _follow(work, rooms)


def follow_answers(work: Work, person: PersonId) -> None:
    """Let every room follow what ``person`` has said, however it came to count."""
    _follow(work, _lock_rooms(work, person))


def step_out(work: Work, row: VisitRow, participant: Participant) -> None:
    """Take somebody out of the room who does not agree any more; they may come back when they do."""
    there = participant_row(work, participant)
    close_attendance(work, [there.id])
    there.stage, there.leg, there.stage_before = Stage.LEFT, None, ""
    work.session.add(there)
    rooms_changed(work)
    people_of = (participant.person,) if participant.person else ()
    facts = (("participant", there.id),)
    record(
        work, row.room, EventType.VISIT_LEFT, Why(reason="consent_withdrawn", people=people_of, facts=facts)
    )
    hold_if_not_understood(work, row)


def _lock_rooms(work: Work, person: PersonId) -> list[VisitId]:
    found = sorted(visit.id for visit in visits_with(work, frozenset({person}), IN_THE_ROOM))
    for visit in found:
        lock_any(work, visit)
    return found


def _follow(work: Work, rooms: list[VisitId]) -> None:
    for room in rooms:
        row, visit = lock_any(work, room)
        if visit.state not in IN_THE_ROOM:
            continue
        unwilling = [p for p in visit.families() if p.leg and _says_no(work, visit, p)]
        if _child_is_out(work, visit) or any(p.role is ParticipantRole.CAREGIVER for p in unwilling):
            end_row(work, row, EndReason.CONSENT_WITHDRAWN)
            continue
        for participant in unwilling:
            step_out(work, row, participant)


def _says_no(work: Work, visit: Visit, participant: Participant) -> bool:
    assert participant.person is not None
    states = own_consents(work, visit, participant.person, participant.link).values()
    return any(state in _NO for state in states)


def _child_is_out(work: Work, visit: Visit) -> bool:
    """Whether the consent for the child was taken back where it is needed, or a child who is in has said no."""
    if child_consent(work, visit.child) in _NO and basis_of(work, visit) is PlanBasis.AGREEMENT:
        return True
    carers = [p for p in visit.families() if p.role is ParticipantRole.CAREGIVER]
    inside = any(p.standing is Stage.ADMITTED for p in carers)
    return inside and consents.assent_of(work, visit.child, visit.id) in _NO
