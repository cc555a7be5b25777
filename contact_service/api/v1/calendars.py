"""Calendars that many share: public holidays, closures, school terms, Ramadan; and for whom they count."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import AnId, Answer, Body, Day, Done, Id, Line, Made, MinuteOfDay, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.calendars import actions, queries
from contact_service.calendars.calendar import Calendar, Effect, Source, Span
from contact_service.calendars.known_days import YEARS_AHEAD, countries, public_holidays, ramadan
from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.plans.hours import WHOLE_DAY
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import closing

router = APIRouter(route_class=OnceRoute, tags=["calendars"])
Reader = Annotated[Desk, reading(Scope.STAFF_READ)]
PeopleReader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
Decider = Annotated[Desk, deciding()]
Years = Annotated[list[int], Field(min_length=1, max_length=YEARS_AHEAD + 1, examples=[[2030]])]
Country = Annotated[str, StringConstraints(max_length=2)]
Part = Annotated[str, StringConstraints(max_length=8)]


class CalendarBody(Body):
    """A calendar and what its days mean."""

    name: Line
    effect: Effect


class DaysBody(Body):
    """Days from the first to the last, both included, by the clock where the child lives; whole days without hours."""

    name: Line
    first: Day
    last: Day
    earliest: MinuteOfDay = 0
    latest: MinuteOfDay = WHOLE_DAY


class HolidaysBody(Body):
    """Of which country (ISO 3166), of which part of it (empty: the whole), of which years."""

    country: Country = Field(examples=["GB"])
    part: Part = Field(default="", examples=["ENG"])
    years: Years


class RamadanBody(Body):
    """Every Ramadan that begins in one of the years, and the hours of each day at which there are no visits."""

    years: Years
    earliest: MinuteOfDay = 0
    latest: MinuteOfDay = WHOLE_DAY


class LinkBody(Body):
    """For whom a calendar counts; null for the whole agency."""

    person: Id | None


class KnownCalendar(Answer):
    """A calendar that counts now."""

    id: str
    name: str
    effect: Effect
    whole_agency: bool


class KnownDays(Answer):
    """Days of a calendar; an estimated one may be a day earlier or later."""

    id: str
    name: str
    first: date
    last: date
    earliest: int
    latest: int
    estimated: bool
    source: Source
    place: str


class KnownCountry(Answer):
    """A country whose public holidays are known, and its parts that have some of their own."""

    country: str
    parts: list[str]


class KnownLink(Answer):
    """A calendar that counts for somebody."""

    id: str
    calendar: str


class ManyMade(Answer):
    """The ids of what was made; what had been taken before, or was struck out, is not made again."""

    ids: list[str]


@router.get("/calendars", operation_id="listCalendars", summary="The agency's calendars")
def listed(desk: Reader) -> list[KnownCalendar]:
    """By name."""
    return [_known(desk, one) for one in queries.calendars(desk.work)]


@router.get(
    "/calendars/countries", operation_id="listCountries", summary="Countries whose public holidays are known"
)
def known_countries(desk: Reader) -> list[KnownCountry]:  # noqa: ARG001
    """By their code."""
    return [KnownCountry(country=code, parts=list(parts)) for code, parts in countries().items()]


@router.get("/calendars/{calendar}/days", operation_id="listCalendarDays", summary="The days of a calendar")
def days(desk: Reader, calendar: AnId) -> list[KnownDays]:
    """Those that nobody struck out, past ones included, in order of time."""
    found = queries.calendar_for(desk.work, calendar)
    return [
        KnownDays(
            id=entry.id,
            name=entry.span.name,
            first=entry.span.first,
            last=entry.span.last,
            earliest=entry.span.earliest,
            latest=entry.span.latest,
            estimated=entry.span.estimated,
            source=entry.source,
            place=entry.place,
        )
        for entry in queries.entries_of(desk.work, found)
    ]


@router.post(
    "/calendars", status_code=201, operation_id="addCalendar", summary="Keep a calendar (a person decides)"
)
def add(desk: Decider, body: CalendarBody) -> Made:
    """Without days, and for nobody yet."""
    return Made(id=actions.add_calendar(desk.work, body.name, body.effect))


@router.post(
    "/calendars/{calendar}/end",
    operation_id="endCalendar",
    summary="A calendar counts no more (a person decides)",
)
def end(desk: Decider, calendar: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now, for nobody."""
    closing.end_calendar(desk.work, calendar)
    return Done(id=calendar, at=desk.work.now)


