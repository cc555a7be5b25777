"""Whose time is taken by visits, in three questions to the database however many visits there are."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.visits.tables import SharingChildRow, VisitParticipantRow, VisitRow
from contact_service.visits.visit import COUNTED
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A visit that is asked for, booked or running, and whose time it takes beside its supervisor's."""

    visit: VisitId
    starts_at: datetime
    ends_at: datetime
    supervisor: AccountId
    people: frozenset[PersonId]


def taken_between(work: Work, first: datetime, after: datetime) -> list[Taken]:
    """Every visit that takes time in [first, after), whoever asks: to plan around it, and not to show it."""
    during = (VisitRow.starts_at < after, VisitRow.ends_at > first, col(VisitRow.state).in_(COUNTED))
    rows = work.session.exec(select(VisitRow).where(*during).order_by(col(VisitRow.starts_at))).all()
    people = _people(work, during)
    return [
        Taken(
            visit=VisitId(row.id),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            supervisor=AccountId(row.supervisor_id),
            people=frozenset({*people[row.id], PersonId(row.child_id)}),
        )
        for row in rows
    ]


def _people(work: Work, during: tuple[bool | ColumnElement[bool], ...]) -> dict[str, set[PersonId]]:
    found: dict[str, set[PersonId]] = defaultdict(set)
    there = select(VisitParticipantRow.visit_id, VisitParticipantRow.person_id).join(VisitRow).where(*during)
    sharing = select(SharingChildRow.visit_id, SharingChildRow.child_id).join(VisitRow).where(*during)
    for query in (there, sharing):
        for visit, person in work.session.exec(query):
            if person is not None:
                found[visit].add(PersonId(person))
    return found
