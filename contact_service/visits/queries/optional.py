"""Who comes to a booked visit if they can."""

from dataclasses import replace

from sqlmodel import col, select

from contact_service.ids import PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.visits.optional import LeftOut, Settled
from contact_service.visits.tables import MayComeRow, VisitRow
from contact_service.visits.visit import Visit
from contact_service.work import Work


def settled_of(work: Work, visit: VisitId) -> Settled:
    """Who of those who come if they can is in the visit, and who was left out, in the order they were named.

    To be asked only about a visit that is within reach.
    """
    rows = work.session.exec(
        select(MayComeRow).where(MayComeRow.visit_id == visit).order_by(col(MayComeRow.place))
    ).all()
    return Settled(
        coming=tuple(PersonId(row.person_id) for row in rows if not row.left_out),
        left_out=tuple(
            LeftOut(
                person=PersonId(row.person_id),
                caregiver=PersonId(row.caregiver_id) if row.caregiver_id else None,
            )
            for row in rows
            if row.left_out
        ),
        quorum=work.session.get_one(VisitRow, visit).quorum if rows else 0,
    )


def settled_in_sight(work: Work, visit: Visit) -> Settled:
    """The same; of those who were left out only whoever is of the case from which ``visit`` is seen."""
    found = settled_of(work, visit.id)
    members = people.roles_in(work, visit.case) if found.left_out else {}
    return replace(found, left_out=tuple(one for one in found.left_out if one.person in members))
