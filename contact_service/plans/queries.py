"""The plan that stands for a child and its other versions; the child's court orders and quiet hours."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy.orm import aliased
from sqlmodel import col, func, select

from contact_service.database import some
from contact_service.errors import NotFound
from contact_service.ids import AccountId, CaseId, OrderId, PersonId, PlanId, Ref
from contact_service.keys import queries as keys
from contact_service.people.queries import members as people
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.order import CourtOrder, OrderStatus, OrderSubject, OrderWords
from contact_service.plans.plan import ContactPlan, PlanBasis, PlanState
from contact_service.plans.tables import ContactPlanRow, CourtOrderRow, PlanPersonRow, QuietHoursRow
from contact_service.plans.terms import (
    Demands,
    Frequency,
    GenderReason,
    LevelStep,
    Medium,
    Period,
    PlanPerson,
    PlanPurpose,
    Risk,
    SupervisionLevel,
)
from contact_service.suitability.fit import Gender
from contact_service.work import Work, asked_once, asked_once_of_each, reads

_SAME = aliased(ContactPlanRow)  # the row itself, beside the others of its child
_NEWEST_PLANS = (
    select(_SAME, PlanPersonRow)
    .outerjoin(PlanPersonRow, col(PlanPersonRow.plan_id) == _SAME.id)
    .where(
        _SAME.state == PlanState.APPROVED,
        _SAME.version
        == select(func.max(ContactPlanRow.version))
        .where(ContactPlanRow.child_id == _SAME.child_id, ContactPlanRow.state == PlanState.APPROVED)
        .scalar_subquery(),
        col(_SAME.child_id).in_(some("children")),
    )
)
_QUIET_HOURS = (
    select(QuietHoursRow)
    .where(col(QuietHoursRow.child_id).in_(some("children")), col(QuietHoursRow.ended_at).is_(None))
    .order_by(col(QuietHoursRow.recorded_at), col(QuietHoursRow.id))
)
_ORDERS = (
    select(  # type: ignore[call-overload]  # more columns than its overloads know
        CourtOrderRow.child_id,
        CourtOrderRow.id,
        CourtOrderRow.status,
        CourtOrderRow.starts_on,
        CourtOrderRow.ends_on,
    )
    .where(col(CourtOrderRow.child_id).in_(some("children")))
    .order_by(col(CourtOrderRow.version))
)


def plan_for(work: Work, child: PersonId) -> ContactPlan | None:
    """The newest approved version of the child's plan, or None."""
    return plans_for(work, (child,))[child]


@asked_once_of_each
@reads("contact_plan", "plan_person")
def plans_for(work: Work, children: Collection[PersonId]) -> dict[PersonId, ContactPlan | None]:
    """The newest approved version of each child's plan, or None."""
    found: dict[str, tuple[ContactPlanRow, list[PlanPersonRow]]] = {}
    for row, terms in work.session.exec(_NEWEST_PLANS, params={"children": list(children)}):
        people_in_plan = found.setdefault(row.child_id, (row, []))[1]
        if terms is not None:  # of a plan without anybody in it the database says so with an empty row
            people_in_plan.append(terms)
    return {child: _plan_with(*found[child]) if child in found else None for child in children}


def know_plans(work: Work, children: Collection[PersonId]) -> None:
    """Read at once the plan, quiet hours and orders of each child, instead of one after the other as rules ask."""
    plans_for(work, children)
    _quiet_hours(work, children)
    _newest_orders(work, children)


def basis_of(work: Work, plan: ContactPlan, people_in_visit: Iterable[PersonId], on: date) -> PlanBasis:
    """What a visit of ``plan`` with these people rests on: an order that stands on the day, else the plan's basis."""
    stands = orders_standing(work, (plan.child,), (on,))
    named = (plan.terms_for(person) for person in people_in_visit)
    if any(terms is not None and terms.order in stands for terms in named):
        return PlanBasis.COURT_ORDER
    return plan.basis


def plans_of(work: Work, child: PersonId) -> list[ContactPlan]:
    """Every version of the child's plan, newest first."""
    query = (
        select(ContactPlanRow)
        .where(ContactPlanRow.child_id == child)
        .order_by(col(ContactPlanRow.version).desc())
    )
    return [_plan(work, row) for row in work.session.exec(query)]


