"""Which restrictions there are, and which bind whom."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, or_, select

from contact_service.database import some
from contact_service.errors import NotFound
from contact_service.ids import CaseId, OrderId, PersonId, Ref, RestrictionId
from contact_service.people.queries import members as people
from contact_service.restrictions.restriction import (
    Restriction,
    RestrictionKind,
    RestrictionSource,
    StopReason,
    pair,
)
from contact_service.restrictions.tables import RestrictionRow
from contact_service.work import Work, asked_once

_AMONG = select(RestrictionRow).where(
    col(RestrictionRow.person_id).in_(some("people")),
    or_(col(RestrictionRow.other_id).is_(None), col(RestrictionRow.other_id).in_(some("people"))),
)


def restrictions_of(work: Work, case: CaseId) -> list[Restriction]:
    """Every restriction ever recorded in a case, newest first."""
    query = (
        select(RestrictionRow)
        .where(RestrictionRow.case_id == case)
        .order_by(col(RestrictionRow.starts_at).desc())
    )
    return [_restriction(row) for row in work.session.exec(query)]


def restrictions_between(work: Work, together: Iterable[PersonId], *, at: datetime) -> list[Restriction]:
    """Restrictions in force at ``at`` that are about a pair among these people, or about one of them alone."""
    found = _among(work, frozenset(together))
    return [one for one in found if one.in_force(at)]


@asked_once
def _among(work: Work, wanted: frozenset[PersonId]) -> tuple[Restriction, ...]:
    """Every restriction about a pair among these people, or about one alone, over or to come: they are few."""
    rows = work.session.exec(_AMONG, params={"people": list(wanted)})
    return tuple(_restriction(row) for row in rows)


def restrictions_during(
    work: Work, together: Iterable[PersonId], *, first: datetime, after: datetime
) -> list[Restriction]:
    """Restrictions in force at any moment of [first, after) about a pair among these people, or one of them alone."""
    wanted = set(together)
    query = select(RestrictionRow).where(
        col(RestrictionRow.person_id).in_(wanted),
        or_(col(RestrictionRow.other_id).is_(None), col(RestrictionRow.other_id).in_(wanted)),
        RestrictionRow.starts_at < after,
        or_(col(RestrictionRow.ends_at).is_(None), col(RestrictionRow.ends_at) > first),
    )
    return [_restriction(row) for row in work.session.exec(query)]


def restrictions_about(work: Work, person: PersonId, *, at: datetime) -> list[Restriction]:
    """Restrictions in force at ``at`` that name this person."""
    query = select(RestrictionRow).where(
        or_(col(RestrictionRow.person_id) == person, col(RestrictionRow.other_id) == person),
        RestrictionRow.starts_at <= at,
        or_(col(RestrictionRow.ends_at).is_(None), col(RestrictionRow.ends_at) > at),
    )
    return [_restriction(row) for row in work.session.exec(query)]


def barring(work: Work, people: Iterable[PersonId]) -> list[Restriction]:
    """Every restriction, past ones too, that forbids some of these people to meet, or one of them to meet anybody."""
    wanted = set(people)
    query = (
        select(RestrictionRow)
        .where(
            col(RestrictionRow.kind) != RestrictionKind.APART,
            col(RestrictionRow.person_id).in_(wanted),
            or_(col(RestrictionRow.other_id).is_(None), col(RestrictionRow.other_id).in_(wanted)),
        )
        .order_by(col(RestrictionRow.starts_at), col(RestrictionRow.id))
    )
    return [_restriction(row) for row in work.session.exec(query)]


def turns_of(work: Work, together: Iterable[PersonId], *, first: datetime, last: datetime) -> list[datetime]:
    """The instants from ``first`` to ``last`` at which a restriction on any of these people starts or ends."""
    wanted = set(together)
    query = select(RestrictionRow.starts_at, RestrictionRow.ends_at).where(
        or_(col(RestrictionRow.person_id).in_(wanted), col(RestrictionRow.other_id).in_(wanted))
    )
    turns = {turn for row in work.session.exec(query) for turn in row if turn is not None}
    return sorted(turn for turn in turns if first <= turn <= last)


def restriction_for(work: Work, restriction: RestrictionId) -> Restriction:
    """One restriction in a case within reach; raises ``NotFound``."""
    row = work.session.get(RestrictionRow, restriction)
    if row is None or not people.within_reach(work, [CaseId(row.case_id)]):
        raise NotFound
    return _restriction(row)


def lifts_asked(work: Work) -> list[Restriction]:
    """Restrictions within reach that somebody has asked to lift and nobody has decided on."""
    query = select(RestrictionRow).where(
        col(RestrictionRow.lift_asked_by).is_not(None),
        col(RestrictionRow.lifted_by).is_(None),
        or_(col(RestrictionRow.ends_at).is_(None), col(RestrictionRow.ends_at) > work.now),
    )
    reach = set(people.cases_of(work))
    found = [_restriction(row) for row in work.session.exec(query)]
    return [restriction for restriction in found if restriction.case in reach]


def to_be_applied(work: Work) -> list[Restriction]:
    """Restrictions that have begun to bind and have not yet stopped what they forbid."""
    query = select(RestrictionRow).where(
        col(RestrictionRow.applied_at).is_(None), RestrictionRow.starts_at <= work.now
    )
    return [_restriction(row) for row in work.session.exec(query)]


def urgent_stops(work: Work) -> list[Restriction]:
    """Every urgent stop that has begun, by its start."""
    query = (
        select(RestrictionRow)
        .where(RestrictionRow.kind == RestrictionKind.SUSPENDED, RestrictionRow.starts_at <= work.now)
        .order_by(col(RestrictionRow.starts_at))
    )
    return [_restriction(row) for row in work.session.exec(query)]


def _restriction(row: RestrictionRow) -> Restriction:
    return Restriction(
        id=RestrictionId(row.id),
        case=CaseId(row.case_id),
        kind=RestrictionKind(row.kind),
        people=pair(PersonId(row.person_id), PersonId(row.other_id) if row.other_id else None),
        source=RestrictionSource(row.source),
        reason=StopReason(row.reason) if row.reason else None,
        order=OrderId(row.order_id) if row.order_id else None,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        recorded_by=Ref(row.recorded_by),
        lift_asked_by=Ref(row.lift_asked_by) if row.lift_asked_by else None,
        lifted_by=Ref(row.lifted_by) if row.lifted_by else None,
    )
