"""Who is approved to meet a child (feature A3)."""

from datetime import datetime

from sqlmodel import func, select

from contact_service.ids import PersonId
from contact_service.people.queries.many import approved_for_each
from contact_service.people.tables import ApprovedPersonRow
from contact_service.work import Work


def approved_for(work: Work, child: PersonId) -> frozenset[PersonId]:
    """Everybody who may be put on a visit with the child now."""
    return approved_for_each(work, (child,))[child]


def unapproved_at(work: Work, child: PersonId, person: PersonId) -> datetime | None:
    """When an approval of the person last ended, None when none ever did."""
    query = select(func.max(ApprovedPersonRow.ended_at)).where(
        ApprovedPersonRow.child_id == child, ApprovedPersonRow.person_id == person
    )
    return work.session.exec(query).one()
