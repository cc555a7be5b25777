"""The hours and the absences of staff that count now."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import Select

from contact_service.database import some
from contact_service.errors import NotFound
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId
from contact_service.keys import queries as keys
from contact_service.people.queries.forgotten import forgotten_among
from contact_service.plans.hours import Weekday, Window
from contact_service.work import Work, answered_before, asked_once, asked_once_of_each
from contact_service.working_hours.hours import (
    Absence,
    AbsenceKind,
    BusyCalendar,
    DaysAway,
    DueCalendar,
    FamilyTime,
    Owner,
    StaffTime,
    WorkingHours,
)
from contact_service.working_hours.tables import (
    AbsenceRow,
    BusyCalendarRow,
    BusyTimeRow,
    FamilyAbsenceRow,
    FamilyHoursRow,
    WorkingHoursRow,
)

# An absence that ended longer ago is told no more; longer than any zone is behind another.
_OVER = timedelta(days=2)
Stretch = tuple[datetime, datetime]
ASKED_EVERY = timedelta(hours=1)

_HOURS_OF_STAFF = (
    select(WorkingHoursRow)
    .where(col(WorkingHoursRow.account_id).in_(some("accounts")), col(WorkingHoursRow.ended_at).is_(None))
    .order_by(col(WorkingHoursRow.recorded_at), col(WorkingHoursRow.id))
)
_ABSENCES_OF_STAFF = (
    select(AbsenceRow)
    .where(
        col(AbsenceRow.account_id).in_(some("accounts")),
        col(AbsenceRow.ended_at).is_(None),
        col(AbsenceRow.last_on) >= bindparam("since"),
    )
    .order_by(col(AbsenceRow.first_on), col(AbsenceRow.id))
)
_HOURS_OF_FAMILY = (
    select(FamilyHoursRow)
    .where(col(FamilyHoursRow.person_id).in_(some("persons")), col(FamilyHoursRow.ended_at).is_(None))
    .order_by(col(FamilyHoursRow.recorded_at), col(FamilyHoursRow.id))
)
_ABSENCES_OF_FAMILY = (
    select(FamilyAbsenceRow)
    .where(
        col(FamilyAbsenceRow.person_id).in_(some("persons")),
        col(FamilyAbsenceRow.ended_at).is_(None),
        col(FamilyAbsenceRow.last_on) >= bindparam("since"),
    )
    .order_by(col(FamilyAbsenceRow.first_on), col(FamilyAbsenceRow.id))
)
_Busy = Select[str | None, datetime, datetime]
_OF_STAFF, _OF_FAMILY = (
    select(whose, BusyTimeRow.starts_at, BusyTimeRow.ends_at)
    .join(BusyCalendarRow, col(BusyCalendarRow.id) == col(BusyTimeRow.calendar_id))
    .where(whose.in_(some("owners")), col(BusyCalendarRow.ended_at).is_(None))
    .where(BusyTimeRow.starts_at < bindparam("after"), BusyTimeRow.ends_at > bindparam("first"))
    .order_by(col(BusyTimeRow.starts_at))
    for whose in (col(BusyCalendarRow.account_id), col(BusyCalendarRow.person_id))
)


def time_of(
    work: Work, accounts: Collection[AccountId], *, between: tuple[datetime, datetime] | None = None
) -> dict[AccountId, StaffTime]:
    """What counts now for each of ``accounts``; absences in order of time, past ones left out.

    Busy times are those that touch ``between``; none without it, for there may be thousands.
    """
    busy = _staff_busy(work, accounts, between) if between else {}
    return {
        account: replace(written, busy=busy.get(account, ()))
        for account, written in _written_of_staff(work, accounts).items()
    }


def know_busy(work: Work, accounts: Collection[AccountId], stretches: Collection[Stretch]) -> None:
    """Read at once the busy times of these: about ``stretches`` ``time_of`` asks the database no more."""
    found = _staff_busy(work, accounts, (min(one for one, _ in stretches), max(one for _, one in stretches)))
    known = {
        (account, stretch): tuple(one for one in busy if one[0] < stretch[1] and one[1] > stretch[0])
        for account, busy in found.items()
        for stretch in stretches
    }
    answered_before(work, _staff_busy, known)


@asked_once_of_each
def _staff_busy(
    work: Work, accounts: Collection[AccountId], between: Stretch
) -> dict[AccountId, tuple[Stretch, ...]]:
    found = _busy(work, _OF_STAFF, accounts, between)
    return {account: tuple(found.get(account, ())) for account in accounts}


@asked_once_of_each
def _written_of_staff(work: Work, accounts: Collection[AccountId]) -> dict[AccountId, StaffTime]:
    """The hours and the absences of each, whatever calendars say."""
    weekly: dict[str, list[WorkingHours]] = {account: [] for account in accounts}
    away: dict[str, list[Absence]] = {account: [] for account in accounts}
    given = {"accounts": list(accounts)}
    for row in work.session.exec(_HOURS_OF_STAFF, params=given):
        weekly[row.account_id].append(_hours(row))
    for absence in work.session.exec(_ABSENCES_OF_STAFF, params=given | {"since": (work.now - _OVER).date()}):
        away[absence.account_id].append(_absence(absence))
    return {
        account: StaffTime(
            account=account,
            weekly=tuple(weekly[account]),
            away=tuple(away[account]),
        )
        for account in accounts
    }


def _busy(
    work: Work, of_whom: _Busy, owners: Collection[str], between: tuple[datetime, datetime]
) -> dict[str, list[tuple[datetime, datetime]]]:
    """Of those of ``owners``, staff or family, of whom a calendar says something."""
    given = {"owners": list(owners), "first": between[0], "after": between[1]}
    found: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for owner, starts_at, ends_at in work.session.exec(of_whom, params=given):
        found[owner or ""].append((starts_at, ends_at))
    return found


@asked_once
def family_busy_at(
    work: Work, persons: tuple[PersonId, ...], between: tuple[datetime, datetime]
) -> dict[PersonId, tuple[tuple[datetime, datetime], ...]]:
    """The busy times that touch ``between`` of those of ``persons`` who have any."""
    found = _busy(work, _OF_FAMILY, persons, between)
    return {PersonId(person): tuple(times) for person, times in found.items()}


def busy_calendars_of(work: Work, account: AccountId) -> list[BusyCalendar]:
    """The calendars from which the busy times of a member of staff are read now, oldest first."""
    return _calendars(work, Owner(account=account))


def family_calendars_of(work: Work, person: PersonId) -> list[BusyCalendar]:
    """The calendars from which the busy times of a family member or carer are read now, oldest first."""
    return _calendars(work, Owner(person=person))


def _calendars(work: Work, owner: Owner) -> list[BusyCalendar]:
    query = select(BusyCalendarRow).where(
        col(BusyCalendarRow.account_id) == owner.account
        if owner.account
        else col(BusyCalendarRow.person_id) == owner.person,
        col(BusyCalendarRow.ended_at).is_(None),
    )
    return [
        BusyCalendar(
            id=row.id,
            address=row.sealed is not None,
            times=row.times,
            read_at=row.read_at,
            failure=row.failure,
        )
        for row in work.session.exec(
            query.order_by(col(BusyCalendarRow.recorded_at), col(BusyCalendarRow.id))
        )
    ]


def due_calendars(work: Work) -> list[DueCalendar]:
    """The calendars whose address was never asked, or not within the hour, the longest ago first.

    Of somebody who was forgotten none is: the key that opens the address is gone with them.
    """
    query = select(BusyCalendarRow).where(
        col(BusyCalendarRow.ended_at).is_(None),
        col(BusyCalendarRow.sealed).is_not(None),
        or_(col(BusyCalendarRow.asked_at).is_(None), col(BusyCalendarRow.asked_at) <= work.now - ASKED_EVERY),
    )
    rows = work.session.exec(query.order_by(col(BusyCalendarRow.asked_at), col(BusyCalendarRow.id))).all()
    gone = forgotten_among(work, [PersonId(row.person_id) for row in rows if row.person_id])
    return [
        DueCalendar(
            id=row.id,
            owner=Owner.of(row.account_id, row.person_id),
            zone=row.zone,
            asked_at=row.asked_at,
        )
        for row in rows
        if row.person_id not in gone
    ]


def address_of(work: Work, due: DueCalendar) -> str:
    """The address, opened, for whoever asks it and for nobody else; raises ``NotFound`` when it is gone."""
    row = work.session.get(BusyCalendarRow, due.id)
    if row is None or row.sealed is None:
        raise NotFound
    return keys.open_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=Owner.of(row.account_id, row.person_id).id,
        sealed=row.sealed,
        field="calendar_address",
    ).decode()


def family_time_of(
    work: Work, persons: Collection[PersonId], *, between: tuple[datetime, datetime] | None = None
) -> dict[PersonId, FamilyTime]:
    """Those of ``persons`` of whom something is written down, with what counts now; past absences left out.

    Busy times are those that touch ``between``; none without it.
    """
    busy = _busy(work, _OF_FAMILY, persons, between) if between else {}
    weekly: dict[str, list[WorkingHours]] = defaultdict(list)
    away: dict[str, list[DaysAway]] = defaultdict(list)
    given = {"persons": list(persons)}
    for row in work.session.exec(_HOURS_OF_FAMILY, params=given):
        weekly[row.person_id].append(_hours(row))
    for one in work.session.exec(_ABSENCES_OF_FAMILY, params=given | {"since": (work.now - _OVER).date()}):
        away[one.person_id].append(DaysAway(id=one.id, zone=one.zone, first=one.first_on, last=one.last_on))
    return {
        PersonId(person): FamilyTime(
            person=PersonId(person),
            weekly=tuple(weekly[person]),
            away=tuple(away[person]),
            busy=tuple(busy.get(person, ())),
        )
        for person in sorted({*weekly, *away, *busy})
    }


def may_set_hours(work: Work, account: AccountId) -> bool:
    """Whether the actor may write down somebody's hours: their own, or as a manager those of others."""
    known = any(one.id == account for one in identity.everybody(work))
    return known and identity.may_write_for(work, account)


def _hours(row: WorkingHoursRow | FamilyHoursRow) -> WorkingHours:
    days = tuple(day for day in Weekday if day in row.days)
    return WorkingHours(
        id=row.id, zone=row.zone, window=Window(days=days, earliest=row.earliest, latest=row.latest)
    )


def _absence(row: AbsenceRow) -> Absence:
    return Absence(id=row.id, zone=row.zone, first=row.first_on, last=row.last_on, kind=AbsenceKind(row.kind))
