"""Gather what the rules about plans look at.  Nothing here says yes or no."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.document import ApprovedAct
from contact_service.ids import OrderId, PersonId
from contact_service.people.person import Member, Relation
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.order import CourtOrder
from contact_service.plans.plan import ContactPlan, PlanState, plan_difference
from contact_service.plans.terms import PlanPerson
from contact_service.policy.facts import PlanDecisionFacts, PlanFacts, TermsFacts
from contact_service.restrictions import queries as restrictions
from contact_service.work import Work


def plan_facts(work: Work, child: PersonId, terms: Sequence[PlanPerson], review_on: date) -> PlanFacts:
    """What the rules of plans look at, for a version that somebody writes."""
    case = people.case_of(work, child)
    members = {m.person: m for m in people.members_of(work, case, child=child)}
    around = _Around(
        child=child,
        today=work.now.astimezone(ZoneInfo(people.zone_of(work, case))).date(),
        members=members,
        barred=_barred(work, child, members),
        orders={order.id: order for order in plans.orders_of(work, child)},
    )
    return PlanFacts(
        child_name=members[child].known_as,
        terms=tuple(_terms_facts(t, around) for t in terms),
        review_on=review_on,
        policy=agency_policy.policy_in_force(work).document,
        today=around.today,
    )


@dataclass(frozen=True, kw_only=True)
class _Around:
    """What the terms of one child's plan are looked at with."""

    child: PersonId
    today: date
    members: Mapping[PersonId, Member]
    barred: frozenset[PersonId]
    orders: Mapping[OrderId, CourtOrder]


def _barred(work: Work, child: PersonId, everybody: Iterable[PersonId]) -> frozenset[PersonId]:
    found = restrictions.restrictions_between(work, everybody, at=work.now)
    no_contact = [r.people for r in found if r.kind.bars and child in r.people]
    return frozenset().union(*no_contact) - {child}


def _terms_facts(terms: PlanPerson, around: _Around) -> TermsFacts:
    member = around.members.get(terms.person)
    minutes = int(terms.length.total_seconds() // 60)
    order = around.orders.get(terms.order) if terms.order else None
    return TermsFacts(
        name=member.known_as if member else "?",
        medium=terms.medium,
        relation=member.relation if member else Relation.OTHER,
        risk=terms.risk,
        in_case=member is not None,
        is_child=terms.person == around.child,
        barred_from_child=terms.person in around.barred,
        levels=(terms.level, *(step.level for step in terms.steps)),
        minutes=minutes,
        fits_window=bool(terms.window.days) and terms.window.latest - terms.window.earliest >= minutes,
        frequency_problem=terms.frequency.problem() if terms.frequency else "",
        order_stands=(order is not None and order.stands_on(around.today)) if terms.order else None,
        trainings=terms.demands.trainings,
    )


def plan_decision_facts(work: Work, plan: ContactPlan) -> PlanDecisionFacts:
    """What the rule of approving a plan looks at."""
    policy = agency_policy.policy_in_force(work).document
    before = plans.plan_for(work, plan.child)
    loosens = any(change.loosens for change in plan_difference(before, plan))
    deciding = policy.approvals.who(ApprovedAct.LEVEL_CHANGE if loosens else ApprovedAct.PLAN)
    newest = plans.plans_of(work, plan.child)[0]
    return PlanDecisionFacts(
        is_approver=any(work.actor.has(role) for role in deciding),
        is_author=work.actor.is_behind(plan.recorded_by),
        still_proposed=plan.state is PlanState.PROPOSED,
        is_newest=newest.id == plan.id,
        plan=plan_facts(work, plan.child, plan.people, plan.review_on),
    )
