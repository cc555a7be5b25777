"""Keep plan versions, decide them, keep orders and quiet hours.  Whether a plan may stand, ``policy.planning`` says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.exc import IntegrityError
from sqlmodel import func, select

from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import BadInput, Conflict, NotFound
from contact_service.ids import OrderId, PersonId, PlanId
from contact_service.keys import actions as keys
from contact_service.people.actions.recording import demand_born_by
from contact_service.people.queries import members as people
from contact_service.plans import queries
from contact_service.plans.hours import QuietHours, demand_hours
from contact_service.plans.order import (
    LONGEST_LINE,
    LONGEST_WORDS,
    CourtOrder,
    OrderStatus,
    OrderSubject,
    OrderWords,
)
from contact_service.plans.plan import ContactPlan, PlanBasis, PlanState
from contact_service.plans.tables import ContactPlanRow, CourtOrderRow, PlanPersonRow, QuietHoursRow
from contact_service.plans.terms import PlanPerson
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class NewPlan:
    """A version of a plan as it is written.  ``basis`` is an agreement or the authority's plan; terms name orders."""

    people: Sequence[PlanPerson]
    review_on: date
    basis: PlanBasis = PlanBasis.AGREEMENT


def keep_plan(work: Work, child: PersonId, new: NewPlan, *, rules: tuple[str, ...]) -> PlanId:
    """Keep the next version of a child's plan, proposed; earlier versions stay.  ``rules`` are those it passed."""
    case = people.case_of(work, child)
    plan = PlanId(work.new_id())
    newest = select(func.max(ContactPlanRow.version)).where(ContactPlanRow.child_id == child)
    version = (work.session.exec(newest).one() or 0) + 1
    work.session.add(
        ContactPlanRow(
            id=plan,
            case_id=case,
            child_id=child,
            version=version,
            state=PlanState.PROPOSED,
            basis=new.basis,
            review_on=new.review_on,
            recorded_by=work.actor.ref,
            recorded_at=work.now,
        )
    )
    try:
        work.session.flush()
    except IntegrityError:
        raise Conflict("Somebody wrote a plan for this child a moment ago. Load the page again.") from None
    for terms in new.people:
        work.session.add(_row(plan, terms))
    _record(work, queries.plan_version(work, plan), EventType.PLAN_RECORDED, rules)
    return plan


