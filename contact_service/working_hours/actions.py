"""Write down when staff and families have time, are away, and are busy by a calendar of their own; take it back."""

import hashlib
from datetime import date, timedelta
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import insert
from sqlmodel import col, delete, select

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId
from contact_service.keys import actions as keys
from contact_service.people.queries import members as people
from contact_service.plans.hours import Window, demand_hours
from contact_service.work import Work
from contact_service.working_hours.addresses import clean_address
from contact_service.working_hours.busy import Span, busy_times
from contact_service.working_hours.hours import LONGEST_ABSENCE, AbsenceKind, DueCalendar, Owner
from contact_service.working_hours.queries import address_of, may_set_hours
from contact_service.working_hours.tables import (
    AbsenceRow,
    BusyCalendarRow,
    BusyTimeRow,
    FamilyAbsenceRow,
    FamilyHoursRow,
    WorkingHoursRow,
)

MOST_ADDRESSES = 5


def add_hours(work: Work, account: AccountId, window: Window, *, zone: str) -> str:
    """Keep hours of the week in which somebody works, by the clock in ``zone``; returns their id.

    Raises ``BadInput`` for hours that are none or an unknown zone, ``NotAllowed`` for those of somebody else.
    """
    _demand_may_set(work, account)
    _demand_zone(zone)
    demand_hours(window)
    row = WorkingHoursRow(
        id=work.new_id(),
        account_id=account,
        zone=zone,
        days=[day.value for day in window.days],
        earliest=window.earliest,
        latest=window.latest,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record(work, account, EventType.WORKING_HOURS_ADDED, row.id)
    return row.id


def end_hours(work: Work, account: AccountId, hours: str) -> None:
    """They count no more from now; raises ``NotFound``."""
    _demand_may_set(work, account)
    _end(work, account, work.session.get(WorkingHoursRow, hours), EventType.WORKING_HOURS_ENDED)


def add_absence(
    work: Work, account: AccountId, days: tuple[date, date], kind: AbsenceKind, *, zone: str
) -> str:
    """Keep days, from the first to the last, on which somebody is away; returns their id.

    Raises ``BadInput`` for days that are none, have passed or are more than two years.
    """
    _demand_may_set(work, account)
    _demand_zone(zone)
    _demand_days(work, days, zone)
    first, last = days
    row = AbsenceRow(
        id=work.new_id(),
        account_id=account,
        zone=zone,
        first_on=first,
        last_on=last,
        kind=kind,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record(work, account, EventType.ABSENCE_ADDED, row.id)
    return row.id


def end_absence(work: Work, account: AccountId, absence: str) -> None:
    """It does not count any more: they are back, or never went; raises ``NotFound``."""
    _demand_may_set(work, account)
    _end(work, account, work.session.get(AbsenceRow, absence), EventType.ABSENCE_ENDED)


def read_file(work: Work, account: AccountId, raw: bytes, *, zone: str) -> str:
    """Keep the busy times of a calendar file, in place of the file that was brought before; returns its id.

    Raises ``CalendarNotReadable``, and changes nothing, for what cannot be read.
    """
    _demand_may_set(work, account)
    return _read_file(work, Owner(account=account), raw, zone)


def read_family_file(work: Work, person: PersonId, raw: bytes, *, zone: str) -> str:
    """As ``read_file``, for a family member or carer: whoever writes down their hours brings their calendar."""
    _demand_planner(work)
    return _read_file(work, Owner(person=person), raw, zone)


def _read_file(work: Work, owner: Owner, raw: bytes, zone: str) -> str:
    _demand_zone(zone)
    found = busy_times(raw, zone=zone, now=work.now)
    for before in _calendars(work, owner):
        if before.sealed is None:
            _end_calendar(work, before)
    row = _new_calendar(work, owner, zone)
    work.session.add(row)
    work.session.flush()
    _keep(work, row, found)
    return row.id


def add_address(work: Work, account: AccountId, address: str, *, zone: str) -> str:
    """Keep the address of somebody's own calendar, to be asked within the minute and then every hour; returns its id.

    The address is kept sealed and is shown to nobody.  Raises ``BadInput`` for one that is not of the web.
    """
    _demand_may_set(work, account)
    return _add_address(work, Owner(account=account), address, zone)


def add_family_address(work: Work, person: PersonId, address: str, *, zone: str) -> str:
    """As ``add_address``, for a family member or carer who has given it."""
    _demand_planner(work)
    return _add_address(work, Owner(person=person), address, zone)


def _add_address(work: Work, owner: Owner, address: str, zone: str) -> str:
    _demand_zone(zone)
    clean = clean_address(address)
    if len([row for row in _calendars(work, owner) if row.sealed is not None]) >= MOST_ADDRESSES:
        raise BadInput("There are five addresses already. Take one out first.", "address")
    row = _new_calendar(work, owner, zone)
    row.sealed = _sealed(work, owner, clean)
    work.session.add(row)
    _record_calendar(work, row, EventType.BUSY_CALENDAR_ADDED)
    return row.id


def end_calendar(work: Work, account: AccountId, calendar: str) -> None:
    """A calendar counts no more, and its times and its address are deleted; raises ``NotFound``."""
    _demand_may_set(work, account)
    _end_calendar(work, _known_calendar(work, Owner(account=account), calendar))


def end_family_calendar(work: Work, person: PersonId, calendar: str) -> None:
    """As ``end_calendar``, for a family member or carer."""
    _demand_planner(work)
    _end_calendar(work, _known_calendar(work, Owner(person=person), calendar))


def _known_calendar(work: Work, owner: Owner, calendar: str) -> BusyCalendarRow:
    row = work.session.get(BusyCalendarRow, calendar)
    if row is None or Owner.of(row.account_id, row.person_id) != owner or row.ended_at is not None:
        raise NotFound
    return row


def take_in(work: Work, due: DueCalendar, found: tuple[Span, ...]) -> bool:
    """What an address answered, as it was read, counts from now; returns whether anything is different."""
    row = _lock_due(work, due)
    if row is None:
        return False
    row.asked_at, row.read_at, row.failure = work.now, work.now, ""
    work.session.add(row)
    if _digest(found) == row.digest:
        return False
    _keep(work, row, found)
    return True


def note_failure(work: Work, due: DueCalendar, words: str) -> None:
    """An address could not be read, and why; it is recorded once, and what was read before still counts."""
    row = _lock_due(work, due)
    if row is None:
        return
    if row.failure != words:
        _record_calendar(work, row, EventType.BUSY_TIMES_FAILED)
    row.asked_at, row.failure = work.now, words
    work.session.add(row)


def forget_busy_times(work: Work, *, kept: timedelta) -> None:
    """Busy times that were over for longer than ``kept`` are deleted."""
    work.session.exec(delete(BusyTimeRow).where(col(BusyTimeRow.ends_at) < work.now - kept))


def _calendars(work: Work, owner: Owner) -> list[BusyCalendarRow]:
    whose = (
        col(BusyCalendarRow.account_id) == owner.account
        if owner.account
        else col(BusyCalendarRow.person_id) == owner.person
    )
    return list(
        work.session.exec(select(BusyCalendarRow).where(whose, col(BusyCalendarRow.ended_at).is_(None)))
    )


def _new_calendar(work: Work, owner: Owner, zone: str) -> BusyCalendarRow:
    return BusyCalendarRow(
        id=work.new_id(),
        account_id=owner.account,
        person_id=owner.person,
        zone=zone,
        digest="",
        times=0,
        failure="",
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )


def _lock_due(work: Work, due: DueCalendar) -> BusyCalendarRow | None:
    """The row, unless it ended or another process asked in the meantime."""
    query = select(BusyCalendarRow).where(BusyCalendarRow.id == due.id).with_for_update()
    row = work.session.exec(query).first()
    return row if row is not None and row.ended_at is None and row.asked_at == due.asked_at else None


def _keep(work: Work, row: BusyCalendarRow, found: tuple[Span, ...]) -> None:
    work.session.exec(delete(BusyTimeRow).where(col(BusyTimeRow.calendar_id) == row.id))
    if found:
        values = [{"calendar_id": row.id, "starts_at": first, "ends_at": after} for first, after in found]
        work.session.connection().execute(insert(BusyTimeRow), values)
    row.digest, row.times, row.read_at = _digest(found), len(found), work.now
    work.session.add(row)
    _record_calendar(work, row, EventType.BUSY_TIMES_IMPORTED, times=len(found))


def _digest(found: tuple[Span, ...]) -> str:
    """The same for the same times."""
    return hashlib.sha256(repr(found).encode()).hexdigest()


def hand_over_calendars(work: Work, before: PersonId, after: PersonId) -> None:
    """Of two records of one person the kept one has the calendars; their addresses are sealed under its key."""
    for row in _calendars(work, Owner(person=before)):
        if row.sealed is not None:
            due = DueCalendar(id=row.id, owner=Owner(person=before), zone=row.zone, asked_at=row.asked_at)
            row.sealed = _sealed(work, Owner(person=after), address_of(work, due))
        row.person_id = after
        work.session.add(row)
    work.session.flush()


def _sealed(work: Work, owner: Owner, address: str) -> bytes:
    return keys.seal_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=owner.id,
        plaintext=address.encode(),
        field="calendar_address",
    )


def _end_calendar(work: Work, row: BusyCalendarRow) -> None:
    work.session.exec(delete(BusyTimeRow).where(col(BusyTimeRow.calendar_id) == row.id))
    row.ended_at, row.sealed, row.times = work.now, None, 0
    work.session.add(row)
    _record_calendar(work, row, EventType.BUSY_CALENDAR_ENDED)


def _record_calendar(work: Work, row: BusyCalendarRow, event: EventType, **counts: int) -> None:
    owner = Owner.of(row.account_id, row.person_id)
    if owner.account is not None:
        _record(work, owner.account, event, row.id, **counts)
    elif owner.person is not None:
        _record_family(work, owner.person, event, row.id, **counts)


def _end(work: Work, account: AccountId, row: WorkingHoursRow | AbsenceRow | None, event: EventType) -> None:
    if row is None or row.account_id != account or row.ended_at is not None:
        raise NotFound
    row.ended_at = work.now
    work.session.add(row)
    _record(work, account, event, row.id)


def add_family_hours(work: Work, person: PersonId, window: Window, *, zone: str) -> str:
    """Keep hours of the week in which a family member or carer can usually take part; returns their id.

    They narrow what is offered, and no rule asks for them: a worker who has spoken to the family books outside them.
    """
    _demand_planner(work)
    _demand_zone(zone)
    demand_hours(window)
    row = FamilyHoursRow(
        id=work.new_id(),
        person_id=person,
        zone=zone,
        days=[day.value for day in window.days],
        earliest=window.earliest,
        latest=window.latest,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record_family(work, person, EventType.FAMILY_HOURS_ADDED, row.id)
    return row.id


def end_family_hours(work: Work, person: PersonId, hours: str) -> None:
    """They count no more from now; raises ``NotFound``."""
    _end_family(work, person, work.session.get(FamilyHoursRow, hours), EventType.FAMILY_HOURS_ENDED)


def add_family_absence(work: Work, person: PersonId, days: tuple[date, date], *, zone: str) -> str:
    """Keep days on which a family member or carer cannot take part; returns their id.  Raises ``BadInput``."""
    _demand_planner(work)
    _demand_zone(zone)
    _demand_days(work, days, zone)
    row = FamilyAbsenceRow(
        id=work.new_id(),
        person_id=person,
        zone=zone,
        first_on=days[0],
        last_on=days[1],
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record_family(work, person, EventType.FAMILY_ABSENCE_ADDED, row.id)
    return row.id


def end_family_absence(work: Work, person: PersonId, absence: str) -> None:
    """They can take part on these days after all; raises ``NotFound``."""
    _end_family(work, person, work.session.get(FamilyAbsenceRow, absence), EventType.FAMILY_ABSENCE_ENDED)


def _end_family(
    work: Work, person: PersonId, row: FamilyHoursRow | FamilyAbsenceRow | None, event: EventType
) -> None:
    _demand_planner(work)
    if row is None or row.person_id != person or row.ended_at is not None:
        raise NotFound
    row.ended_at = work.now
    work.session.add(row)
    _record_family(work, person, event, row.id)


def _demand_planner(work: Work) -> None:
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Workers and approvers write down when families can take part. Ask one of them.")


def _record_family(work: Work, person: PersonId, event: EventType, about: str, **counts: int) -> None:
    member = people.member(work, person)
    subjects = (Subject(ref=member.ref, role="person"),)
    facts: tuple[tuple[str, str | int], ...] = (("entry", about), *counts.items())
    work.record(AuditEvent(type=event, case=member.case, subjects=subjects, facts=facts))


def _demand_days(work: Work, days: tuple[date, date], zone: str) -> None:
    first, last = days
    if last < first:
        raise BadInput("The last day is before the first. Change one of them.", "last")
    if last - first > LONGEST_ABSENCE:
        raise BadInput("This is longer than two years. Enter a nearer last day.", "last")
    if last < work.now.astimezone(ZoneInfo(zone)).date():
        raise BadInput("These days have passed. Enter days from today on.", "last")


def _demand_may_set(work: Work, account: AccountId) -> None:
    """Raise ``NotFound`` for an account that is none of the agency’s, ``NotAllowed`` where it is not for the actor."""
    identity.account_for(work, account)
    if not may_set_hours(work, account):
        raise NotAllowed("You write down your own hours. Somebody’s manager can do it for them.")


def _demand_zone(zone: str) -> None:
    if zone not in available_timezones():
        raise BadInput("We do not know this time zone. Use a name like Europe/London.", "zone")


def _record(work: Work, account: AccountId, event: EventType, about: str, **counts: int) -> None:
    ref = identity.account_for(work, account).ref
    facts: tuple[tuple[str, str | int], ...] = (("account", ref), ("entry", about), *counts.items())
    work.record(AuditEvent(type=event, facts=facts))
