"""What another policy would say about visits: those that are booked, and those of the past."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from contact_service.agency_policy.document import Document
from contact_service.plans import queries as plans
from contact_service.policy.booking import may_have_by_policy
from contact_service.policy.decision import Reason, Refused, all_of
from contact_service.policy.facts import BookingFacts
from contact_service.visits.queries.asking import booked_facts, wish_of
from contact_service.visits.queries.finding import visits_in, visits_out_of_reach
from contact_service.visits.visit import BOOKED, Visit, VisitState
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class Affected:
    """A visit that a policy would refuse, and every reason."""

    visit: Visit
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What a draft says about past bookings.  ``newly_refused`` are allowed by the policy in force."""

    looked_at: int
    newly_refused: tuple[Affected, ...]
    no_longer_refused: tuple[Affected, ...]


@dataclass(frozen=True, kw_only=True)
class Refusals:
    """What a policy would refuse of what is booked: visits within reach, and how many more there are."""

    seen: tuple[Affected, ...]
    more: int


def would_now_refuse(work: Work, document: Document) -> Refusals:
    """Visits that are asked for or booked, have not started, and that ``document`` would refuse."""
    states = BOOKED | {VisitState.REQUESTED}
    seen, others = visits_in(work, states), visits_out_of_reach(work, states)
    return Refusals(
        seen=tuple(_refused_ahead(work, seen, document)), more=len(_refused_ahead(work, others, document))
    )


def _refused_ahead(work: Work, visits: Iterable[Visit], document: Document) -> list[Affected]:
    ahead = (visit for visit in visits if visit.starts_at > work.now)
    facts = ((visit, [booked_facts(work, seen) for seen in visit.by_child()]) for visit in ahead)
    return _refused(((visit, _under(document, found)) for visit, found in facts), with_notice=False)


def rehearse(work: Work, document: Document, in_force: Document) -> Rehearsal:
    """Decide every booking within reach again, as of when it was asked for, by ``document`` and by ``in_force``."""
    visits = visits_in(work, tuple(VisitState))
    facts = [(v, [_as_booked(work, seen, in_force) for seen in v.by_child()]) for v in visits]
    drafted = [(visit, _under(document, found)) for visit, found in facts]
    before, after = _refused(facts, with_notice=True), _refused(drafted, with_notice=True)
    were, would = {a.visit.id for a in before}, {a.visit.id for a in after}
    return Rehearsal(
        looked_at=len(visits),
        newly_refused=tuple(a for a in after if a.visit.id not in were),
        no_longer_refused=tuple(a for a in before if a.visit.id not in would),
    )


def _under(document: Document, facts: Iterable[BookingFacts]) -> list[BookingFacts]:
    return [replace(fact, policy=document) for fact in facts]


def _refused(facts: Iterable[tuple[Visit, list[BookingFacts]]], *, with_notice: bool) -> list[Affected]:
    """Each visit that is refused for any of its children."""
    decided = (
        (visit, all_of(may_have_by_policy(fact, with_notice=with_notice) for fact in found))
        for visit, found in facts
    )
    return [
        Affected(visit=visit, reasons=decision.reasons)
        for visit, decision in decided
        if isinstance(decision, Refused)
    ]


def _as_booked(work: Work, visit: Visit, document: Document) -> BookingFacts:
    """The facts for one child under the plan version it was approved under, at the instant it was asked for."""
    facts = booked_facts(work, visit)
    plan = plans.plan_version(work, visit.plan)
    old = []
    for person, fact in zip(wish_of(visit).meeting, facts.people, strict=True):
        terms = plan.terms_for(person)
        minutes = int(terms.length.total_seconds() // 60) if terms else None
        risk = terms.risk if terms else fact.risk
        old.append(replace(fact, plan_minutes=minutes, risk=risk))
    return replace(facts, people=tuple(old), policy=document, at=visit.requested_at)
