"""The agency's calendars, their days, for whom they count, and which days count for the people of a visit."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam
from sqlmodel import col, or_, select

from contact_service.actor import Role
from contact_service.calendars.calendar import Calendar, Effect, Entry, Link, Marked, Source, Span
from contact_service.calendars.tables import CalendarEntryRow, CalendarLinkRow, CalendarRow
from contact_service.database import some
from contact_service.errors import NotFound
from contact_service.ids import CaseId, PersonId
from contact_service.people.queries import members as people
from contact_service.people.tables import CaseMemberRow
from contact_service.work import Work, answered_before, asked_once, asked_once_of_each

Days = tuple[date, date]
_KEEPERS = (Role.APPROVER, Role.ADMINISTRATOR, Role.COMMAND_LINE)
_MARKED = (
    select(CalendarLinkRow.person_id, CalendarEntryRow, CalendarRow)
    .join(CalendarRow, col(CalendarRow.id) == col(CalendarLinkRow.calendar_id))
    .join(CalendarEntryRow, col(CalendarEntryRow.calendar_id) == col(CalendarRow.id))
    .where(
        col(CalendarLinkRow.ended_at).is_(None),
        CalendarRow.agency == bindparam("of_agency"),
        col(CalendarRow.ended_at).is_(None),
        col(CalendarEntryRow.ended_at).is_(None),
        CalendarEntryRow.first_on <= bindparam("last"),
        CalendarEntryRow.last_on >= bindparam("first"),
    )
)
_MARKED_FOR_THESE = _MARKED.where(col(CalendarLinkRow.person_id).in_(some("these")))
_MARKED_FOR_ALL_AND_THESE = _MARKED.where(
    or_(col(CalendarLinkRow.person_id).is_(None), col(CalendarLinkRow.person_id).in_(some("these")))
)


@dataclass(frozen=True, kw_only=True)
class _Entry:
    id: str
    calendar: Calendar
    span: Span


def may_keep_calendars(work: Work) -> bool:
    """Whether the actor writes down the agency's calendars and strikes out their days."""
    return any(work.actor.has(role) for role in _KEEPERS)


def may_link(work: Work) -> bool:
    """Whether the actor says for whom, of the people within their reach, a calendar counts."""
    return work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)


def calendars(work: Work) -> list[Calendar]:
    """Every calendar that counts now, by name."""
    query = select(CalendarRow).where(CalendarRow.agency == work.agency, col(CalendarRow.ended_at).is_(None))
    rows = work.session.exec(query.order_by(col(CalendarRow.name), col(CalendarRow.id)))
    return [_calendar(row) for row in rows]


def calendar_for(work: Work, calendar: str) -> Calendar:
    """A calendar that counts now; raises ``NotFound``."""
    row = work.session.get(CalendarRow, calendar)
    if row is None or row.agency != work.agency or row.ended_at is not None:
        raise NotFound
    return _calendar(row)


def entries_of(work: Work, calendar: Calendar, *, since: date | None = None) -> list[Entry]:
    """The days of a calendar that nobody struck out, in order of time; ``since``: not over by then."""
    return entries_of_each(work, [calendar], since=since)[calendar.id]


def entries_of_each(
    work: Work, several: Sequence[Calendar], *, since: date | None = None
) -> dict[str, list[Entry]]:
    """The same of several, with one question to the database however many they are."""
    query = select(CalendarEntryRow).where(
        col(CalendarEntryRow.calendar_id).in_([one.id for one in several]),
        col(CalendarEntryRow.ended_at).is_(None),
    )
    if since is not None:
        query = query.where(CalendarEntryRow.last_on >= since)
    order = (col(CalendarEntryRow.first_on), col(CalendarEntryRow.earliest), col(CalendarEntryRow.id))
    found: dict[str, list[Entry]] = {one.id: [] for one in several}
    for row in work.session.exec(query.order_by(*order)):
        entry = Entry(id=row.id, span=_span(row), source=Source(row.source), place=row.place)
        found[row.calendar_id].append(entry)
    return found


def links_of(work: Work, calendar: Calendar) -> list[Link]:
    """For whom a calendar counts, the whole agency first; to be counted, and shown as far as ``links_in_sight``."""
    return _links(work, CalendarLinkRow.calendar_id == calendar.id)


def links_about(work: Work, person: PersonId) -> list[Link]:
    """The calendars that count for somebody by themselves, those of the whole agency left out."""
    return _links(work, CalendarLinkRow.person_id == person)


