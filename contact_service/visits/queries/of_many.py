"""The visits of many children at once, as short as planning needs them, whoever asks: to count, and not to show."""

from collections import defaultdict
from collections.abc import Collection

from sqlmodel import col, or_, select

from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.visits.short import ShortVisit
from contact_service.visits.tables import SharingChildRow, VisitParticipantRow, VisitRow
from contact_service.visits.visit import Outcome, ParticipantRole, VisitState
from contact_service.work import Work


def visits_of_each(work: Work, children: Collection[PersonId]) -> list[ShortVisit]:
    """Every visit that is one of these children's, by start, with three questions to the database."""
    shared = select(SharingChildRow.visit_id).where(col(SharingChildRow.child_id).in_(children))
    query = (
        select(  # type: ignore[call-overload]  # more columns than its overloads know
            VisitRow.id,
            VisitRow.state,
            VisitRow.outcome,
            VisitRow.starts_at,
            VisitRow.ends_at,
            VisitRow.supervisor_id,
            VisitRow.child_id,
        )
        .where(or_(col(VisitRow.child_id).in_(children), col(VisitRow.id).in_(shared)))
        .order_by(col(VisitRow.starts_at), col(VisitRow.id))
    )
    rows = list(work.session.exec(query))
    ids = [row[0] for row in rows]
    others, guests = _sharing(work, ids), _guests(work, ids)
    return [
        ShortVisit(
            id=VisitId(row[0]),
            state=VisitState(row[1]),
            outcome=Outcome(row[2]) if row[2] else None,
            starts_at=row[3],
            ends_at=row[4],
            supervisor=AccountId(row[5]),
            children=(PersonId(row[6]), *others[row[0]]),
            guests=frozenset(guests[row[0]]),
        )
        for row in rows
    ]


def _sharing(work: Work, visits: list[str]) -> dict[str, list[PersonId]]:
    query = select(SharingChildRow.visit_id, SharingChildRow.child_id).where(
        col(SharingChildRow.visit_id).in_(visits)
    )
    found: dict[str, list[PersonId]] = defaultdict(list)
    for visit, child in work.session.exec(query.order_by(col(SharingChildRow.place))):
        found[visit].append(PersonId(child))
    return found


def _guests(work: Work, visits: list[str]) -> dict[str, set[PersonId]]:
    query = select(VisitParticipantRow.visit_id, VisitParticipantRow.person_id).where(
        col(VisitParticipantRow.visit_id).in_(visits),
        VisitParticipantRow.role == ParticipantRole.FAMILY_MEMBER,
    )
    found: dict[str, set[PersonId]] = defaultdict(set)
    for visit, person in work.session.exec(query):
        if person:
            found[visit].add(PersonId(person))
    return found
