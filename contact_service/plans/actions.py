"""Record the next version of a plan."""

from collections.abc import Sequence
from datetime import date

from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.ids import CaseId, PersonId, PlanId
from contact_service.people import queries as people
from contact_service.plans import queries
from contact_service.plans.plan import PlanPerson
from contact_service.plans.tables import ContactPlanRow, PlanPersonRow
from contact_service.work import Work


def record_plan(
    work: Work, case: CaseId, child: PersonId, *, with_people: Sequence[PlanPerson], review_on: date
) -> PlanId:
    """Record the next version of a child's plan; earlier versions stay."""
    before = queries.plan_for(work, child)
    version = before.version + 1 if before else 1
    plan = PlanId(work.new_id())
    work.session.add(
        ContactPlanRow(
            id=plan,
            case_id=case,
            child_id=child,
            version=version,
            review_on=review_on,
            recorded_by=work.actor.ref,
            recorded_at=work.now,
        )
    )
    work.session.flush()
    for p in with_people:
        minutes = int(p.length.total_seconds() // 60)
        work.session.add(
            PlanPersonRow(
                plan_id=plan, person_id=p.person, level=p.level, length_minutes=minutes, risk=p.risk
            )
        )
    refs = people.refs_of(work, [child, *(p.person for p in with_people)])
    work.record(
        AuditEvent(
            type=EventType.PLAN_RECORDED,
            case=case,
            subjects=tuple(
                Subject(ref=ref, role="child" if p == child else "planned") for p, ref in refs.items()
            ),
            plan_version=version,
        )
    )
    return plan
