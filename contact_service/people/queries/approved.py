"""Who is approved to meet a child (feature A3)."""

from datetime import datetime

from sqlmodel import col, func, select

from contact_service.ids import PersonId
from contact_service.people.tables import ApprovedPersonRow
from contact_service.work import Work, asked_once


@asked_once
def approved_for(work: Work, child: PersonId) -> frozenset[PersonId]:
    """Everybody who may be put on a visit with the child now."""
    query = select(ApprovedPersonRow.person_id).where(
        ApprovedPersonRow.child_id == child, col(ApprovedPersonRow.ended_at).is_(None)
    )
    return frozenset(PersonId(person) for person in work.session.exec(query))


def unapproved_at(work: Work, child: PersonId, person: PersonId) -> datetime | None:
    """When an approval of the person last ended, None when none ever did."""
    query = select(func.max(ApprovedPersonRow.ended_at)).where(
        ApprovedPersonRow.child_id == child, ApprovedPersonRow.person_id == person
    )
    return work.session.exec(query).one()