def approved_plans(work: Work, children: Iterable[PersonId]) -> dict[PersonId, list[ContactPlan]]:
    """Every version of these children's plans that was ever put in force, in the order in which that was done.

    A version that was decided after a newer one never came into force, and is left out.
    """
    query = (
        select(ContactPlanRow)
        .where(col(ContactPlanRow.child_id).in_(list(children)), ContactPlanRow.state == PlanState.APPROVED)
        .order_by(col(ContactPlanRow.decided_at), col(ContactPlanRow.version))
    )
    rows = list(work.session.exec(query))
    people: dict[str, list[PlanPersonRow]] = {row.id: [] for row in rows}
    for terms in work.session.exec(select(PlanPersonRow).where(col(PlanPersonRow.plan_id).in_(list(people)))):
        people[terms.plan_id].append(terms)
    found: dict[PersonId, list[ContactPlan]] = {}
    for row in rows:
        versions = found.setdefault(PersonId(row.child_id), [])
        if not versions or row.version > versions[-1].version:
            versions.append(_plan_with(row, people[row.id]))
    return found


def plans_to_review(work: Work, *, until: date) -> list[ContactPlan]:
    """The plans in force within the actor's reach whose review is due by ``until``, the most urgent first."""
    newest = (
        select(func.max(ContactPlanRow.version))
        .where(
            ContactPlanRow.child_id == _SAME.child_id,
            ContactPlanRow.state == PlanState.APPROVED,
        )
        .scalar_subquery()
    )
    query = (
        select(_SAME)
        .where(_SAME.state == PlanState.APPROVED, _SAME.version == newest, _SAME.review_on <= until)
        .order_by(col(_SAME.review_on), col(_SAME.id))
    )
    reach = set(people.cases_of(work))
    return [_plan(work, row) for row in work.session.exec(query) if CaseId(row.case_id) in reach]


def proposed_plans(work: Work) -> list[ContactPlan]:
    """Versions within the actor's reach that wait for an approver, oldest first."""
    query = (
        select(ContactPlanRow)
        .where(ContactPlanRow.state == PlanState.PROPOSED)
        .order_by(col(ContactPlanRow.recorded_at))
    )
    reach = set(people.cases_of(work))
    return [_plan(work, row) for row in work.session.exec(query) if CaseId(row.case_id) in reach]


def plan_version(work: Work, plan: PlanId) -> ContactPlan:
    """One version of a plan, as a visit was approved under it; raises ``NotFound``."""
    row = work.session.get(ContactPlanRow, plan)
    if row is None:
        raise NotFound
    return _plan(work, row)


def _plan(work: Work, row: ContactPlanRow) -> ContactPlan:
    return _plan_with(row, work.session.exec(select(PlanPersonRow).where(PlanPersonRow.plan_id == row.id)))


