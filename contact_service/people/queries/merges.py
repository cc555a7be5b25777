"""Merges of two records of one person: those that wait for a second member of staff, and those done."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, select

from contact_service.errors import NotFound
from contact_service.ids import CaseId, MergeId, PersonId, Ref
from contact_service.people.queries.members import cases_of, cases_with
from contact_service.people.tables import PersonMergeRow
from contact_service.work import Work


class MergeState(StrEnum):
    """Where a merge stands."""

    PROPOSED = "proposed"
    DONE = "done"
    DECLINED = "declined"


@dataclass(frozen=True, kw_only=True)
class Merge:
    """Two records that somebody holds to be one person; ``kept`` survives."""

    id: MergeId
    kept: PersonId
    merged: PersonId
    state: MergeState
    proposed_by: Ref
    proposed_at: datetime


def merge_for(work: Work, merge: MergeId) -> Merge:
    """A merge of two people within the actor's reach; raises ``NotFound``."""
    row = work.session.get(PersonMergeRow, merge)
    if row is None:
        raise NotFound
    found = _merge(row)
    reach = set(cases_of(work))
    if not all(reach & set(cases_with(work, person)) for person in (found.kept, found.merged)):
        raise NotFound
    return found


def waiting_merges(work: Work, case: CaseId) -> list[Merge]:
    """Merges of people of a case that nobody has decided, oldest first."""
    query = (
        select(PersonMergeRow)
        .where(PersonMergeRow.state == MergeState.PROPOSED)
        .order_by(col(PersonMergeRow.proposed_at))
    )
    return [m for m in map(_merge, work.session.exec(query)) if case in cases_with(work, m.kept)]


def _merge(row: PersonMergeRow) -> Merge:
    return Merge(
        id=MergeId(row.id),
        kept=PersonId(row.kept_id),
        merged=PersonId(row.merged_id),
        state=MergeState(row.state),
        proposed_by=Ref(row.proposed_by),
        proposed_at=row.proposed_at,
    )
