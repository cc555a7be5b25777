"""When members of staff work, and when they are away."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import AnId, Answer, Body, Day, Done, Line, Made, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.plans import WindowBody
from contact_service.identity import queries as identity
from contact_service.ids import AccountId
from contact_service.plans.hours import Weekday
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import staffing
from contact_service.working_hours import actions, queries
from contact_service.working_hours.addresses import LONGEST_ADDRESS
from contact_service.working_hours.calendar_file import LARGEST_BYTES
from contact_service.working_hours.hours import AbsenceKind, BusyCalendar

router = APIRouter(route_class=OnceRoute, tags=["callers"])
Reader = Annotated[Desk, reading(Scope.STAFF_READ)]
Decider = Annotated[Desk, deciding()]
Zone = Annotated[Line, Field(examples=["Europe/London"])]


class HoursBody(WindowBody):
    """Hours of the week, in minutes after midnight by the clock in ``zone``."""

    zone: Zone


class AbsenceBody(Body):
    """Days from the first to the last, both included, by the clock in ``zone``."""

    zone: Zone
    first: Day
    last: Day
    kind: AbsenceKind


class CalendarFileBody(Body):
    """The text of an iCalendar file; times without a zone are read by the clock in ``zone``."""

    zone: Zone
    calendar: Annotated[str, StringConstraints(max_length=LARGEST_BYTES, strip_whitespace=False)] = Field(
        examples=["BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"]
    )


class CalendarAddressBody(Body):
    """The https address of a calendar."""

    zone: Zone
    address: Annotated[str, StringConstraints(max_length=LONGEST_ADDRESS)]


class KnownCalendar(Answer):
    """A calendar of somebody's own: a file, or an address that is asked every hour."""

    id: str
    address: bool
    times: int
    read_at: datetime | None
    failure: str | None


class KnownHours(Answer):
    """Hours of the week that count now."""

    id: str
    zone: str
    days: list[Weekday]
    earliest: int
    latest: int


class KnownAbsence(Answer):
    """Days away; why is told to those alone who may write it down."""

    id: str
    zone: str
    first: date
    last: date
    kind: AbsenceKind | None


class KnownTime(Answer):
    """What is written down about one member of staff; without ``weekly`` they may be booked at any hour."""

    account: str
    weekly: list[KnownHours]
    away: list[KnownAbsence]


@router.get(
    "/staff/{account}/hours", operation_id="staffHours", summary="When a member of staff works and is away"
)
def hours(desk: Reader, account: AnId) -> KnownTime:
    """What counts now; absences that are over are left out."""
    found = identity.account_for(desk.work, AccountId(account)).id
    time = queries.time_of(desk.work, [found])[found]
    told = queries.may_set_hours(desk.work, found)
    return KnownTime(
        account=found,
        weekly=[
            KnownHours(
                id=one.id,
                zone=one.zone,
                days=list(one.window.days),
                earliest=one.window.earliest,
                latest=one.window.latest,
            )
            for one in time.weekly
        ],
        away=[
            KnownAbsence(
                id=one.id, zone=one.zone, first=one.first, last=one.last, kind=one.kind if told else None
            )
            for one in time.away
        ],
    )


@router.post(
    "/staff/{account}/hours",
    status_code=201,
    operation_id="addStaffHours",
    summary="Write down weekly hours (a person does)",
)
def add_hours(desk: Decider, account: AnId, body: HoursBody) -> Made:
    """One's own, or an approver's or administrator's for others."""
    return Made(id=staffing.add_hours(desk.work, AccountId(account), body.window(), zone=body.zone))


@router.post(
    "/staff/{account}/hours/{hours}/end",
    operation_id="endStaffHours",
    summary="Weekly hours count no more (a person decides)",
)
def end_hours(desk: Decider, account: AnId, hours: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now."""
    actions.end_hours(desk.work, AccountId(account), hours)
    return Done(id=hours, at=desk.work.now)


@router.get(
    "/staff/{account}/calendars",
    operation_id="listOwnCalendars",
    summary="Calendars from which busy times are read",
)
def own_calendars(desk: Reader, account: AnId) -> list[KnownCalendar]:
    """Without addresses, and without what is in them."""
    found = identity.account_for(desk.work, AccountId(account)).id
    return [calendar_shown(one) for one in queries.busy_calendars_of(desk.work, found)]


def calendar_shown(one: BusyCalendar) -> KnownCalendar:
    """A calendar of somebody's own as it is told."""
    return KnownCalendar(
        id=one.id, address=one.address, times=one.times, read_at=one.read_at, failure=one.failure or None
    )


@router.post(
    "/staff/{account}/calendar-file",
    status_code=201,
    operation_id="readCalendarFile",
    summary="Read busy times from a calendar (a person does)",
)
def read_file(desk: Decider, account: AnId, body: CalendarFileBody) -> Made:
    """In place of the file that was read before; visits that are booked then are put in doubt."""
    raw = body.calendar.encode()
    return Made(id=staffing.read_file(desk.work, AccountId(account), raw, zone=body.zone))


@router.post(
    "/staff/{account}/calendar-addresses",
    status_code=201,
    operation_id="addCalendarAddress",
    summary="Keep the address of a calendar (a person does)",
)
def add_address(desk: Decider, account: AnId, body: CalendarAddressBody) -> Made:
    """It is asked within the minute, and then every hour; it is shown to nobody."""
    return Made(id=actions.add_address(desk.work, AccountId(account), body.address, zone=body.zone))


@router.post(
    "/staff/{account}/calendars/{calendar}/end",
    operation_id="endOwnCalendar",
    summary="A calendar counts no more (a person decides)",
)
def end_calendar(desk: Decider, account: AnId, calendar: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """Its busy times and its address are deleted."""
    actions.end_calendar(desk.work, AccountId(account), calendar)
    return Done(id=calendar, at=desk.work.now)


@router.post(
    "/staff/{account}/absences",
    status_code=201,
    operation_id="addAbsence",
    summary="Write down days away (a person does)",
)
def add_absence(desk: Decider, account: AnId, body: AbsenceBody) -> Made:
    """Visits that are booked on them are put in doubt."""
    days = (body.first, body.last)
    return Made(id=staffing.add_absence(desk.work, AccountId(account), days, body.kind, zone=body.zone))


@router.post(
    "/staff/{account}/absences/{absence}/end",
    operation_id="endAbsence",
    summary="They are back, or never went (a person says so)",
)
def end_absence(desk: Decider, account: AnId, absence: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now."""
    actions.end_absence(desk.work, AccountId(account), absence)
    return Done(id=absence, at=desk.work.now)