def _plan_with(row: ContactPlanRow, terms: Iterable[PlanPersonRow]) -> ContactPlan:
    return ContactPlan(
        id=PlanId(row.id),
        version=row.version,
        state=PlanState(row.state),
        case=CaseId(row.case_id),
        child=PersonId(row.child_id),
        people=tuple(sorted((_terms(p) for p in terms), key=lambda p: (p.person, p.medium))),
        basis=PlanBasis(row.basis),
        review_on=row.review_on,
        recorded_by=Ref(row.recorded_by),
        recorded_at=row.recorded_at,
        decided_by=Ref(row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
    )


def _terms(row: PlanPersonRow) -> PlanPerson:
    frequency = None
    if row.per:
        frequency = Frequency(per=Period(row.per), least=row.least, most=row.most, gap_days=row.gap_days)
    return PlanPerson(
        person=PersonId(row.person_id),
        medium=Medium(row.medium),
        level=SupervisionLevel(row.level),
        length=timedelta(minutes=row.length_minutes),
        risk=Risk(row.risk),
        purpose=PlanPurpose(row.purpose),
        frequency=frequency,
        window=_window(row),
        steps=tuple(
            LevelStep(on=date.fromisoformat(step["on"]), level=SupervisionLevel(step["level"]))
            for step in row.steps
        ),
        supervised_by=AccountId(row.supervised_by) if row.supervised_by else None,
        order=OrderId(row.order_id) if row.order_id else None,
        demands=_demands(row),
    )


def _demands(row: PlanPersonRow) -> Demands:
    return Demands(
        trainings=tuple(row.trainings),
        gender=Gender(row.supervisor_gender) if row.supervisor_gender else None,
        why=GenderReason(row.gender_reason) if row.gender_reason else None,
    )


def _window(row: PlanPersonRow | QuietHoursRow) -> Window:
    return Window(days=tuple(map(Weekday, row.days)), earliest=row.earliest, latest=row.latest)


@asked_once
def orders_of(work: Work, child: PersonId) -> list[CourtOrder]:
    """The newest version of each order about a child, newest decision first."""
    rows = work.session.exec(select(CourtOrderRow).where(CourtOrderRow.child_id == child))
    newest: dict[str, CourtOrderRow] = {}
    for row in sorted(rows, key=lambda row: row.version):
        newest[row.id] = row
    return sorted((_order(work, row) for row in newest.values()), key=lambda o: o.decided_on, reverse=True)


def order_versions(work: Work, order: OrderId) -> list[CourtOrder]:
    """Every version of one order, newest first; raises ``NotFound``."""
    rows = work.session.exec(
        select(CourtOrderRow).where(CourtOrderRow.id == order).order_by(col(CourtOrderRow.version).desc())
    ).all()
    if not rows:
        raise NotFound
    return [_order(work, row) for row in rows]


def _order(work: Work, row: CourtOrderRow) -> CourtOrder:
    text = keys.open_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=row.child_id,
        sealed=row.sealed,
        field="court-order",
    )
    return CourtOrder(
        id=OrderId(row.id),
        version=row.version,
        case=CaseId(row.case_id),
        child=PersonId(row.child_id),
        about=OrderSubject(row.about),
        decided_on=row.decided_on,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        status=OrderStatus(row.status),
        words=OrderWords.from_bytes(text),
        recorded_at=row.recorded_at,
    )


def quiet_hours_of(work: Work, child: PersonId) -> tuple[tuple[str, QuietHours], ...]:
    """The child's quiet hours in force, each with its id, as recorded."""
    return _quiet_hours(work, (child,))[child]


def quiet_hours_of_each(work: Work, children: Collection[PersonId]) -> dict[PersonId, tuple[QuietHours, ...]]:
    """The quiet hours in force of each child, as recorded."""
    found = _quiet_hours(work, children)
    return {child: tuple(quiet for _, quiet in each) for child, each in found.items()}


@asked_once_of_each
def _quiet_hours(
    work: Work, children: Collection[PersonId]
) -> dict[PersonId, tuple[tuple[str, QuietHours], ...]]:
    found: dict[PersonId, list[tuple[str, QuietHours]]] = {child: [] for child in children}
    for row in work.session.exec(_QUIET_HOURS, params={"children": list(children)}):
        quiet = QuietHours(kind=QuietKind(row.kind), window=_window(row))
        found[PersonId(row.child_id)].append((row.id, quiet))
    return {child: tuple(quiet) for child, quiet in found.items()}


def orders_standing(work: Work, children: Collection[PersonId], days: Iterable[date]) -> frozenset[OrderId]:
    """The orders about these children that bind on every one of ``days``; their words stay sealed."""
    wanted = list(days)
    return frozenset(
        order.id
        for orders in _newest_orders(work, children).values()
        for order in orders
        if all(order.stands_on(day) for day in wanted)
    )


class _Binding(NamedTuple):
    """When an order binds, by its newest version."""

    id: OrderId
    status: str
    starts_on: date
    ends_on: date | None

    def stands_on(self, day: date) -> bool:
        return (
            self.status != OrderStatus.DISCHARGED
            and self.starts_on <= day
            and (self.ends_on is None or day <= self.ends_on)
        )


@asked_once_of_each
def _newest_orders(work: Work, children: Collection[PersonId]) -> dict[PersonId, tuple[_Binding, ...]]:
    """The orders about each child; their words stay sealed, and are not even read."""
    found: dict[str, dict[str, _Binding]] = defaultdict(dict)
    for child, order, status, first, last in work.session.exec(_ORDERS, params={"children": list(children)}):
        found[child][order] = _Binding(OrderId(order), status, first, last)
    return {child: tuple(found[child].values()) for child in children}
