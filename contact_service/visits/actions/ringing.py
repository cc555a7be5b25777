"""Write down whom the visit supervisor rang because a side had not come, and what came of it (R69)."""

from dataclasses import replace
from datetime import timedelta

from contact_service.audit.events import EventType
from contact_service.errors import NotFound
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import ChannelId, VisitId
from contact_service.people.actions.channels import doubt_number
from contact_service.policy.decision import Refused
from contact_service.policy.ringing import CallDue, CallFacts, CallResult, CallTo, may_write_call
from contact_service.visits.actions.moving import Why, lock, record, record_refusal
from contact_service.visits.queries.finding import is_supervisor_of, visit_for
from contact_service.visits.queries.ringing import calls_due_in, may_be_rung, numbers_to_ring
from contact_service.visits.queries.suiting import watcher_in_conflict
from contact_service.visits.ringing import Rung, rung_as
from contact_service.visits.tables import LateCallRow
from contact_service.visits.visit import IN_THE_ROOM, Participant, Visit
from contact_service.work import Work

_PUT_RIGHT_WITHIN = timedelta(days=1)


def write_down_call(work: Work, visit: VisitId, rung: Rung, *, was_shown: bool = False) -> Visit | Refused:
    """Keep a call, also where whoever was late came while it rang; a refusal is recorded.

    ``was_shown``: the access log says that the actor was shown this number lately; then it was right to ring it.

    The evidence names the person and the id of the number, and says how long the other side had been ready where the
    call was due.  Raises ``NotFound`` for whoever is not in the visit.
    """
    row, found = lock(work, visit)
    participant = _participant(found, rung)
    to = rung_as(participant)
    facts_now = _facts(work, found, participant, rung, to)
    decision = may_write_call(replace(facts_now, known=True, safe=True) if was_shown else facts_now)
    people = (participant.person,) if participant and participant.person else ()
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.VISIT_REFUSED, decision, people[0] if people else None)
        return decision
    assert rung.result is not None  # R69
    due = next((one for one in calls_due_in(work, found) if _is_call(one, to, rung)), None)
    number = _doubted(work, found, participant, rung)
    call = LateCallRow(
        id=work.new_id(),
        visit_id=visit,
        participant_id=rung.participant,
        rung=to,
        channel_id=number or "",
        result=rung.result,
        rung_by=work.actor.ref,
        rung_at=work.now,
    )
    work.session.add(call)
    facts: list[tuple[str, str | int]] = [("call", call.id), ("rung", to.value)]
    if number:
        facts.append(("channel", number))
    if due is not None:
        facts.append(("waited_seconds", int((work.now - due.since).total_seconds())))
    why = Why(reason=rung.result, rules=decision.passed, people=people, facts=tuple(facts))
    record(work, row.room, EventType.LATE_CALL_MADE, why)
    return visit_for(work, visit)


def _is_call(due: CallDue, to: CallTo, rung: Rung) -> bool:
    """Whether the call that was made is this one."""
    return (due.to, due.number) == (to, rung.number)


def _doubted(work: Work, visit: Visit, participant: Participant | None, rung: Rung) -> str | None:
    """The id of the number that was rung; where it was wrong nobody has confirmed it now, and the workers are asked."""
    is_wrong = rung.result is CallResult.WRONG_NUMBER
    if not is_wrong or participant is None or participant.person is None or rung.number is None:
        return rung.number
    number = ChannelId(rung.number)
    cases = [seen.case for seen in visit.by_case() if participant.person in seen.circle]
    for case in cases[:1]:
        number = doubt_number(work, case, participant.person, number)
    for case in cases:
        ask_for(
            work,
            NewFollowUp(
                case=case,
                kind=FollowUpKind.WRONG_NUMBER,
                for_role=ForRole.WORKER,
                about=f"wrong_number/{number}/{case}/{visit.id}",
                due_at=work.now + _PUT_RIGHT_WITHIN,
                visit=visit.id,
                person=participant.person,
                rules=("R69",),
            ),
        )
    return number


def _participant(visit: Visit, rung: Rung) -> Participant | None:
    if rung.participant is None:
        return None
    found = visit.participant(rung.participant)
    if found is None or found.person is None:
        raise NotFound
    return found


def _facts(work: Work, visit: Visit, participant: Participant | None, rung: Rung, to: CallTo) -> CallFacts:
    known = participant is None or may_be_rung(work, visit, participant)
    return CallFacts(
        is_visit_supervisor=is_supervisor_of(work, visit),
        in_conflict=watcher_in_conflict(work, visit),
        visit_running=visit.state in IN_THE_ROOM,
        starts_at=visit.starts_at,
        at=work.now,
        known=known,
        safe=_is_safe(work, visit, participant, rung.number),
        to=to,
        result=rung.result,
    )


def _is_safe(work: Work, visit: Visit, participant: Participant | None, number: str | None) -> bool:
    if participant is None or participant.person is None:
        return number is None
    return number in {one.id for one in numbers_to_ring(work, visit, participant.person)}
