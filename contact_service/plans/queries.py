"""The plan that stands for a child."""

from datetime import timedelta

from sqlmodel import col, select

from contact_service.errors import NotFound
from contact_service.ids import CaseId, PersonId, PlanId
from contact_service.plans.plan import ContactPlan, PlanPerson, Risk, SupervisionLevel
from contact_service.plans.tables import ContactPlanRow, PlanPersonRow
from contact_service.work import Work


def plan_for(work: Work, child: PersonId) -> ContactPlan | None:
    """The newest version of the child's plan, or None."""
    row = work.session.exec(
        select(ContactPlanRow)
        .where(ContactPlanRow.child_id == child)
        .order_by(col(ContactPlanRow.version).desc())
    ).first()
    return _plan(work, row) if row else None


def plan_version(work: Work, plan: PlanId) -> ContactPlan:
    """One version of a plan, as a visit was approved under it; raises ``NotFound``."""
    row = work.session.get(ContactPlanRow, plan)
    if row is None:
        raise NotFound
    return _plan(work, row)


def _plan(work: Work, row: ContactPlanRow) -> ContactPlan:
    people = work.session.exec(select(PlanPersonRow).where(PlanPersonRow.plan_id == row.id))
    return ContactPlan(
        id=PlanId(row.id),
        version=row.version,
        case=CaseId(row.case_id),
        child=PersonId(row.child_id),
        people=tuple(sorted((_person(p) for p in people), key=lambda p: p.person)),
        review_on=row.review_on,
    )


def _person(row: PlanPersonRow) -> PlanPerson:
    return PlanPerson(
        person=PersonId(row.person_id),
        level=SupervisionLevel(row.level),
        length=timedelta(minutes=row.length_minutes),
        risk=Risk(row.risk),
    )
