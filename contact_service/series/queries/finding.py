"""Series within the actor's reach, with their instances and visits."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from sqlalchemy import String, cast
from sqlmodel import col, or_, select

from contact_service.errors import NotAllowed, NotFound
from contact_service.ids import AccountId, CaseId, PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.of_another import hidden
from contact_service.series.clocks import by_another_clock
from contact_service.series.pattern import Pattern
from contact_service.series.series import Instance, InstanceState, Series, SeriesId
from contact_service.series.tables import SeriesInstanceRow, SeriesRow
from contact_service.visits.optional import IfTheyCan
from contact_service.visits.queries.finding import visits_by_id
from contact_service.visits.queries.reaching import wished_within, zone_in_sight
from contact_service.visits.visit import Visit
from contact_service.visits.wish import ChildWished
from contact_service.work import Work


def series_for(work: Work, series: SeriesId) -> Series:
    """A series within the actor's reach; raises ``NotFound`` for absent and not-yours alike.

    It is within reach with the case of any child who shares it.
    """
    row = work.session.get(SeriesRow, series)
    found = _all(work, [row]) if row is not None else []
    if not found:
        raise NotFound
    people.open_within_reach(work, _cases(work, found[0]))
    return found[0]


def as_may_be_seen(work: Work, series: Series) -> Series:
    """``series`` within reach, by the clock of a child within reach: the clock of another tells where they live.

    What places have not cleared is told to those alone who work with each of its children.
    """
    home = ChildWished(child=series.child, caregiver=series.caregiver)
    children = (home, *series.sharing)
    within = wished_within(work, children)
    seen = series if len(within) == len(children) else _without_clearances(series)
    return seen if series.child in within else by_another_clock(seen, zone_in_sight(work, children))


def _without_clearances(series: Series) -> Series:
    told = (replace(one, why=tuple(dict.fromkeys(map(hidden, one.why)))) for one in series.instances)
    return replace(series, instances=tuple(told))


def demand_every_child(work: Work, series: Series) -> None:
    """Raise ``NotAllowed`` unless every child of ``series`` is within the actor's reach."""
    children = (series.child, *(one.child for one in series.sharing))
    cases = list(dict.fromkeys(people.case_of(work, child) for child in children))
    if people.within_reach(work, cases) != cases:
        raise NotAllowed("You do not work with every child of this series. Ask a worker who does.")


def _cases(work: Work, series: Series) -> list[CaseId]:
    return [series.case, *(people.case_of(work, one.child) for one in series.sharing)]


def series_of_child(work: Work, child: PersonId) -> list[Series]:
    """The series of a child within reach, those also that a brother or sister was asked for first; the newest first."""
    # Who shares one stands in a list, and is looked for as text: an id is never part of another.
    sharing = cast(col(SeriesRow.sharing), String).contains(child)
    query = (
        select(SeriesRow)
        .where(or_(SeriesRow.child_id == child, sharing))
        .order_by(col(SeriesRow.asked_at).desc(), col(SeriesRow.id))
    )
    found = _all(work, work.session.exec(query).all())
    return [one for one in found if people.within_reach(work, _cases(work, one))]


def series_of_visit(work: Work, visit: VisitId) -> Series | None:
    """The series that a visit belongs to, when it is within reach."""
    query = select(SeriesInstanceRow.series_id).where(SeriesInstanceRow.visit_id == visit)
    series = work.session.exec(query).first()
    try:
        return series_for(work, SeriesId(series)) if series else None
    except NotFound:
        return None


def planned_by(work: Work, horizon: datetime) -> list[tuple[SeriesId, str]]:
    """Series and instance of everything that waits to be booked and is not later than ``horizon``; the earliest first.

    For the job: whoever asks.  One whose time was chosen by hand is found a day early, as its zone is not asked.
    """
    until = f"{horizon + timedelta(days=1):%Y-%m-%dT%H:%M}"
    query = (
        select(SeriesInstanceRow.series_id, SeriesInstanceRow.id)
        .where(SeriesInstanceRow.state == InstanceState.PLANNED, SeriesInstanceRow.wall <= until)
        .order_by(col(SeriesInstanceRow.wall), col(SeriesInstanceRow.id))
    )
    return [(SeriesId(series), instance) for series, instance in work.session.exec(query)]


def _all(work: Work, rows: Sequence[SeriesRow]) -> list[Series]:
    """``rows`` as series, in their order, with a fixed number of questions however many there are."""
    ids = [row.id for row in rows]
    query = select(SeriesInstanceRow).where(col(SeriesInstanceRow.series_id).in_(ids))
    found: dict[str, list[SeriesInstanceRow]] = defaultdict(list)
    for one in work.session.exec(query.order_by(col(SeriesInstanceRow.original))):
        found[one.series_id].append(one)
    visits = visits_by_id(work, _visits_of(found.values()))
    after = select(SeriesRow.follows_id, SeriesRow.id).where(col(SeriesRow.follows_id).in_(ids))
    followed = {before: SeriesId(series) for before, series in work.session.exec(after)}
    return [_series(work, row, found[row.id], visits, followed.get(row.id)) for row in rows]


def _visits_of(rows: Iterable[list[SeriesInstanceRow]]) -> list[VisitId]:
    return [VisitId(one.visit_id) for several in rows for one in several if one.visit_id]


def _series(
    work: Work,
    row: SeriesRow,
    instances: Sequence[SeriesInstanceRow],
    visits: dict[VisitId, Visit],
    followed_by: SeriesId | None,
) -> Series:
    """Whoever was merged into somebody else is meant as they are kept now."""

    def kept(person: str) -> PersonId:
        return people.kept_as(work, PersonId(person))

    sharing = (one.partition(":") for one in row.sharing)
    return Series(
        id=SeriesId(row.id),
        case=CaseId(row.case_id),
        child=kept(row.child_id),
        caregiver=kept(row.caregiver_id) if row.caregiver_id else None,
        people=tuple(dict.fromkeys(map(kept, row.people))),
        sharing=tuple(
            ChildWished(child=kept(child), caregiver=kept(carer) if carer else None)
            for child, _, carer in sharing
        ),
        level=SupervisionLevel(row.level),
        length=timedelta(minutes=row.minutes),
        supervisor=AccountId(row.supervisor_id),
        duty=AccountId(row.duty_id),
        pattern=Pattern(
            anchor=row.anchor_on,
            clock=time.fromisoformat(row.clock),
            every=row.every_weeks,
            zone=row.zone,
            last=row.last_on,
        ),
        asked_by=AccountId(row.asked_by),
        asked_at=row.asked_at,
        ended_at=row.ended_at,
        follows=SeriesId(row.follows_id) if row.follows_id else None,
        followed_by=followed_by,
        optional=_if_they_can(row, kept),
        instances=tuple(_instance(one, visits) for one in instances),
    )


def _if_they_can(row: SeriesRow, kept: Callable[[str], PersonId]) -> IfTheyCan:
    """Two records that were merged are one person, and no more are asked for than there are."""
    those = tuple(dict.fromkeys(map(kept, row.optional)))
    return IfTheyCan(people=those, quorum=min(row.quorum, len(those)))


def _instance(row: SeriesInstanceRow, visits: dict[VisitId, Visit]) -> Instance:
    return Instance(
        id=row.id,
        original=datetime.fromisoformat(row.original),
        wall=datetime.fromisoformat(row.wall),
        starts_at=row.starts_at,
        tzdata=row.tzdata,
        state=InstanceState(row.state),
        why=tuple(row.why),
        visit=visits[VisitId(row.visit_id)] if row.visit_id else None,
    )
