"""The agency's rooms and video links, when they are open, and who takes part from them."""

from collections import defaultdict
from datetime import date

from sqlmodel import col, select

from contact_service.actor import Role
from contact_service.calendars import queries as calendars
from contact_service.calendars.calendar import Calendar, Effect, Marked
from contact_service.database import some
from contact_service.errors import NotFound
from contact_service.ids import PersonId, PoolId
from contact_service.plans.hours import Weekday, Window
from contact_service.pools.pool import Pool, PoolLink, PoolTime
from contact_service.pools.tables import PoolCalendarRow, PoolClosureRow, PoolHoursRow, PoolLinkRow, PoolRow
from contact_service.work import Work, asked_once, reads
from contact_service.working_hours.hours import DaysAway, WorkingHours

_KEEPERS = (Role.WORKER, Role.APPROVER, Role.ADMINISTRATOR, Role.COMMAND_LINE)
_LINKS = (
    select(PoolLinkRow, PoolRow)
    .join(PoolRow, col(PoolRow.id) == col(PoolLinkRow.pool_id))
    .where(col(PoolLinkRow.person_id).in_(some("people")))
    .where(col(PoolLinkRow.ended_at).is_(None), col(PoolRow.ended_at).is_(None))
    .order_by(col(PoolLinkRow.first_on), col(PoolLinkRow.id))
)


def may_keep_pools(work: Work) -> bool:
    """Whether the actor writes down rooms and links, and when they are open."""
    return any(work.actor.has(role) for role in _KEEPERS)


def may_set_desk(work: Work, pool: Pool) -> bool:
    """Whether the actor says which booking desk a pool has; one that it has is changed by an approver alone."""
    return work.actor.has(Role.APPROVER) or (not pool.desk and work.actor.has(Role.WORKER))


def pools(work: Work) -> list[Pool]:
    """Every pool that counts now, by name."""
    query = select(PoolRow).where(PoolRow.agency == work.agency, col(PoolRow.ended_at).is_(None))
    return [_pool(row) for row in work.session.exec(query.order_by(col(PoolRow.name), col(PoolRow.id)))]


def pool_for(work: Work, pool: str) -> Pool:
    """A pool that counts now; raises ``NotFound``."""
    row = work.session.get(PoolRow, pool)
    if row is None or row.agency != work.agency or row.ended_at is not None:
        raise NotFound
    return _pool(row)


@asked_once
@reads("pool", "pool_link")
def links_of(work: Work, people: frozenset[PersonId]) -> tuple[PoolLink, ...]:
    """From where these take part, over all days, those of the past among them; in order of days."""
    return tuple(
        PoolLink(
            id=link.id,
            person=PersonId(link.person_id),
            pool=_pool(row),
            first=link.first_on,
            last=link.last_on,
        )
        for link, row in work.session.exec(_LINKS, params={"people": sorted(people)})
    )


def people_from(work: Work, pool: PoolId) -> set[PersonId]:
    """Whoever takes part from a pool on any day; to be counted, and shown only within reach."""
    query = select(PoolLinkRow.person_id).where(
        PoolLinkRow.pool_id == pool, col(PoolLinkRow.ended_at).is_(None)
    )
    return {PersonId(one) for one in work.session.exec(query)}


def pool_calendars_of(work: Work, pool: PoolId) -> list[tuple[str, Calendar]]:
    """The shared calendars that close a pool, by name, each with the id of its link."""
    counted = {one.id: one for one in calendars.calendars(work)}
    query = select(PoolCalendarRow).where(
        PoolCalendarRow.pool_id == pool, col(PoolCalendarRow.ended_at).is_(None)
    )
    rows = [row for row in work.session.exec(query) if row.calendar_id in counted]
    return sorted(((row.id, counted[row.calendar_id]) for row in rows), key=lambda one: (one[1].name, one[0]))


@asked_once
def pool_times(work: Work, wanted: frozenset[PoolId], first: date, last: date) -> dict[PoolId, PoolTime]:
    """When these pools are open; days on which they are not, and closed days, between two days."""
    weekly: dict[str, list[WorkingHours]] = defaultdict(list)
    away: dict[str, list[DaysAway]] = defaultdict(list)
    hours = select(PoolHoursRow).where(
        col(PoolHoursRow.pool_id).in_(wanted), col(PoolHoursRow.ended_at).is_(None)
    )
    for row in work.session.exec(hours.order_by(col(PoolHoursRow.recorded_at), col(PoolHoursRow.id))):
        window = Window(
            days=tuple(d for d in Weekday if d in row.days), earliest=row.earliest, latest=row.latest
        )
        weekly[row.pool_id].append(WorkingHours(id=row.id, zone=row.zone, window=window))
    closures = select(PoolClosureRow).where(
        col(PoolClosureRow.pool_id).in_(wanted),
        col(PoolClosureRow.ended_at).is_(None),
        PoolClosureRow.last_on >= first,
        PoolClosureRow.first_on <= last,
    )
    for one in work.session.exec(closures.order_by(col(PoolClosureRow.first_on), col(PoolClosureRow.id))):
        away[one.pool_id].append(DaysAway(id=one.id, zone=one.zone, first=one.first_on, last=one.last_on))
    rows = work.session.exec(select(PoolRow).where(col(PoolRow.id).in_(wanted)))
    return {
        PoolId(row.id): PoolTime(
            zone=row.zone,
            weekly=tuple(weekly[row.id]),
            away=tuple(away[row.id]),
            closed=_closed(work, PoolId(row.id), first, last),
        )
        for row in rows
    }


def _closed(work: Work, pool: PoolId, first: date, last: date) -> tuple[Marked, ...]:
    return tuple(
        Marked(calendar=calendar, span=entry.span)
        for _, calendar in pool_calendars_of(work, pool)
        if calendar.effect is Effect.NO_VISITS
        for entry in calendars.entries_of(work, calendar, since=first)
        if entry.span.first <= last
    )


def _pool(row: PoolRow) -> Pool:
    return Pool(
        id=PoolId(row.id),
        name=row.name,
        units=row.units,
        zone=row.zone,
        desk=row.desk,
        desk_at=row.desk_at,
        desk_changed_at=row.desk_changed_at,
        desk_language=row.desk_language,
    )
