"""Where everybody of a visit is, for whoever must send help."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from contact_service.ids import VisitId
from contact_service.keys import queries as keys
from contact_service.visits.tables import EmergencyOpeningRow, VisitParticipantRow, VisitRow, WhereaboutsRow
from contact_service.visits.whereabouts import Whereabouts
from contact_service.work import Work, asked_once

FIELD = "whereabouts"


@asked_once
def confirmed_in(work: Work, visit: VisitId) -> frozenset[str]:
    """The participants of whom it is known where they are; their words stay sealed."""
    query = (
        select(WhereaboutsRow.participant_id)
        .join(VisitParticipantRow, col(VisitParticipantRow.id) == col(WhereaboutsRow.participant_id))
        .where(VisitParticipantRow.visit_id == visit)
    )
    return frozenset(work.session.exec(query))


def opened_whereabouts(work: Work, visit: VisitId) -> Mapping[str, Whereabouts]:
    """Of each participant where they are.  For ``actions.whereabouts`` alone, which writes down who opened it."""
    query = (
        select(WhereaboutsRow)
        .join(VisitParticipantRow, col(VisitParticipantRow.id) == col(WhereaboutsRow.participant_id))
        .where(VisitParticipantRow.visit_id == visit)
    )
    return {row.participant_id: _opened(work, row) for row in work.session.exec(query)}


def _opened(work: Work, row: WhereaboutsRow) -> Whereabouts:
    text = keys.open_for_person(
        work.session, work.keys, agency=work.agency, person=row.child_id, sealed=row.sealed, field=FIELD
    )
    return Whereabouts.from_bytes(text)


def is_unexplained(work: Work, visit: VisitId) -> bool:
    """Whether whoever acts opened the emergency details of a visit and has not said why yet."""
    return work.session.exec(unexplained(work, visit).limit(1)).first() is not None


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Somebody opened the emergency details of a visit, at this moment for the first time without a word why since."""

    visit: VisitId
    opened_at: datetime


def openings_to_explain(work: Work) -> list[Opening]:
    """What whoever acts opened and has not explained, of visits that they watch no more; oldest first.

    As long as they watch one, its room and its record ask them.
    """
    query = (
        select(EmergencyOpeningRow.visit_id, func.min(EmergencyOpeningRow.opened_at))
        .join(VisitRow, col(VisitRow.id) == col(EmergencyOpeningRow.visit_id))
        .where(
            EmergencyOpeningRow.opened_by == work.actor.ref,
            col(EmergencyOpeningRow.explained_at).is_(None),
            VisitRow.supervisor_id != work.actor.account,
        )
        .group_by(EmergencyOpeningRow.visit_id)
    )
    found = [Opening(visit=VisitId(visit), opened_at=at) for visit, at in work.session.exec(query)]
    return sorted(found, key=lambda one: (one.opened_at, one.visit))


def unexplained(work: Work, visit: VisitId) -> SelectOfScalar[EmergencyOpeningRow]:
    """Every time at which whoever acts opened them without a word why since."""
    return select(EmergencyOpeningRow).where(
        EmergencyOpeningRow.visit_id == visit,
        EmergencyOpeningRow.opened_by == work.actor.ref,
        col(EmergencyOpeningRow.explained_at).is_(None),
    )
