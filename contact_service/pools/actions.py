"""Write down rooms and video links, when they are open, and who takes part from them; take it back.

What this does to visits that are booked, ``visits.actions.pooling`` sees to.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo, available_timezones

from sqlmodel import col, select

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.calendars.calendar import Effect
from contact_service.calendars.queries import calendar_for
from contact_service.claims.actions import lock_time, set_units
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.ids import PersonId, PoolId, VisitId
from contact_service.people.channel import ChannelKind, clean_value
from contact_service.people.language import clean_tag
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.plans.hours import Window, demand_hours
from contact_service.pools.pool import MOST_UNITS, Pool, PoolLink
from contact_service.pools.queries import links_of, may_keep_pools, may_set_desk, people_from, pool_for
from contact_service.pools.tables import PoolCalendarRow, PoolClosureRow, PoolHoursRow, PoolLinkRow, PoolRow
from contact_service.work import Work

LONGEST_NAME = 80
_LONGEST = timedelta(days=730)


def add_pool(work: Work, name: str, units: int, *, zone: str) -> PoolId:
    """Keep a pool that is open at any hour, from which nobody takes part yet; returns its id.  Raises ``BadInput``."""
    _demand_keeper(work)
    _demand_units(units)
    if zone not in available_timezones():
        raise BadInput("We do not know this time zone. Use a name like Europe/London.", "zone")
    row = PoolRow(
        id=work.new_id(),
        agency=work.agency,
        name=_clean_name(work, name),
        units=units,
        zone=zone,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    set_units(work, PoolId(row.id), units, first_come=())
    _record(work, EventType.POOL_ADDED, row.id, units=units)
    return PoolId(row.id)


def change_pool(work: Work, pool: str, name: str, units: int, *, first_come: Sequence[VisitId]) -> int:
    """Another name and number of rooms or links; of too few, the visits first in ``first_come`` keep theirs.

    Returns how many there were.  Where the number stays, nothing that is claimed is touched.
    """
    _demand_keeper(work)
    found = pool_for(work, pool)
    _demand_units(units)
    lock_time(work, (), (), [found.id])  # from here on nobody else changes the number
    row = work.session.get_one(PoolRow, found.id, populate_existing=True)
    before = row.units
    row.name = _clean_name(work, name, but=found)
    if units != before:
        set_units(work, found.id, units, first_come=first_come)
    row.units = units
    work.session.add(row)
    _record(work, EventType.POOL_CHANGED, row.id, units=units)
    return before


def set_desk(work: Work, pool: str, address: str, *, language: str | None = None) -> bool:
    """It is an establishment that must clear contact, and takes invitations there; an empty address: it is none.

    ``language``: a tag; empty: the agency's first; None: as it was.  Returns whether an address was changed or taken
    away.  Raises ``BadInput`` for what is no address or no tag, ``NotAllowed`` for whoever is neither worker nor
    approver, and for whoever is no approver where it has a desk already.
    """
    _demand_planner(work)
    found = pool_for(work, pool)
    desk = clean_value(ChannelKind.EMAIL, address) if address.strip() else ""
    tag = clean_tag(language) if language and desk else ""
    lock_time(work, (), (), [found.id])
    row = work.session.get_one(PoolRow, found.id, populate_existing=True)
    if not may_set_desk(work, pool_for(work, pool)):
        raise NotAllowed("Approvers change a booking desk that is written down. Ask one of them.")
    spoken = row.desk_language if language is None and desk else tag
    before, moves = row.desk, row.desk != desk
    if not moves and spoken == row.desk_language:
        return False
    if moves and (
        before or row.desk_changed_at is not None
    ):  # one that was taken away counts as one before, too
        row.desk_changed_at = work.now
    if moves:  # only another address has to stand for a day
        row.desk, row.desk_at = desk, work.now if desk else None
    row.desk_language = spoken
    work.session.add(row)
    _record(work, EventType.POOL_DESK_SET, row.id, clears=int(bool(desk)))
    return moves and bool(before)


def end_pool(work: Work, pool: str) -> None:
    """Nobody takes part from it any more; raises ``Conflict`` while somebody does."""
    _demand_keeper(work)
    found = pool_for(work, pool)
    lock_time(work, (), (), [found.id])
    today = _today(work, found)
    links = links_of(work, frozenset(people_from(work, found.id)))
    if any(one.pool == found and (one.last is None or one.last >= today) for one in links):
        raise Conflict("Somebody takes part from there. Say first from where they take part instead.")
    row = work.session.get_one(PoolRow, found.id)
    row.ended_at = work.now
    work.session.add(row)
    _record(work, EventType.POOL_ENDED, row.id)


def add_hours(work: Work, pool: str, window: Window) -> str:
    """Keep hours of the week in which it is open, by its own clock; returns their id.  Raises ``BadInput``."""
    _demand_keeper(work)
    found = pool_for(work, pool)
    demand_hours(window)
    row = PoolHoursRow(
        id=work.new_id(),
        pool_id=found.id,
        zone=found.zone,
        days=[day.value for day in window.days],
        earliest=window.earliest,
        latest=window.latest,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record(work, EventType.POOL_HOURS_ADDED, found.id, entry=row.id)
    return row.id


def end_hours(work: Work, pool: str, hours: str) -> None:
    """They count no more from now; raises ``NotFound``."""
    _end(work, pool, work.session.get(PoolHoursRow, hours), EventType.POOL_HOURS_ENDED)


def add_closure(work: Work, pool: str, days: tuple[date, date]) -> str:
    """Keep days, from the first to the last, on which it is closed; returns their id.  Raises ``BadInput``."""
    _demand_keeper(work)
    found = pool_for(work, pool)
    first, last = days
    if last < first:
        raise BadInput("The last day is before the first. Change one of them.", "last")
    if last - first > _LONGEST:
        raise BadInput("This is longer than two years. Enter a nearer last day.", "last")
    if last < _today(work, found):
        raise BadInput("These days have passed. Enter days from today on.", "last")
    row = PoolClosureRow(
        id=work.new_id(),
        pool_id=found.id,
        zone=found.zone,
        first_on=first,
        last_on=last,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record(work, EventType.POOL_CLOSURE_ADDED, found.id, entry=row.id)
    return row.id


def end_closure(work: Work, pool: str, closure: str) -> None:
    """It is open on these days after all; raises ``NotFound``."""
    _end(work, pool, work.session.get(PoolClosureRow, closure), EventType.POOL_CLOSURE_ENDED)


def add_calendar(work: Work, pool: str, calendar: str) -> str:
    """The days of a shared calendar close it; returns the link's id.  Raises ``BadInput`` for one that does not."""
    _demand_keeper(work)
    found, shared = pool_for(work, pool), calendar_for(work, calendar)
    if shared.effect is not Effect.NO_VISITS:
        raise BadInput("The days of this calendar close nothing. Choose another calendar.", "calendar")
    same = select(PoolCalendarRow.id).where(
        PoolCalendarRow.pool_id == found.id,
        PoolCalendarRow.calendar_id == shared.id,
        col(PoolCalendarRow.ended_at).is_(None),
    )
    if work.session.exec(same).first():
        raise Conflict("This calendar counts there already. Load the page again.")
    row = PoolCalendarRow(
        id=work.new_id(),
        pool_id=found.id,
        calendar_id=shared.id,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record(work, EventType.POOL_CALENDAR_ADDED, found.id, entry=row.id)
    return row.id


def end_calendar(work: Work, pool: str, link: str) -> None:
    """A shared calendar closes it no more; raises ``NotFound``."""
    _end(work, pool, work.session.get(PoolCalendarRow, link), EventType.POOL_CALENDAR_ENDED)


def link(work: Work, person: PersonId, pool: str, first: date, last: date | None) -> str:
    """Somebody takes part from there, from a day on and, unless None, to a last one; returns the link's id.

    The actor has shown that this person is within their reach.  Raises ``NotAllowed`` for whoever is neither worker nor
    approver, ``BadInput`` for a child, for days that are none or have passed, and for days on which they take part from
    elsewhere.
    """
    _demand_planner(work)
    found = pool_for(work, pool)
    if people.member(work, person).role is MemberRole.CHILD:
        raise BadInput("A child takes part with their carer. Say it of the carer.", "pool")
    if last is not None and last < first:
        raise BadInput("The last day is before the first. Change one of them.", "last")
    if last is not None and last < _today(work, found):
        raise BadInput("These days have passed. Enter days from today on.", "last")
    lock_time(work, [person], (), [found.id])
    if any(one.meets(first, last) for one in links_of(work, frozenset({person}))):
        raise BadInput("They take part from elsewhere on some of these days. End that first.", "first")
    row = PoolLinkRow(
        id=work.new_id(),
        pool_id=found.id,
        person_id=person,
        first_on=first,
        last_on=last,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record_link(work, EventType.POOL_LINKED, row)
    return row.id


def end_link(work: Work, person: PersonId, link_id: str) -> PoolLink:
    """They take part from there no more, from now; returns what was ended.  Raises ``NotFound``, ``NotAllowed``."""
    _demand_planner(work)
    found = next((one for one in links_of(work, frozenset({person})) if one.id == link_id), None)
    if found is None:
        raise NotFound
    lock_time(work, [person], (), [found.pool.id])
    row = work.session.get_one(PoolLinkRow, found.id)
    row.ended_at = work.now
    work.session.add(row)
    _record_link(work, EventType.POOL_UNLINKED, row)
    return found


def _today(work: Work, pool: Pool) -> date:
    return work.now.astimezone(ZoneInfo(pool.zone)).date()


def _demand_keeper(work: Work) -> None:
    if not may_keep_pools(work):
        raise NotAllowed("Workers, approvers and administrators keep rooms and links. Ask one of them.")


def _demand_planner(work: Work) -> None:
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Workers and approvers say from where somebody takes part. Ask one of them.")


def _demand_units(units: int) -> None:
    if not 1 <= units <= MOST_UNITS:
        raise BadInput("Enter how many there are, from 1 to 50.", "units")


def _clean_name(work: Work, name: str, *, but: Pool | None = None) -> str:
    clean = name.strip()
    if not clean:
        raise BadInput("Write a name that colleagues understand.", "name")
    if len(clean) > LONGEST_NAME:
        raise BadInput("This name is too long. Use 80 letters or fewer.", "name")
    same = select(PoolRow.id).where(
        PoolRow.agency == work.agency, PoolRow.name == clean, col(PoolRow.ended_at).is_(None)
    )
    if (but is None or but.name != clean) and work.session.exec(same).first():
        raise BadInput("There is one of this name. Choose another name.", "name")
    return clean


def _end(
    work: Work,
    pool: str,
    row: PoolHoursRow | PoolClosureRow | PoolCalendarRow | None,
    event: EventType,
) -> None:
    _demand_keeper(work)
    if row is None or row.pool_id != pool_for(work, pool).id or row.ended_at is not None:
        raise NotFound
    row.ended_at = work.now
    work.session.add(row)
    _record(work, event, row.pool_id, entry=row.id)


def _record(work: Work, event: EventType, pool: str, **more: str | int) -> None:
    work.record(AuditEvent(type=event, facts=(("pool", pool), *more.items())))


def _record_link(work: Work, event: EventType, row: PoolLinkRow) -> None:
    member = people.member(work, PersonId(row.person_id))
    work.record(
        AuditEvent(
            type=event,
            case=member.case,
            subjects=(Subject(ref=member.ref, role="person"),),
            facts=(("pool", row.pool_id),),
        )
    )
