"""Keep calendars and their days, say for whom they count, strike out what does not count.

What this does to visits that are booked, ``visits.actions.closing`` sees to.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlmodel import col, select

from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.calendars.calendar import Calendar, Effect, Link, Source, Span
from contact_service.calendars.queries import calendar_for, may_keep_calendars, may_link
from contact_service.calendars.tables import CalendarEntryRow, CalendarLinkRow, CalendarRow
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.ids import PersonId
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.plans.hours import WHOLE_DAY
from contact_service.work import Work

LONGEST_NAME = 120
LONGEST_SPAN = timedelta(days=400)
FURTHEST = timedelta(days=366 * 10)


def add_calendar(work: Work, name: str, effect: Effect) -> str:
    """Keep a calendar without days that counts for nobody yet; returns its id.  Raises ``BadInput``."""
    _demand_keeper(work)
    _demand_name(name)
    same = select(CalendarRow.id).where(
        CalendarRow.agency == work.agency,
        CalendarRow.name == name.strip(),
        col(CalendarRow.ended_at).is_(None),
    )
    if work.session.exec(same).first():
        raise BadInput("There is a calendar of this name. Choose another name.", "name")
    row = CalendarRow(
        id=work.new_id(),
        agency=work.agency,
        name=name.strip(),
        effect=effect,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record(work, EventType.CALENDAR_ADDED, row.id)
    return row.id


def end_calendar(work: Work, calendar: str) -> None:
    """It counts no more from now, for anybody; raises ``NotFound``."""
    _demand_keeper(work)
    row = work.session.get_one(CalendarRow, calendar_for(work, calendar).id)
    row.ended_at = work.now
    work.session.add(row)
    _record(work, EventType.CALENDAR_ENDED, row.id)


def add_entry(work: Work, calendar: str, span: Span) -> str:
    """Keep days of a calendar; returns their id.

    Raises ``BadInput`` for days that are none, are over or too long, and for hours that its effect does not know.
    """
    _demand_keeper(work)
    found = calendar_for(work, calendar)
    _demand_name(span.name)
    _demand_days(span, work.now.date())
    _demand_hours(found, span)
    return _add(work, found, span, Source.TYPED, "")


def add_known_days(work: Work, calendar: str, spans: Sequence[Span], source: Source, place: str) -> list[str]:
    """Keep those of ``spans`` that were never taken from there before; returns their ids.

    What somebody struck out does not come back.  Days that are over are left out.
    """
    _demand_keeper(work)
    found = calendar_for(work, calendar)
    before = select(CalendarEntryRow).where(
        CalendarEntryRow.calendar_id == found.id,
        CalendarEntryRow.source == source,
        CalendarEntryRow.place == place,
    )
    known = {
        (row.name, row.first_on, row.last_on, row.earliest, row.latest) for row in work.session.exec(before)
    }
    new = [
        span
        for span in spans
        if (span.name, span.first, span.last, span.earliest, span.latest) not in known
        and span.last >= work.now.date()
    ]
    for span in new:
        _demand_hours(found, span)
    return [_add(work, found, span, source, place) for span in new]


def strike_entry(work: Work, calendar: str, entry: str) -> Span:
    """These days of a calendar count no more; returns them.  Raises ``NotFound``."""
    _demand_keeper(work)
    row = work.session.get(CalendarEntryRow, entry)
    if row is None or row.calendar_id != calendar_for(work, calendar).id or row.ended_at is not None:
        raise NotFound
    row.ended_at = work.now
    work.session.add(row)
    _record(work, EventType.CALENDAR_ENTRY_STRUCK, row.calendar_id, entry=row.id)
    return Span(name=row.name, first=row.first_on, last=row.last_on)


def link(work: Work, calendar: str, person: PersonId | None) -> str:
    """A calendar counts for somebody, or with None for the whole agency; returns the link's id.

    Whoever keeps the agency's calendars links them to the agency; whoever works with a person's case, to them.
    """
    found = calendar_for(work, calendar)
    _demand_may_link(work, person)
    if person is not None and found.effect is Effect.NO_SCHOOL:
        _demand_child(work, person)
    row = CalendarLinkRow(
        id=work.new_id(),
        calendar_id=found.id,
        person_id=person,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    same = select(CalendarLinkRow.id).where(
        CalendarLinkRow.calendar_id == found.id,
        col(CalendarLinkRow.person_id) == person if person else col(CalendarLinkRow.person_id).is_(None),
        col(CalendarLinkRow.ended_at).is_(None),
    )
    if work.session.exec(same).first():
        raise Conflict("This calendar counts there already. Load the page again.")
    work.session.add(row)
    _record_link(work, EventType.CALENDAR_LINKED, row)
    return row.id


def unlink(work: Work, link_id: str) -> Link:
    """A calendar counts there no more; returns what was ended.  Raises ``NotFound``."""
    row = work.session.get(CalendarLinkRow, link_id)
    if row is None or row.ended_at is not None:
        raise NotFound
    found = calendar_for(work, row.calendar_id)
    person = PersonId(row.person_id) if row.person_id else None
    _demand_may_link(work, person)
    row.ended_at = work.now
    work.session.add(row)
    _record_link(work, EventType.CALENDAR_UNLINKED, row)
    return Link(id=row.id, calendar=found, person=person)


def _add(work: Work, calendar: Calendar, span: Span, source: Source, place: str) -> str:
    row = CalendarEntryRow(
        id=work.new_id(),
        calendar_id=calendar.id,
        name=span.name.strip(),
        first_on=span.first,
        last_on=span.last,
        earliest=span.earliest,
        latest=span.latest,
        source=source,
        place=place,
        estimated=span.estimated,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record(work, EventType.CALENDAR_ENTRY_ADDED, calendar.id, entry=row.id)
    return row.id


def _demand_keeper(work: Work) -> None:
    if not may_keep_calendars(work):
        raise NotAllowed("Approvers and administrators keep the calendars. Ask one of them.")


def _demand_may_link(work: Work, person: PersonId | None) -> None:
    if person is None:
        _demand_keeper(work)
    elif not people.within_reach(work, people.cases_with(work, person)):
        raise NotFound
    elif not may_link(work):
        raise NotAllowed("Workers and approvers say for whom a calendar counts. Ask one of them.")


def _demand_child(work: Work, person: PersonId) -> None:
    if people.member(work, person).role is not MemberRole.CHILD:
        raise BadInput("School holidays count for a child. Choose another calendar.", "calendar")


def _demand_name(name: str) -> None:
    if not name.strip():
        raise BadInput("Write a name that colleagues understand.", "name")
    if len(name.strip()) > LONGEST_NAME:
        raise BadInput("This name is too long. Use 120 letters or fewer.", "name")


def _demand_days(span: Span, today: date) -> None:
    if span.last < span.first:
        raise BadInput("The last day is before the first. Change one of them.", "last")
    if span.last - span.first > LONGEST_SPAN:
        raise BadInput("This is longer than a year. Enter it in parts.", "last")
    if span.last < today - timedelta(days=1):  # it may still be yesterday where a child lives
        raise BadInput("These days have passed. Enter days from today on.", "last")
    if span.last > today + FURTHEST:
        raise BadInput("This is more than ten years ahead. Enter a nearer day.", "last")


def _demand_hours(calendar: Calendar, span: Span) -> None:
    if not 0 <= span.earliest < span.latest <= WHOLE_DAY:
        raise BadInput("The end is not after the start. Hours that cross midnight are two entries.", "latest")
    if calendar.effect is Effect.NO_SCHOOL and not span.whole_days:
        raise BadInput("A day without school is a whole day. Leave the hours empty.", "earliest")


def _record(work: Work, event: EventType, calendar: str, *, entry: str = "") -> None:
    about = (("entry", entry),) if entry else ()
    work.record(AuditEvent(type=event, facts=(("calendar", calendar), *about)))


def _record_link(work: Work, event: EventType, row: CalendarLinkRow) -> None:
    if row.person_id is None:
        _record(work, event, row.calendar_id)
        return
    member = people.member(work, PersonId(row.person_id))
    role = "child" if member.role is MemberRole.CHILD else "person"
    work.record(
        AuditEvent(
            type=event,
            case=member.case,
            subjects=(Subject(ref=member.ref, role=role),),
            facts=(("calendar", row.calendar_id),),
        )
    )
