"""Hand what is left of a visit to another visit supervisor or duty person, when it is too late to change it (R63)."""

from contact_service.actor import Role
from contact_service.audit.events import EventType
from contact_service.claims.actions import add_time, lock_time, release_account
from contact_service.errors import Conflict, NotAllowed
from contact_service.follow_ups import actions as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.identity import queries as identity
from contact_service.ids import VisitId
from contact_service.policy.booking import may_stay
from contact_service.policy.decision import Permitted, Refused, all_of
from contact_service.policy.handing import is_seen_throughout, may_hand_over
from contact_service.visits.actions import attending
from contact_service.visits.actions.aside import leave_alone
from contact_service.visits.actions.holding import hold_as_talk_broke_off
from contact_service.visits.actions.moving import (
    Why,
    demand_every_child,
    lock,
    move,
    participant_row,
    record,
    record_refusal,
    rooms_changed,
)
from contact_service.visits.queries.asking import booked_facts
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.handing import Staff, handing_facts, span_of_watching
from contact_service.visits.tables import VisitParticipantRow, VisitRow
from contact_service.visits.visit import RUNNING, ParticipantRole, Stage, Visit, VisitState
from contact_service.work import Work

HANDED_OVER = "handed_over"


def hand_over(work: Work, visit: VisitId, staff: Staff, *, before: Staff) -> Visit | Refused:
    """Let others watch and answer from now on; a refusal is recorded and changes nothing.

    ``before``: who had it when that was decided; raises ``Conflict`` when somebody else was faster.

    The former supervisor has no place in the room when this commits, and what their device still asks is a stranger's.
    A supervised visit that runs is as if its supervisor were lost: nobody hears or sees anybody until the other one is
    there and lets it go on, and it ends when they do not come in time.  Below ``supervised`` those who are together
    stay together, and what was held stays held, also by a talk alone.
    """
    row, found = lock(work, visit)
    _demand_hander(work, found)
    if before != Staff(supervisor=found.supervisor, duty=found.duty):
        raise Conflict("Somebody else has handed it over already. Look at the visit again.")
    known = {one.id for one in identity.everybody(work)} & {staff.supervisor}
    lock_time(work, (), {found.supervisor, *known})
    decision = all_of(map(may_hand_over, handing_facts(work, found, staff)))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.VISIT_REFUSED, decision)
        return decision
    why = _why(work, found, staff, decision)
    broke_off = staff.supervisor != found.supervisor and _let_watch(work, row, found, staff)
    row.duty_id = staff.duty
    _record(work, row, found, staff, why)
    if broke_off:
        # At any level: those who were held by that talk hear each other when the other one says so (R70).
        hold_as_talk_broke_off(work, row)
    _settle_what_was_asked(work, visit)
    return visit_for(work, visit)


def _demand_hander(work: Work, visit: Visit) -> None:
    work.actor.demand_person()
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed(
            "Only a worker or an approver hands a visit to somebody else. Ask the child’s worker."
        )
    demand_every_child(work, visit)


def _why(work: Work, visit: Visit, staff: Staff, decision: Permitted) -> Why:
    before = identity.account_for(work, visit.supervisor).ref, identity.account_for(work, visit.duty).ref
    after = identity.account_for(work, staff.supervisor).ref, identity.account_for(work, staff.duty).ref
    facts = (
        ("supervisor_before", before[0]),
        ("supervisor_after", after[0]),
        ("duty_before", before[1]),
        ("duty_after", after[1]),
    )
    return Why(reason=HANDED_OVER, rules=decision.passed, facts=facts)


def _let_watch(work: Work, row: VisitRow, visit: Visit, staff: Staff) -> bool:
    """Put the former supervisor out, and give the other one a place of their own that nobody else has a ticket for.

    Returns whether the former one was talking alone with somebody who had been let in.
    """
    attending.put_out(work, visit.id)
    broke_off = leave_alone(work, visit)  # nobody looks at them any more, and whoever comes chooses anew
    work.session.delete(participant_row(work, visit.watcher))
    work.session.add(
        VisitParticipantRow(
            id=work.new_id(),
            visit_id=row.id,
            account_id=staff.supervisor,
            role=ParticipantRole.VISIT_SUPERVISOR,
            stage=Stage.INVITED,
        )
    )
    row.supervisor_id = staff.supervisor
    work.session.add(row)
    work.session.flush()
    release_account(work, visit.id, visit.supervisor)
    add_time(work, visit.id, [span_of_watching(work, visit, staff.supervisor)])
    return broke_off


def _record(work: Work, row: VisitRow, visit: Visit, staff: Staff, why: Why) -> None:
    watched = is_seen_throughout(visit.level) and staff.supervisor != visit.supervisor
    if watched and visit.state in RUNNING:
        row.lost_at, row.hold_reason = work.now, HANDED_OVER
    if watched and VisitState(row.state) in (VisitState.LIVE, VisitState.HELD):
        move(work, row, VisitState.SUPERVISOR_LOST, EventType.SUPERVISION_HANDED_OVER, why)
        return
    row.revision += 1
    work.session.add(row)
    rooms_changed(work)
    record(work, row.room, EventType.SUPERVISION_HANDED_OVER, why)


def _settle_what_was_asked(work: Work, visit: VisitId) -> None:
    """Nobody needs to look any more at what spoke against the former ones alone."""
    now = visit_for(work, visit)
    if isinstance(all_of(may_stay(booked_facts(work, seen)) for seen in now.by_child()), Refused):
        return
    follow_ups.close_all(work, visit, FollowUpKind.IN_DOUBT, FollowUpKind.VISIT_UNWATCHED)
