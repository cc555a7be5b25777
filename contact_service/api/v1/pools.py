"""Rooms and video links that several share: how many, when they are open, what is taken, who takes part from them."""

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Day, Done, Id, Line, Made, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.plans import WindowBody
from contact_service.claims.queries import claims_between
from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.plans.hours import Weekday
from contact_service.pools import actions, queries
from contact_service.pools.pool import MOST_UNITS
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import pooling
from contact_service.visits.queries.finding import visits_between
from contact_service.visits.queries.reaching import known_by_place

router = APIRouter(route_class=OnceRoute, tags=["pools"])
Reader = Annotated[Desk, reading(Scope.STAFF_READ)]
PeopleReader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
PeopleWriter = Annotated[Desk, writing(Scope.PEOPLE_WRITE)]
Decider = Annotated[Desk, deciding()]
Units = Annotated[int, Field(ge=1, le=MOST_UNITS, examples=[2])]
_LONGEST, _AHEAD, _DAY = timedelta(days=62), timedelta(days=730), timedelta(days=1)
_SOON, _LATE = 2000, 2200


class PoolChange(Body):
    """What it is called, and how many rooms or links there are."""

    name: Line = Field(examples=["HMP Example"])
    units: Units


class PoolBody(PoolChange):
    """A pool; its days and hours are those of the clock in ``zone``."""

    zone: Line = Field(examples=["Europe/London"])


class PoolClosureBody(Body):
    """Days from the first to the last, both included, by the clock of the pool."""

    first: Day
    last: Day


class PoolCalendarBody(Body):
    """A shared calendar whose days close the pool."""

    calendar: Id


class PoolLinkBody(Body):
    """From which pool, on which days, both included; null: until it is ended."""

    pool: Id
    first: Day
    last: Day | None = None


class KnownPoolHours(Answer):
    """Hours of the week in which it is open, in minutes after midnight by its clock."""

    id: str
    days: list[Weekday]
    earliest: int
    latest: int


class KnownClosure(Answer):
    """Days on which it is closed."""

    id: str
    first: date
    last: date


class KnownPoolCalendar(Answer):
    """A shared calendar whose days close it."""

    id: str
    calendar: str


class KnownPool(Answer):
    """A pool that counts now; open at any hour without weekly hours, else in these alone.

    ``desk``: the booking desk of an establishment that must clear contact; empty where it clears nothing.  It is
    written to in ``desk_language``; where that is empty, in the agency's first language.
    """

    id: str
    name: str
    units: int
    zone: str
    desk: str
    desk_language: str
    weekly: list[KnownPoolHours]
    closed: list[KnownClosure]
    calendars: list[KnownPoolCalendar]


class TakenUnit(Answer):
    """When a room or link is taken, time around the visit included.

    ``visit`` is null for whoever may not see that visit.  ``beyond``: there is no room for it any more.
    """

    starts_at: datetime
    ends_at: datetime
    visit: str | None
    held_until: datetime | None
    beyond: bool


class KnownPoolLink(Answer):
    """From where somebody takes part, on which days."""

    id: str
    pool: str
    first: date
    last: date | None


@router.get("/pools", operation_id="listPools", summary="The agency’s rooms and video links")
def listed(desk: Reader) -> list[KnownPool]:
    """By name; of closed days those from today on."""
    today = desk.work.now.date()
    pools = queries.pools(desk.work)
    times = queries.pool_times(desk.work, frozenset(one.id for one in pools), today, today + _AHEAD)
    return [
        KnownPool(
            id=pool.id,
            name=pool.name,
            units=pool.units,
            zone=pool.zone,
            desk=pool.desk,
            desk_language=pool.desk_language,
            weekly=[
                KnownPoolHours(
                    id=one.id,
                    days=list(one.window.days),
                    earliest=one.window.earliest,
                    latest=one.window.latest,
                )
                for one in times[pool.id].weekly
            ],
            closed=[KnownClosure(id=one.id, first=one.first, last=one.last) for one in times[pool.id].away],
            calendars=[
                KnownPoolCalendar(id=link, calendar=one.id)
                for link, one in queries.pool_calendars_of(desk.work, pool.id)
            ],
        )
        for pool in pools
    ]


@router.get("/pools/{pool}/taken", operation_id="poolTaken", summary="What is taken of a pool")
def taken(
    desk: Reader,
    pool: AnId,
    first: Annotated[
        datetime, Query(description="With a zone; included.", examples=["2030-05-01T00:00:00Z"])
    ],
    last: Annotated[datetime, Query(description="With a zone; excluded; at most 62 days later.")],
) -> list[TakenUnit]:
    """In order of time, also what only touches the span."""
    found = queries.pool_for(desk.work, pool)
    _demand_span(first, last)
    visits = visits_between(desk.work, first - _DAY, last + _DAY)
    seen = {one.id for one in known_by_place(desk.work, visits, found.id)}
    return [
        TakenUnit(
            starts_at=one.span.starts_at,
            ends_at=one.span.ends_at,
            visit=one.visit if one.visit in seen else None,
            held_until=one.held_until,
            beyond=one.beyond,
        )
        for one in claims_between(desk.work, first, last, who=[found.id])
    ]