@router.post(
    "/calendars/{calendar}/days",
    status_code=201,
    operation_id="addCalendarDays",
    summary="Add days to a calendar (a person decides)",
)
def add_days(desk: Decider, calendar: AnId, body: DaysBody) -> Made:
    """Visits that are booked on them are put in doubt."""
    span = Span(name=body.name, first=body.first, last=body.last, earliest=body.earliest, latest=body.latest)
    return Made(id=closing.add_entry(desk.work, calendar, span))


@router.post(
    "/calendars/{calendar}/days/{entry}/strike",
    operation_id="strikeCalendarDays",
    summary="Strike out days of a calendar (a person decides)",
)
def strike(desk: Decider, calendar: AnId, entry: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """They count no more from now."""
    closing.strike_entry(desk.work, calendar, entry)
    return Done(id=entry, at=desk.work.now)


@router.post(
    "/calendars/{calendar}/holidays",
    operation_id="addPublicHolidays",
    summary="Add the public holidays of a country (a person decides)",
)
def add_holidays(desk: Decider, calendar: AnId, body: HolidaysBody) -> ManyMade:
    """As days that may be struck out one by one; a day that was struck out does not come back."""
    spans = public_holidays(body.country, body.part, body.years)
    place = f"{body.country}-{body.part}" if body.part else body.country
    made = closing.add_known_days(desk.work, calendar, spans, Source.PUBLIC_HOLIDAYS, place)
    return ManyMade(ids=made)


@router.post(
    "/calendars/{calendar}/ramadan",
    operation_id="addRamadan",
    summary="Add Ramadan, as far as it can be known ahead (a person decides)",
)
def add_ramadan(desk: Decider, calendar: AnId, body: RamadanBody) -> ManyMade:
    """Estimated by the calendar of Umm al-Qura."""
    spans = ramadan(body.years, earliest=body.earliest, latest=body.latest)
    return ManyMade(ids=closing.add_known_days(desk.work, calendar, spans, Source.HIJRI, ""))


@router.post(
    "/calendars/{calendar}/links",
    status_code=201,
    operation_id="linkCalendar",
    summary="Let a calendar count for somebody (a person decides)",
)
def link(desk: Decider, calendar: AnId, body: LinkBody) -> Made:
    """For the whole agency: an approver or administrator.  For a person: whoever works with their case."""
    person = PersonId(body.person) if body.person else None
    return Made(id=closing.link(desk.work, calendar, person))


@router.post(
    "/calendar-links/{link}/end",
    operation_id="unlinkCalendar",
    summary="A calendar counts for somebody no more (a person decides)",
)
def unlink(desk: Decider, link: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now."""
    closing.unlink(desk.work, link)
    return Done(id=link, at=desk.work.now)


@router.get(
    "/people/{person}/calendars",
    operation_id="listCalendarsOfPerson",
    summary="The calendars that count for somebody besides those of the whole agency",
)
def of_person(desk: PeopleReader, person: AnId) -> list[KnownLink]:
    """By name."""
    member = people.member(desk.work, PersonId(person))
    people.case_for(desk.work, member.case)
    return [
        KnownLink(id=one.id, calendar=one.calendar.id)
        for one in queries.links_about(desk.work, member.person)
    ]


def _known(desk: Desk, calendar: Calendar) -> KnownCalendar:
    everywhere = {one.calendar.id for one in queries.links_of_agency(desk.work)}
    return KnownCalendar(
        id=calendar.id, name=calendar.name, effect=calendar.effect, whole_agency=calendar.id in everywhere
    )
