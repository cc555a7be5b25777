"""One of the people who were asked chooses a time, and the visit is booked; or nobody does, and it lapses."""

from datetime import timedelta

from contact_service.audit.events import EventType
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.notifications import actions as notifications
from contact_service.notifications.message import MessageKind
from contact_service.policy.automatic import RULE as AUTOMATIC_RULE, approved_automatically
from contact_service.policy.booking import may_stand
from contact_service.policy.decision import Reason, Refused, all_of, problem
from contact_service.proposals.proposal import ChoiceOver, Proposal, ProposedTime
from contact_service.proposals.queries import proposal_of
from contact_service.proposals.tables import ProposalRow
from contact_service.texts import N_
from contact_service.visits.actions import booking
from contact_service.visits.actions.claiming import claim_everybody, lock_everybody
from contact_service.visits.actions.moving import Why, lock, move, record_refusal
from contact_service.visits.actions.settling import keep_settled
from contact_service.visits.actions.taking_part import let_take_part
from contact_service.visits.optional import Settled
from contact_service.visits.queries.asking import automatic_facts, booked_facts, wish_of
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.optional import settled_of
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import Visit, VisitState
from contact_service.work import Work

_RING_WITHIN = timedelta(days=1)


def choose(work: Work, visit_id: VisitId, place: int) -> Visit | Refused:
    """Book the visit at the time at ``place``, invite everybody, and give the other times back.

    The actor is one of those who were asked.  Raises ``ChoiceOver`` when the choice has ended, somebody else has
    chosen, or the visit was changed or called off.  A time to which the rules now say no is refused, and the others
    can still be chosen.
    """
    row, visit = lock(work, visit_id)
    proposal = proposal_of(work, visit_id)
    person = work.actor.person
    if (
        proposal is None
        or not visit.time_open
        or not proposal.is_open(work.now)
        or person not in proposal.asked
    ):
        raise ChoiceOver
    chosen = proposal.time(place)
    if chosen is None:
        raise ChoiceOver
    lock_everybody(work, *(wish_of(proposal.seen_at(visit, one)) for one in proposal.times))
    decision = _decision(work, visit, proposal, chosen)
    if isinstance(decision, Refused):
        record_refusal(work, visit.room, EventType.CHOICE_REFUSED, decision, person)
        if AUTOMATIC_RULE in decision.rules:
            _ask_to_ring(work, visit)
        return decision
    _book(work, row, visit, proposal, chosen)
    booked = visit_for(work, visit_id)
    inviting.invite_all(work, booked)
    inviting.tell_staff(work, booked, booked.requested_by, MessageKind.REQUEST_DECIDED)
    return booked


def _decision(work: Work, visit: Visit, proposal: Proposal, chosen: ProposedTime) -> Refused | None:
    """What the rules say now of the visit at this time, for every child; and whether nobody’s yes is still needed."""
    at_it = proposal.seen_at(visit, chosen)
    if proposal.automatic and approved_automatically(automatic_facts(work, at_it)) is None:
        needed = problem(
            "needs_a_person", N_("This visit needs somebody’s yes now. Your worker will ring you.")
        )
        return Refused(passed=(), reasons=(Reason(rule=AUTOMATIC_RULE, problem=needed),))
    decision = all_of(may_stand(booked_facts(work, seen)) for seen in at_it.by_child())
    if isinstance(decision, Refused):
        return decision
    if chosen.starts_at <= work.now:
        passed = problem("in_the_past", N_("This time has passed. Choose a later one."))
        return Refused(passed=decision.passed, reasons=(Reason(rule="R13", problem=passed),))
    return None


def _book(work: Work, row: VisitRow, visit: Visit, proposal: Proposal, chosen: ProposedTime) -> None:
    """With exactly those who are held for this time; nobody was invited before."""
    person = work.actor.person
    assert person is not None
    # A carer reads it with the child they bring first; it is written with its own child first.
    visit = visit.seen_from(PersonId(row.child_id))
    at_it = proposal.seen_at(visit, chosen)
    own = work.session.get_one(ProposalRow, proposal.visit)
    own.chosen_by, own.chosen_at = person, work.now
    work.session.add(own)
    booking.set_time(work, row, chosen.starts_at, chosen.ends_at)
    left_out: tuple[tuple[str, str | int], ...] = ()
    if wish_of(at_it).everybody != wish_of(visit).everybody:
        settled = _settled_at(work, visit, at_it)
        let_take_part(work, row, wish_of(at_it))
        left_out = keep_settled(work, row, settled)
    row.approved_by, row.automatic = proposal.approved_by, proposal.automatic
    notifications.drop_queued(work, proposal.visit, MessageKind.CHOOSE_A_TIME)
    facts = (("place", chosen.place), ("of", len(proposal.times)), *left_out)
    why = Why(reason="chosen", people=(person,), facts=facts)
    move(work, row, VisitState.APPROVED, EventType.TIME_CHOSEN, why)
    claim_everybody(work, row, wish_of(visit_for(work, proposal.visit)))


def _settled_at(work: Work, visit: Visit, at_it: Visit) -> Settled:
    """Who of those who come if they can is in the visit at the chosen time, and who is left out."""
    return settled_of(work, visit.id).when_it_becomes(wish_of(visit), wish_of(at_it))


def lapse_choice(work: Work, visit_id: VisitId) -> None:
    """Let a visit lapse from whose times nobody chose while they were kept, and ask the worker to ring."""
    _, visit = lock(work, visit_id)
    proposal = proposal_of(work, visit_id)
    if proposal is None or not visit.time_open or proposal.opened_at is None or proposal.is_open(work.now):
        return
    booking.lapse(work, visit_id)
    notifications.drop_queued(work, visit_id, MessageKind.CHOOSE_A_TIME)
    _ask_to_ring(work, visit)


def _ask_to_ring(work: Work, visit: Visit) -> None:
    for seen in visit.by_case():
        ask_for(
            work,
            NewFollowUp(
                case=seen.case,
                kind=FollowUpKind.NO_TIME_CHOSEN,
                for_role=ForRole.WORKER,
                about=f"choice/{visit.id}/{seen.case}",
                due_at=min(work.now + _RING_WITHIN, visit.starts_at),
                visit=visit.id,
                person=seen.child,
            ),
        )
