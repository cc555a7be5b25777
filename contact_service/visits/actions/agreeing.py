"""Take an answer in, and let the rooms follow it: whoever no longer agrees is out in the same transaction.

The rooms are locked before the answer is kept, in one order, so that an admission at the same moment either sees the
answer or is undone by it.
"""

from contact_service.audit.events import EventType
from contact_service.consent import actions as consent
from contact_service.consent.consent import ConsentState
from contact_service.ids import PersonId, VisitId
from contact_service.plans.plan import PlanBasis
from contact_service.visits.actions.ending import close_attendance, end_row
from contact_service.visits.actions.holding import hold_as_talk_broke_off, hold_if_not_understood
from contact_service.visits.actions.moving import (
    Why,
    lock_any,
    participant_row,
    record,
    rooms_changed,
    set_outcome,
)
from contact_service.visits.queries.aside import is_aside
from contact_service.visits.queries.deciding import (
    basis_of,
    child_consent,
    own_consents,
    stays_out,
    who_stays_out,
)
from contact_service.visits.queries.finding import visits_with
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import (
    IN_THE_ROOM,
    NO_WAY_BACK,
    EndReason,
    Outcome,
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
        _follow(work, rooms, new.person)


def take_all_back(work: Work, person: PersonId, *, visit: VisitId) -> None:
    """Take back everything a person has agreed to, behind the link to ``visit``; it counts in every room."""
    rooms = _lock_rooms(work, person)
    consent.withdraw_all(work, person, visit=visit)
    _follow(work, rooms, person)


def follow_answers(work: Work, person: PersonId) -> None:
    """Let every room follow what ``person`` has said, however it came to count."""
    _follow(work, _lock_rooms(work, person), person)


def step_out(work: Work, row: VisitRow, visit: Visit, participant: Participant) -> None:
    """Take somebody out of the room who does not agree any more; they may come back when they do.

    For the children who came with them it is over by a withdrawal, unless they come back; what the visit of a child
    came to before stays, where they were not let in since.  ``visit`` is as read after ``row`` was locked.
    """
    participant = visit.participant(participant.id) or participant
    if participant.stage in NO_WAY_BACK:  # what they say now changes nothing of this visit
        return
    was_in = participant.standing is Stage.ADMITTED or is_aside(work, participant)
    there = participant_row(work, participant)
    broke_off = close_attendance(work, [there.id])
    there.stage, there.leg, there.stage_before, there.goodbye_at = Stage.LEFT, None, "", None
    work.session.add(there)
    for child in who_stays_out(work, visit, participant) or visit.brought_by(participant.person):
        if was_in or visit.seen_from(child).outcome is None:
            set_outcome(work, row, child, Outcome.CONSENT_WITHDRAWN)
    rooms_changed(work)
    people_of = (participant.person,) if participant.person else ()
    facts = (("participant", there.id),)
    record(
        work, row.room, EventType.VISIT_LEFT, Why(reason="consent_withdrawn", people=people_of, facts=facts)
    )
    hold_if_not_understood(work, row)
    if broke_off:
        hold_as_talk_broke_off(work, row)


def leave_with_children(work: Work, row: VisitRow, visit: Visit, carer: Participant) -> None:
    """The children at this device have said no: it is out, and with the last child the visit is over for everybody.

    Where they have gone home before, it says nothing of this visit any more.
    """
    carer = visit.participant(carer.id) or carer
    if carer.stage in NO_WAY_BACK:
        return
    step_out(work, row, visit, carer)
    if visit.state in IN_THE_ROOM and not _any_child_left(work, visit, without=[carer]):
        end_row(work, row, EndReason.CONSENT_WITHDRAWN)


def _lock_rooms(work: Work, person: PersonId) -> list[VisitId]:
    found = sorted(visit.id for visit in visits_with(work, frozenset({person}), IN_THE_ROOM))
    for visit in found:
        lock_any(work, visit)
    return found


def _follow(work: Work, rooms: list[VisitId], person: PersonId) -> None:
    """Let ``rooms`` follow a no about ``person``: one of a child's side ends it when no other child is left."""
    for room in rooms:
        row, visit = lock_any(work, room)
        if visit.state not in IN_THE_ROOM:
            continue
        unwilling = [p for p in visit.families() if p.leg and _says_no(work, visit, p)]
        with_child = [
            p
            for p in visit.families()
            if p.stage is not Stage.GOODBYE and _brings_out(work, visit, p, person)
        ]
        carers = [p for p in (*unwilling, *with_child) if p.role is ParticipantRole.CAREGIVER]
        if carers and not _any_child_left(work, visit, without=unwilling):
            end_row(work, row, EndReason.CONSENT_WITHDRAWN)
            continue
        for participant in [*unwilling, *(p for p in with_child if p.leg and p not in unwilling)]:
            step_out(work, row, visit, participant)


def _says_no(work: Work, visit: Visit, participant: Participant) -> bool:
    assert participant.person is not None
    states = own_consents(work, visit, participant.person, participant.link).values()
    return any(state in _NO for state in states)


def _brings_out(work: Work, visit: Visit, carer: Participant, child: PersonId) -> bool:
    """Whether ``child`` is at this device, and can be there no more: whoever is not in yet may still say yes."""
    if child not in visit.brought_by(carer.person):
        return False
    seen = visit.seen_from(child)
    if child_consent(work, child) in _NO and basis_of(work, seen) is PlanBasis.AGREEMENT:
        return True
    is_in = carer.standing is Stage.ADMITTED or is_aside(work, carer)
    return is_in and stays_out(work, seen)


def _any_child_left(work: Work, visit: Visit, *, without: list[Participant]) -> bool:
    """Whether anybody is left whose visit it is: a child who has not said no, with a carer who may still come."""
    gone = {p.id for p in without} | {p.id for p in visit.families() if p.stage in NO_WAY_BACK}
    carers = [p for p in visit.families() if p.id not in gone]
    children = [child for carer in carers for child in visit.brought_by(carer.person)]
    return not all(stays_out(work, visit.seen_from(child)) for child in children)
