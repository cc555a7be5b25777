"""When family members and carers can usually take part: it narrows what is offered, and forbids nothing."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter

from contact_service.api.v1.access import Desk, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Day, Done, Made, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.working_hours import (
    CalendarAddressBody,
    CalendarFileBody,
    HoursBody,
    KnownCalendar,
    KnownHours,
    Zone,
    calendar_shown,
)
from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import staffing
from contact_service.working_hours import actions, queries

router = APIRouter(route_class=OnceRoute, tags=["people"])
Reader = Annotated[Desk, reading(Scope.PEOPLE_READ)]
Writer = Annotated[Desk, writing(Scope.PEOPLE_WRITE)]


class FamilyAbsenceBody(Body):
    """Days from the first to the last, both included, by the clock in ``zone``."""

    zone: Zone
    first: Day
    last: Day


class KnownFamilyAbsence(Answer):
    """Days on which somebody cannot take part."""

    id: str
    zone: str
    first: date
    last: date


class KnownFamilyTime(Answer):
    """When somebody can take part: at any time without weekly hours, else in these alone; never on days away."""

    person: str
    weekly: list[KnownHours]
    away: list[KnownFamilyAbsence]


@router.get(
    "/people/{person}/hours", operation_id="familyHours", summary="When somebody can usually take part"
)
def hours(desk: Reader, person: AnId) -> KnownFamilyTime:
    """What counts now; days that are over are left out."""
    found = _within_reach(desk, person)
    time = queries.family_time_of(desk.work, [found]).get(found)
    return KnownFamilyTime(
        person=found,
        weekly=[
            KnownHours(
                id=one.id,
                zone=one.zone,
                days=list(one.window.days),
                earliest=one.window.earliest,
                latest=one.window.latest,
            )
            for one in (time.weekly if time else ())
        ],
        away=[
            KnownFamilyAbsence(id=one.id, zone=one.zone, first=one.first, last=one.last)
            for one in (time.away if time else ())
        ],
    )


@router.post(
    "/people/{person}/hours",
    status_code=201,
    operation_id="addFamilyHours",
    summary="Keep weekly hours of somebody",
)
def add_hours(desk: Writer, person: AnId, body: HoursBody) -> Made:
    """Times outside them are not offered any more."""
    found = _within_reach(desk, person)
    return Made(id=actions.add_family_hours(desk.work, found, body.window(), zone=body.zone))


@router.post(
    "/people/{person}/hours/{hours}/end", operation_id="endFamilyHours", summary="Weekly hours count no more"
)
def end_hours(desk: Writer, person: AnId, hours: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now."""
    actions.end_family_hours(desk.work, _within_reach(desk, person), hours)
    return Done(id=hours, at=desk.work.now)


@router.post(
    "/people/{person}/absences",
    status_code=201,
    operation_id="addFamilyAbsence",
    summary="Keep days on which somebody cannot take part",
)
def add_absence(desk: Writer, person: AnId, body: FamilyAbsenceBody) -> Made:
    """Times on them are not offered any more."""
    days = (body.first, body.last)
    return Made(id=actions.add_family_absence(desk.work, _within_reach(desk, person), days, zone=body.zone))


@router.post(
    "/people/{person}/absences/{absence}/end",
    operation_id="endFamilyAbsence",
    summary="Somebody can take part on these days after all",
)
def end_absence(desk: Writer, person: AnId, absence: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now."""
    actions.end_family_absence(desk.work, _within_reach(desk, person), absence)
    return Done(id=absence, at=desk.work.now)


@router.get(
    "/people/{person}/own-calendars",
    operation_id="listFamilyCalendars",
    summary="Calendars from which busy times of somebody are read",
)
def calendars(desk: Reader, person: AnId) -> list[KnownCalendar]:
    """Without addresses, and without what is in them."""
    found = _within_reach(desk, person)
    return [calendar_shown(one) for one in queries.family_calendars_of(desk.work, found)]


@router.post(
    "/people/{person}/calendar-file",
    status_code=201,
    operation_id="readFamilyCalendarFile",
    summary="Read busy times of somebody from a calendar",
)
def read_file(desk: Writer, person: AnId, body: CalendarFileBody) -> Made:
    """In place of the file that was read before; visits that are booked then are put in doubt."""
    found, raw = _within_reach(desk, person), body.calendar.encode()
    return Made(id=staffing.read_family_file(desk.work, found, raw, zone=body.zone))


@router.post(
    "/people/{person}/calendar-addresses",
    status_code=201,
    operation_id="addFamilyCalendarAddress",
    summary="Keep the address of somebody’s calendar",
)
def add_address(desk: Writer, person: AnId, body: CalendarAddressBody) -> Made:
    """It is asked within the minute, and then every hour; it is shown to nobody."""
    found = _within_reach(desk, person)
    return Made(id=actions.add_family_address(desk.work, found, body.address, zone=body.zone))


@router.post(
    "/people/{person}/own-calendars/{calendar}/end",
    operation_id="endFamilyCalendar",
    summary="A calendar of somebody counts no more",
)
def end_calendar(desk: Writer, person: AnId, calendar: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """Its busy times and its address are deleted."""
    actions.end_family_calendar(desk.work, _within_reach(desk, person), calendar)
    return Done(id=calendar, at=desk.work.now)


def _within_reach(desk: Desk, person: str) -> PersonId:
    member = people.member(desk.work, PersonId(person))
    people.case_for(desk.work, member.case)
    return member.person
