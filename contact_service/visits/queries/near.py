"""The visits of children on the days around a wished one, as short as counting needs them, whoever asks."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

from sqlalchemy import bindparam
from sqlmodel import col, or_, select

from contact_service.database import some
from contact_service.ids import PersonId, VisitId
from contact_service.visits.short import Meeting
from contact_service.visits.tables import SharingChildRow, VisitParticipantRow, VisitRow
from contact_service.visits.visit import VisitState
from contact_service.work import Work, asked_once_of_each

_THEY_SHARE = select(SharingChildRow.visit_id).where(col(SharingChildRow.child_id).in_(some("children")))
_WHO_IS_THERE = (
    select(  # type: ignore[call-overload]  # more columns than its overloads know
        VisitRow.id,
        VisitRow.starts_at,
        VisitRow.child_id,
        VisitParticipantRow.person_id,
        SharingChildRow.child_id,
    )
    .outerjoin(
        VisitParticipantRow,
        (col(VisitParticipantRow.visit_id) == col(VisitRow.id))
        & col(VisitParticipantRow.person_id).is_not(None),
    )
    .outerjoin(SharingChildRow, col(SharingChildRow.visit_id) == col(VisitRow.id))
    .where(or_(col(VisitRow.child_id).in_(some("children")), col(VisitRow.id).in_(_THEY_SHARE)))
    .where(col(VisitRow.state).in_(some("states")))
    .where(col(VisitRow.starts_at) >= bindparam("first"), col(VisitRow.starts_at) < bindparam("after"))
    .order_by(col(VisitRow.starts_at), col(VisitRow.id))
)


def meetings_around(
    work: Work, children: Collection[PersonId], states: frozenset[VisitState], days: tuple[date, date]
) -> dict[PersonId, list[Meeting]]:
    """For each child the visits in ``states`` that start from the first of ``days`` to the last, and some around.

    In order of time; days are those of any zone.
    """
    first, after = days[0] - timedelta(days=1), days[1] + timedelta(days=2)
    # Whole months, so that the next question about a day near by is answered from what was read.
    months = [first.replace(day=1)]
    while (following := _after(months[-1])) < after:
        months.append(following)
    found = _in_months(work, list(product(children, months)), states)
    return {child: [one for month in months for one in found[child, month]] for child in children}


def _after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


@asked_once_of_each
def _in_months(
    work: Work, those: Collection[tuple[PersonId, date]], states: frozenset[VisitState]
) -> dict[tuple[PersonId, date], tuple[Meeting, ...]]:
    """The visits of each child in each month, in one question to the database."""
    months = [month for _, month in those]
    given = {
        "children": list({child for child, _ in those}),
        "states": list(states),
        "first": _begin(min(months)),
        "after": _begin(_after(max(months))),
    }
    starts: dict[str, datetime] = {}
    own: dict[str, set[str]] = defaultdict(set)
    people: dict[str, set[str]] = defaultdict(set)
    for visit, starts_at, child, person, sharing in work.session.exec(_WHO_IS_THERE, params=given):
        starts[visit] = starts_at
        own[visit] |= {child, sharing} - {None}
        people[visit] |= {person} - {None}
    found: dict[tuple[PersonId, date], list[Meeting]] = {one: [] for one in those}
    for visit, starts_at in starts.items():
        month = starts_at.date().replace(day=1)
        meeting = Meeting(id=VisitId(visit), starts_at=starts_at, people=_known(own[visit] | people[visit]))
        for child in own[visit]:
            if (key := (PersonId(child), month)) in found:
                found[key].append(meeting)
    return {one: tuple(meetings) for one, meetings in found.items()}


def _known(people: set[str]) -> frozenset[PersonId]:
    return frozenset(map(PersonId, people))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
