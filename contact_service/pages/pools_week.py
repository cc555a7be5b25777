"""A week of one pool: when it is open, and what is taken.  Whose visit it is reads only who may see that visit."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contact_service.agency_policy.spans import clock_face
from contact_service.calendars.calendar import Span
from contact_service.claims.claim import Claim
from contact_service.claims.queries import claims_between
from contact_service.claims.units import most_at_once
from contact_service.ids import VisitId
from contact_service.pages.access import Desk
from contact_service.pages.rendering import say
from contact_service.pages.together import listed
from contact_service.people.queries.many import details_of_each
from contact_service.plans.hours import Weekday
from contact_service.pools.pool import Pool, PoolTime
from contact_service.pools.queries import pool_times
from contact_service.visits.queries.finding import visits_between
from contact_service.visits.queries.reaching import known_by_place
from contact_service.visits.visit import Visit

_WEEK, _DAY = timedelta(days=7), timedelta(days=1)


def week_shown(desk: Desk, pool: Pool, monday: date) -> list[dict[str, object]]:
    """Seven days by the clock of the pool, each with when it is open and what is taken of it."""
    work, first, after = desk.work, _midnight(pool, monday), _midnight(pool, monday + _WEEK)
    opened = pool_times(work, frozenset({pool.id}), monday, monday + _WEEK)[pool.id]
    claims = claims_between(work, first, after, who=[pool.id])
    names = _names(desk, known_by_place(work, visits_between(work, first - _DAY, after + _DAY), pool.id))
    return [_day(pool, monday + timedelta(days=n), opened, claims, names) for n in range(7)]


def _day(
    pool: Pool, day: date, opened: PoolTime, claims: Sequence[Claim], names: dict[VisitId, str]
) -> dict[str, object]:
    first, after = _midnight(pool, day), _midnight(pool, day + _DAY)
    taken = [one for one in claims if one.span.starts_at < after and one.span.ends_at > first]
    spans = [(one.span.starts_at, one.span.ends_at) for one in taken if not one.beyond]
    return {
        "day": day,
        "hours": _hours(opened, day),
        "closed": _closed(opened, day),
        "most": most_at_once(spans, first, after),
        "taken": [
            {
                "starts_at": one.span.starts_at,
                "ends_at": one.span.ends_at,
                "visit": one.visit if one.visit in names else None,
                "name": names.get(one.visit, "") if one.visit else "",
                "held": one.held_until is not None,
                "beyond": one.beyond,
            }
            for one in taken
        ],
    }


def _hours(opened: PoolTime, day: date) -> str:
    """The hours in which it is open on that weekday."""
    if not opened.weekly:
        return say("Open at any hour")
    weekday = list(Weekday)[day.weekday()]
    found = [one.window for one in opened.weekly if weekday in one.window.days]
    hours = ", ".join(f"{clock_face(one.earliest)} {say('to')} {clock_face(one.latest)}" for one in found)
    return say("Open {hours}", hours=hours) if found else say("Not open on this weekday")


def _closed(opened: PoolTime, day: date) -> list[str]:
    """What closes it on that day, for all of it or for some hours."""
    found = [say("Closed") for one in opened.away if one.first <= day <= one.last][:1]
    return found + [_closed_by(one.span) for one in opened.closed if one.span.holds_day(day)]


def _closed_by(span: Span) -> str:
    if span.whole_days:
        return say("Closed: {name}", name=span.name)
    hours = f"{clock_face(span.earliest)} {say('to')} {clock_face(span.latest)}"
    return say("Closed {hours}: {name}", hours=hours, name=span.name)


def _names(desk: Desk, visits: Sequence[Visit]) -> dict[VisitId, str]:
    """The children's names of every visit that the reader may see there."""
    details = details_of_each(desk.work, {one.child for visit in visits for one in visit.children})
    return {v.id: listed(details[one.child].known_as for one in v.children) for v in visits}


def _midnight(pool: Pool, day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(pool.zone))
