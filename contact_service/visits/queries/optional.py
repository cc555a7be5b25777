"""Who comes to a booked visit if they can."""

from collections import defaultdict
from collections.abc import Collection
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
    return settled_of_each(work, [visit])[visit]


def settled_of_each(work: Work, visits: Collection[VisitId]) -> dict[VisitId, Settled]:
    """The same of several, with two questions to the database however many they are."""
    query = select(MayComeRow).where(col(MayComeRow.visit_id).in_(visits)).order_by(col(MayComeRow.place))
    rows: dict[str, list[MayComeRow]] = defaultdict(list)
    for row in work.session.exec(query):
        rows[row.visit_id].append(row)
    numbers = select(VisitRow.id, VisitRow.quorum).where(col(VisitRow.id).in_(list(rows)))
    quorums = dict(work.session.exec(numbers).all()) if rows else {}
    return {visit: _settled(rows[visit], quorums.get(visit, 0)) for visit in visits}


def _settled(rows: list[MayComeRow], quorum: int) -> Settled:
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
        quorum=quorum,
    )


def settled_in_sight(work: Work, visit: Visit) -> Settled:
    """The same; of those who were left out only whoever is of the case from which ``visit`` is seen."""
    found = settled_of(work, visit.id)
    members = people.roles_in(work, visit.case) if found.left_out else {}
    return replace(found, left_out=tuple(one for one in found.left_out if one.person in members))
