"""Who was forgotten."""

from collections.abc import Iterable

from sqlmodel import col, select

from contact_service.ids import PersonId
from contact_service.people.tables import PersonRow
from contact_service.work import Work


def forgotten_among(work: Work, persons: Iterable[PersonId]) -> frozenset[PersonId]:
    """Those of ``persons`` of whom nothing can be opened any more."""
    query = select(PersonRow.id).where(
        col(PersonRow.id).in_(list(persons)), col(PersonRow.forgotten_at).is_not(None)
    )
    return frozenset(PersonId(one) for one in work.session.exec(query))
