"""Put a plan before an approver, approve it, decline it; every refusal by a rule is recorded."""

from collections.abc import Sequence
from datetime import date

from contact_service.actor import Role
from contact_service.approvals.actions.meeting import approve_people_of
from contact_service.approvals.queries import plan_decision_facts, plan_facts
from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import NotAllowed, NotFound
from contact_service.ids import PersonId, PlanId
from contact_service.people.queries import members as people
from contact_service.plans import actions as plans, queries
from contact_service.plans.plan import ContactPlan, PlanBasis, PlanState
from contact_service.plans.terms import PlanPerson
from contact_service.policy.decision import Refused
from contact_service.policy.planning import may_approve_plan, may_propose_plan
from contact_service.visits.actions.doubting import doubt_visits_of
from contact_service.work import Work


def propose_plan(
    work: Work,
    child: PersonId,
    *,
    with_people: Sequence[PlanPerson],
    review_on: date,
    basis: PlanBasis = PlanBasis.AGREEMENT,
) -> PlanId | Refused:
    """Put the next version of a child's plan before an approver; until then the one in force stands."""
    people.case_for(work, people.case_of(work, child))
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Only a worker or an approver writes a contact plan.")
    decision = may_propose_plan(plan_facts(work, child, with_people, review_on))
    if isinstance(decision, Refused):
        _record_refusal(work, child, decision)
        return decision
    new = plans.NewPlan(people=with_people, review_on=review_on, basis=basis)
    return plans.keep_plan(work, child, new, rules=decision.passed)


def approve_plan(work: Work, plan: PlanId) -> ContactPlan | Refused:
    """Put a proposed version in force; its level changes are approved with it (feature B9).

    Whom it names is approved to meet the child, and booked visits that it would refuse are in doubt.
    """
    found = _within_reach(work, plan)
    decision = may_approve_plan(plan_decision_facts(work, found))
    if isinstance(decision, Refused):
        _record_refusal(work, found.child, decision)
        return decision
    decided = plans.decide_plan(work, plan, PlanState.APPROVED, rules=decision.passed)
    approve_people_of(work, decided)
    doubt_visits_of(work, found.child)
    return decided


def decline_plan(work: Work, plan: PlanId) -> ContactPlan:
    """Say no to a proposed version; only somebody whose role decides on plans, and never the author."""
    facts = plan_decision_facts(work, _within_reach(work, plan))
    if not facts.is_approver or facts.is_author:
        raise NotAllowed("Only an approver who did not write the plan can decline it.")
    return plans.decide_plan(work, plan, PlanState.DECLINED)


def _within_reach(work: Work, plan: PlanId) -> ContactPlan:
    found = queries.plan_version(work, plan)
    if not people.within_reach(work, [found.case]):
        raise NotFound
    return found


def _record_refusal(work: Work, child: PersonId, refused: Refused) -> None:
    codes = tuple((f"refused_{n}", code) for n, code in enumerate(refused.codes, 1))
    member = people.member(work, child)
    work.record(
        AuditEvent(
            type=EventType.PLAN_REFUSED,
            case=member.case,
            subjects=(Subject(ref=member.ref, role="child"),),
            reason="refused",
            rules=tuple(dict.fromkeys(refused.rules)),
            facts=codes,
        )
    )