def links_of_agency(work: Work) -> list[Link]:
    """The calendars that count for everybody."""
    return _links(work, col(CalendarLinkRow.person_id).is_(None))


def links_in_sight(work: Work, links: Sequence[Link]) -> list[Link]:
    """Those of ``links`` of which the actor may know for whom they are, in their order.

    A person's own only with one of their cases within reach.
    """
    whose = {link.person for link in links if link.person is not None}
    query = select(CaseMemberRow.person_id, CaseMemberRow.case_id).where(
        col(CaseMemberRow.person_id).in_(sorted(whose))
    )
    cases = [(PersonId(person), CaseId(case)) for person, case in work.session.exec(query)] if whose else []
    reached = set(people.within_reach(work, dict.fromkeys(case for _, case in cases))) if cases else set()
    seen = {person for person, case in cases if case in reached}
    return [link for link in links if link.person is None or link.person in seen]


def _links(work: Work, which: object) -> list[Link]:
    query = (
        select(CalendarLinkRow, CalendarRow)
        .join(CalendarRow, col(CalendarRow.id) == col(CalendarLinkRow.calendar_id))
        .where(CalendarRow.agency == work.agency, which)  # type: ignore[arg-type]
        .where(col(CalendarLinkRow.ended_at).is_(None), col(CalendarRow.ended_at).is_(None))
    )
    rows = work.session.exec(query.order_by(col(CalendarRow.name), col(CalendarLinkRow.id)))
    found = [
        Link(id=link.id, calendar=_calendar(row), person=PersonId(link.person_id) if link.person_id else None)
        for link, row in rows
    ]
    return sorted(found, key=lambda link: link.person is not None)


@asked_once
def marked(
    work: Work, who: frozenset[PersonId], effect: Effect, first: date, last: date
) -> tuple[Marked, ...]:
    """What calendars of ``effect`` say, between two days, for the agency or any of ``who``; in order of time."""
    return _of_effect(_marked_for(work, [None, *who], (first, last)).values(), effect)


def know_marked(work: Work, who: Collection[PersonId], stretches: Collection[Days]) -> None:
    """Read at once what calendars say for these: about ``stretches`` ``marked`` asks the database no more."""
    wide = (min(first for first, _ in stretches), max(last for _, last in stretches))
    known = {
        (one, days): tuple(each for each in found if each.span.first <= days[1] and each.span.last >= days[0])
        for one, found in _marked_for(work, [None, *who], wide).items()
        for days in stretches
    }
    answered_before(work, _marked_for, known)


@asked_once_of_each
def _marked_for(
    work: Work, those: Collection[PersonId | None], days: Days
) -> dict[PersonId | None, tuple[_Entry, ...]]:
    """What calendars say between two days for each of these alone; None: for the whole agency."""
    query = _MARKED_FOR_ALL_AND_THESE if None in those else _MARKED_FOR_THESE
    own = [one for one in those if one is not None]
    given = {"these": own, "of_agency": work.agency, "first": days[0], "last": days[1]}
    found: dict[PersonId | None, list[_Entry]] = {one: [] for one in those}
    for person, entry, row in work.session.exec(query, params=given):
        one = _Entry(id=entry.id, calendar=_calendar(row), span=_span(entry))
        found[PersonId(person) if person else None].append(one)
    return {one: tuple(entries) for one, entries in found.items()}


def _of_effect(found: Iterable[Iterable[_Entry]], effect: Effect) -> tuple[Marked, ...]:
    """Each entry once, also where its calendar counts for several, in order of time."""
    each = {one.id: one for entries in found for one in entries if one.calendar.effect is effect}
    order = sorted(each.values(), key=lambda one: (one.span.first, one.calendar.name, one.id))
    return tuple(Marked(calendar=one.calendar, span=one.span) for one in order)


def marked_for_each(
    work: Work, who: Collection[PersonId], effect: Effect, first: date, last: date
) -> dict[PersonId, tuple[Marked, ...]]:
    """The same for each of ``who`` apart, what counts for the whole agency among it; one question however many."""
    found = _marked_for(work, [None, *who], (first, last))
    return {one: _of_effect((found[None], found[one]), effect) for one in who}


def _calendar(row: CalendarRow) -> Calendar:
    return Calendar(id=row.id, name=row.name, effect=Effect(row.effect))


def _span(row: CalendarEntryRow) -> Span:
    return Span(
        name=row.name,
        first=row.first_on,
        last=row.last_on,
        earliest=row.earliest,
        latest=row.latest,
        estimated=row.estimated,
    )
