"""Approve somebody to meet a child, and end that.  Who may, and what it does to visits, ``approvals`` says."""

from sqlmodel import col, select

from contact_service.audit.events import EventType
from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.people.actions.recording import record_about
from contact_service.people.person import MemberRole
from contact_service.people.queries.approved import approved_for
from contact_service.people.queries.members import case_of, cases_with, member
from contact_service.people.tables import ApprovedPersonRow
from contact_service.work import Work


def approve_for(work: Work, child: PersonId, person: PersonId, *, reason: str) -> bool:
    """From now the person may be put on a visit with the child; False when they might already."""
    case = case_of(work, child)
    child_role = member(work, child).role
    if person == child or child_role is not MemberRole.CHILD or case not in cases_with(work, person):
        raise BadInput("Choose people of this case.", "person")
    if person in approved_for(work, child):
        return False
    row = ApprovedPersonRow(
        id=work.new_id(),
        child_id=child,
        person_id=person,
        approved_by=work.actor.ref,
        approved_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    subjects = [(child, "child"), (person, "approved")]
    record_about(work, EventType.PERSON_APPROVED, case, subjects, reason=reason)
    return True


def end_approval(work: Work, child: PersonId, person: PersonId) -> bool:
    """From now nobody books the person for the child; False when nobody could anyway."""
    row = work.session.exec(
        select(ApprovedPersonRow)
        .where(
            ApprovedPersonRow.child_id == child,
            ApprovedPersonRow.person_id == person,
            col(ApprovedPersonRow.ended_at).is_(None),
        )
        .with_for_update()
    ).first()
    if row is None:
        return False
    row.ended_at, row.ended_by = work.now, work.actor.ref
    work.session.add(row)
    work.session.flush()
    subjects = [(child, "child"), (person, "unapproved")]
    record_about(work, EventType.PERSON_UNAPPROVED, case_of(work, child), subjects)
    return True