def _demand_span(first: datetime, last: datetime) -> None:
    if first.tzinfo is None or last.tzinfo is None or not timedelta(0) < last - first <= _LONGEST:
        raise BadInput("Write two times with a zone, at most 62 days apart.", "last")
    # Days around are asked about too, and there are none before year 1 or after year 9999.
    if first.year < _SOON or last.year > _LATE:
        raise BadInput("Write times from the year 2000 to 2200.", "first" if first.year < _SOON else "last")


@router.post("/pools", status_code=201, operation_id="addPool", summary="Keep a pool (a person decides)")
def add(desk: Decider, body: PoolBody) -> Made:
    """Open at any hour, and nobody takes part from it yet."""
    return Made(id=actions.add_pool(desk.work, body.name, body.units, zone=body.zone))


@router.post("/pools/{pool}", operation_id="changePool", summary="Another name and number (a person decides)")
def change(desk: Decider, pool: AnId, body: PoolChange) -> Done:
    """Where there are too few now, the visits that were asked for last are put in doubt."""
    pooling.change_pool(desk.work, pool, body.name, body.units)
    return Done(id=pool, at=desk.work.now)


@router.post(
    "/pools/{pool}/end", operation_id="endPool", summary="A pool is there no more (a person decides)"
)
def end(desk: Decider, pool: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """Refused while somebody takes part from it."""
    actions.end_pool(desk.work, pool)
    return Done(id=pool, at=desk.work.now)


@router.post(
    "/pools/{pool}/hours",
    status_code=201,
    operation_id="addPoolHours",
    summary="Hours of the week in which it is open (a person decides)",
)
def add_hours(desk: Decider, pool: AnId, body: WindowBody) -> Made:
    """What is booked outside all its hours is put in doubt."""
    return Made(id=pooling.add_hours(desk.work, pool, body.window()))


@router.post(
    "/pools/{pool}/hours/{hours}/end",
    operation_id="endPoolHours",
    summary="Hours count no more (a person decides)",
)
def end_hours(desk: Decider, pool: AnId, hours: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """What is booked in them is put in doubt."""
    pooling.end_hours(desk.work, pool, hours)
    return Done(id=hours, at=desk.work.now)


@router.post(
    "/pools/{pool}/closures",
    status_code=201,
    operation_id="addPoolClosure",
    summary="Days on which it is closed (a person decides)",
)
def add_closure(desk: Decider, pool: AnId, body: PoolClosureBody) -> Made:
    """What is booked on them is put in doubt."""
    return Made(id=pooling.add_closure(desk.work, pool, (body.first, body.last)))


@router.post(
    "/pools/{pool}/closures/{closure}/end",
    operation_id="endPoolClosure",
    summary="It is open on these days after all (a person decides)",
)
def end_closure(desk: Decider, pool: AnId, closure: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now."""
    actions.end_closure(desk.work, pool, closure)
    return Done(id=closure, at=desk.work.now)


@router.post(
    "/pools/{pool}/calendars",
    status_code=201,
    operation_id="addPoolCalendar",
    summary="The days of a shared calendar close it (a person decides)",
)
def add_calendar(desk: Decider, pool: AnId, body: PoolCalendarBody) -> Made:
    """What is booked on them is put in doubt."""
    return Made(id=pooling.add_calendar(desk.work, pool, body.calendar))


@router.post(
    "/pools/{pool}/calendars/{link}/end",
    operation_id="endPoolCalendar",
    summary="A shared calendar closes it no more (a person decides)",
)
def end_calendar(desk: Decider, pool: AnId, link: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now."""
    actions.end_calendar(desk.work, pool, link)
    return Done(id=link, at=desk.work.now)


@router.get("/people/{person}/pools", operation_id="poolsOfPerson", summary="From where somebody takes part")
def of_person(desk: PeopleReader, person: AnId) -> list[KnownPoolLink]:
    """In order of days, those of the past among them."""
    found = _within_reach(desk, person)
    return [
        KnownPoolLink(id=one.id, pool=one.pool.id, first=one.first, last=one.last)
        for one in queries.links_of(desk.work, frozenset({found}))
    ]


@router.post(
    "/people/{person}/pools",
    status_code=201,
    operation_id="linkToPool",
    summary="Somebody takes part from a pool",
)
def link(desk: PeopleWriter, person: AnId, body: PoolLinkBody) -> Made:
    """What is booked takes a room or link there, and is put in doubt where none is left."""
    found = _within_reach(desk, person)
    return Made(id=pooling.link(desk.work, found, body.pool, body.first, body.last))


@router.post(
    "/people/{person}/pools/{link}/end",
    operation_id="endPoolLink",
    summary="Somebody takes part from a pool no more",
)
def end_link(desk: PeopleWriter, person: AnId, link: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now; what is booked gives its room or link back."""
    pooling.end_link(desk.work, _within_reach(desk, person), link)
    return Done(id=link, at=desk.work.now)


def _within_reach(desk: Desk, person: str) -> PersonId:
    member = people.member(desk.work, PersonId(person))
    people.case_for(desk.work, member.case)
    return member.person
