"""What was kept about a lost visit for one child: what each side said, and what was decided; oldest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from contact_service.errors import NotFound
from contact_service.ids import PersonId, Ref, VisitId
from contact_service.keys import queries as keys
from contact_service.people.queries import members as people
from contact_service.people.queries.siblings import merged_people
from contact_service.visits.loss import DecidedBecause, SideReason
from contact_service.visits.pair import parties
from contact_service.visits.queries.finding import visit_by_id
from contact_service.visits.tables import OwedDecisionRow, SideReasonRow
from contact_service.visits.visit import Visit
from contact_service.work import Work

REASON_FIELD, DECISION_FIELD = "side-reason", "owed-decision"


@dataclass(frozen=True, kw_only=True)
class SideSaid:
    """What one side gave as its reason; ``person`` is the child for the child's side."""

    person: PersonId
    reason: SideReason
    text: str
    by: Ref
    at: datetime


@dataclass(frozen=True, kw_only=True)
class OwedDecision:
    """What a worker decided about one person."""

    person: PersonId
    owed: bool
    reason: DecidedBecause
    text: str
    by: Ref
    at: datetime


def lost_visit(work: Work, visit: VisitId, child: PersonId) -> Visit:
    """A visit of a child within reach, in which the child takes part; raises ``NotFound``."""
    people.case_for(work, people.case_of(work, child))
    found = visit_by_id(work, visit)
    if found is None or child not in parties(found):
        raise NotFound
    return found


def sides_of(work: Work, visit: Visit) -> frozenset[PersonId]:
    """The children and the family members of a visit, each as who they are known to be now."""
    same = merged_people(work)
    return frozenset(same.get(person, person) for person in parties(visit))


def sides_said(work: Work, visit: VisitId, child: PersonId) -> list[SideSaid]:
    """Everything that was kept, also what was said before it was put right."""
    query = (
        select(SideReasonRow)
        .where(SideReasonRow.visit_id == visit, SideReasonRow.child_id == child)
        .order_by(col(SideReasonRow.recorded_at), col(SideReasonRow.number))
    )
    return [
        SideSaid(
            person=PersonId(row.person_id),
            reason=SideReason(row.reason),
            text=_opened(work, child, row.sealed, REASON_FIELD),
            by=Ref(row.recorded_by),
            at=row.recorded_at,
        )
        for row in work.session.exec(query)
    ]


def owed_decisions(work: Work, visit: VisitId, child: PersonId) -> list[OwedDecision]:
    """Every decision, also those that were changed since."""
    query = (
        select(OwedDecisionRow)
        .where(OwedDecisionRow.visit_id == visit, OwedDecisionRow.child_id == child)
        .order_by(col(OwedDecisionRow.decided_at), col(OwedDecisionRow.number))
    )
    return [
        OwedDecision(
            person=PersonId(row.person_id),
            owed=row.owed,
            reason=DecidedBecause(row.reason),
            text=_opened(work, child, row.sealed, DECISION_FIELD),
            by=Ref(row.decided_by),
            at=row.decided_at,
        )
        for row in work.session.exec(query)
    ]


def _opened(work: Work, child: PersonId, sealed: bytes | None, field: str) -> str:
    if sealed is None:
        return ""
    return keys.open_for_person(
        work.session, work.keys, agency=work.agency, person=child, sealed=sealed, field=field
    ).decode()