def _row(plan: PlanId, terms: PlanPerson) -> PlanPersonRow:
    often = terms.frequency
    return PlanPersonRow(
        plan_id=plan,
        person_id=terms.person,
        medium=terms.medium,
        level=terms.level,
        length_minutes=int(terms.length.total_seconds() // 60),
        risk=terms.risk,
        purpose=terms.purpose,
        per=often.per if often else None,
        least=often.least if often else None,
        most=often.most if often else None,
        gap_days=often.gap_days if often else None,
        days=[day.value for day in terms.window.days],
        earliest=terms.window.earliest,
        latest=terms.window.latest,
        steps=[{"on": step.on.isoformat(), "level": step.level.value} for step in terms.steps],
        supervised_by=terms.supervised_by,
        order_id=terms.order,
        trainings=list(terms.demands.trainings),
        supervisor_gender=terms.demands.gender,
        gender_reason=terms.demands.why,
    )


def decide_plan(work: Work, plan: PlanId, state: PlanState, *, rules: tuple[str, ...] = ()) -> ContactPlan:
    """Approve or decline a proposed version; raises ``Conflict`` when it was decided already."""
    row = work.session.get(ContactPlanRow, plan, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound
    if row.state != PlanState.PROPOSED:
        raise Conflict("Somebody has decided this plan already. Load the page again.")
    row.state, row.decided_by, row.decided_at = state, work.actor.ref, work.now
    work.session.add(row)
    work.session.flush()
    event = EventType.PLAN_APPROVED if state is PlanState.APPROVED else EventType.PLAN_DECLINED
    decided = queries.plan_version(work, plan)
    _record(work, decided, event, rules)
    return decided


def _record(work: Work, plan: ContactPlan, event: EventType, rules: tuple[str, ...]) -> None:
    work.session.flush()
    named = dict.fromkeys([plan.child, *(p.person for p in plan.people)])
    refs = people.refs_of(work, named, case=plan.case)
    work.record(
        AuditEvent(
            type=event,
            case=plan.case,
            subjects=tuple(
                Subject(ref=refs[p], role="child" if p == plan.child else "planned") for p in named
            ),
            plan_version=plan.version,
            rules=rules,
        )
    )


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """An order as it comes in; ``replaces`` names the order of which this is the next version."""

    child: PersonId
    about: OrderSubject
    decided_on: date
    starts_on: date
    ends_on: date | None
    status: OrderStatus
    words: OrderWords
    replaces: OrderId | None = None


def record_order(work: Work, new: NewOrder) -> OrderId:
    """Keep an order or its next version; raises ``BadInput`` for dates that cannot be."""
    _demand_dates(work, new)
    _demand_words(new.words)
    before = queries.order_versions(work, new.replaces)[0] if new.replaces else None
    if before and before.child != new.child:
        raise NotFound
    order = before.id if before else OrderId(work.new_id())
    work.session.add(_order_row(work, new, order, before.version + 1 if before else 1))
    try:
        work.session.flush()
    except IntegrityError:
        raise Conflict("Somebody changed this order a moment ago. Load the page again.") from None
    _record_order(work, new, order, before)
    return order


def _order_row(work: Work, new: NewOrder, order: OrderId, version: int) -> CourtOrderRow:
    sealed = keys.seal_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=new.child,
        plaintext=new.words.to_bytes(),
        field="court-order",
    )
    return CourtOrderRow(
        id=order,
        version=version,
        case_id=people.case_of(work, new.child),
        child_id=new.child,
        about=new.about,
        decided_on=new.decided_on,
        starts_on=new.starts_on,
        ends_on=new.ends_on,
        status=new.status,
        sealed=sealed,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )


def _demand_dates(work: Work, new: NewOrder) -> None:
    demand_born_by(work, new.child, min(new.decided_on, new.starts_on), "decided_on")
    if new.decided_on > work.now.date():
        raise BadInput("A court cannot have decided this in the future. Check the date.", "decided_on")
    if new.ends_on is not None and new.ends_on < new.starts_on:
        raise BadInput("The last day is before the first. Check the dates.", "ends_on")


def _demand_words(words: OrderWords) -> None:
    if not words.court.strip():
        raise BadInput("Write which court decided.", "court")
    if not words.reference.strip():
        raise BadInput("Write the court’s reference.", "reference")
    if max(len(words.court), len(words.reference)) > LONGEST_LINE or len(words.says) > LONGEST_WORDS:
        raise BadInput("This text is too long.", "says")


def _record_order(work: Work, new: NewOrder, order: OrderId, before: CourtOrder | None) -> None:
    child = people.member(work, new.child)
    work.record(
        AuditEvent(
            type=EventType.ORDER_VARIED if before else EventType.ORDER_RECORDED,
            case=child.case,
            subjects=(Subject(ref=child.ref, role="child"),),
            decision_code=new.about.value,
            facts=(
                ("order", order),
                ("status", new.status.value),
                ("decided_on", new.decided_on.isoformat()),
            ),
        )
    )


def add_quiet_hours(work: Work, child: PersonId, quiet: QuietHours) -> str:
    """Keep hours of the week in which a child has no visits; raises ``BadInput`` for hours that are none."""
    window = quiet.window
    demand_hours(window)
    row = QuietHoursRow(
        id=work.new_id(),
        child_id=child,
        kind=quiet.kind,
        days=[day.value for day in window.days],
        earliest=window.earliest,
        latest=window.latest,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record_quiet(work, child, EventType.QUIET_HOURS_ADDED, quiet.kind.value)
    return row.id


def end_quiet_hours(work: Work, child: PersonId, quiet: str) -> None:
    """Take quiet hours out of force from now; raises ``NotFound``."""
    row = work.session.get(QuietHoursRow, quiet)
    if row is None or row.child_id != child or row.ended_at is not None:
        raise NotFound
    row.ended_at = work.now
    work.session.add(row)
    _record_quiet(work, child, EventType.QUIET_HOURS_ENDED, row.kind)


def _record_quiet(work: Work, child: PersonId, event: EventType, kind: str) -> None:
    member = people.member(work, child)
    subjects = (Subject(ref=member.ref, role="child"),)
    work.record(AuditEvent(type=event, case=member.case, subjects=subjects, reason=kind))
