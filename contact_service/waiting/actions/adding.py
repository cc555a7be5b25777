"""Put a visit for which no time fits on the waiting list, and take it off."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.audit.events import EventType
from contact_service.errors import BadInput, Conflict, NotAllowed
from contact_service.identity import queries as identity
from contact_service.ids import EntryId
from contact_service.people.queries import members as people
from contact_service.plans.hours import WHOLE_DAY
from contact_service.scheduling.grid import STEP
from contact_service.visits.actions.booking import demand_known
from contact_service.visits.queries.suiting import opener_named
from contact_service.visits.wish import Wish
from contact_service.waiting.actions.ending import end_entry, end_offer
from contact_service.waiting.actions.recording import lock_entry, record
from contact_service.waiting.queries.finding import cases_of_entry, entry_for, entry_of_row
from contact_service.waiting.queries.looking import fits_now
from contact_service.waiting.tables import WaitingEntryRow, WaitingLookRow
from contact_service.waiting.waiting import (
    MOST_OF_A_CASE,
    MOST_OF_A_CHILD,
    Entry,
    EntryOver,
    EntryState,
    NewEntry,
    OfferState,
    TimeFits,
    TooManyOfCase,
    UnknownDuty,
    UnknownSupervisor,
)
from contact_service.work import Work


def demand_worker(work: Work) -> None:
    """Raise ``NotAllowed`` for whoever is no worker."""
    if not work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker can put a visit on the waiting list, or book what is offered.")


def demand_every_child(work: Work, entry: Entry) -> None:
    """Raise ``NotAllowed`` unless the actor works with every child whose visit it would be (R54)."""
    cases = cases_of_entry(work, entry)
    if people.within_reach(work, cases) != cases:
        raise NotAllowed("You do not work with every child of this visit. Ask a worker who does.")


def add_entry(work: Work, new: NewEntry, *, entry_id: str) -> Entry:
    """Put a visit on the waiting list; the same ``entry_id`` again is the same entry.

    Raises ``TimeFits`` where a time would do already, ``BadInput`` for what can never be offered.
    """
    demand_worker(work)
    demand_known(work, new.wish)
    if work.session.get(WaitingEntryRow, entry_id) is not None:
        return entry_for(work, EntryId(entry_id))
    _demand_possible(work, new)
    _demand_few(work, new)
    # Before anything is written: whoever reads the error goes on in the same transaction.
    if fits_now(work, new):
        raise TimeFits(field="days")
    row = _row(work, new, entry_id)
    work.session.add(row)
    try:
        work.session.flush()
    except IntegrityError:
        raise Conflict("This was put on the list a moment ago. Load the page again.") from None
    work.session.add(WaitingLookRow(entry_id=entry_id, first_slot=0, starts="0"))
    work.session.flush()
    entry = entry_of_row(work, row)
    record(work, entry, EventType.WAITING_ADDED, facts=(("priority", entry.priority.value),))
    return entry


def _demand_possible(work: Work, new: NewEntry) -> None:
    wish, window = new.wish, new.window
    if not wish.people and not wish.sharing:
        raise BadInput("Choose who meets.", "people")
    if wish.duty is None:
        raise BadInput("Choose who answers throughout the visit.", "duty")
    _demand_accounts(work, wish)
    if not STEP / 15 <= wish.length <= timedelta(days=1):
        raise BadInput("Choose how long the visit lasts.", "minutes")
    if not window.days:
        raise BadInput("Choose at least one day of the week.", "days")
    if not 0 <= window.earliest < window.latest <= WHOLE_DAY:
        raise BadInput("The latest end comes after the earliest start.", "latest")
    if window.latest - window.earliest < wish.length // timedelta(minutes=1):
        raise BadInput("The visit is longer than these hours.", "latest")
    today = work.now.astimezone(ZoneInfo(people.zone_of(work, people.case_of(work, wish.child)))).date()
    furthest = agency_policy.policy_in_force(work).limits.furthest_ahead
    if not today <= new.until <= today + furthest:
        raise BadInput("Choose a last day that is to come, and not too far away.", "until")


def _demand_accounts(work: Work, wish: Wish) -> None:
    """With somebody who can never serve, the entry would wait for nothing."""
    if wish.duty not in {one.id for one in identity.everybody(work)}:
        raise UnknownDuty(field="duty")
    able = {one.id for one in identity.accounts_with(work, Role.VISIT_SUPERVISOR)}
    if wish.supervisor is not None and wish.supervisor not in able:
        raise UnknownSupervisor(field="visit_supervisor")
    if opener_named(work, wish):
        where = "visit_supervisor" if wish.supervisor == work.actor.account else "duty"
        raise BadInput("You reach this child because of an emergency alone. Choose somebody else.", where)


def _demand_few(work: Work, new: NewEntry) -> None:
    query = select(func.count(col(WaitingEntryRow.id))).where(
        WaitingEntryRow.child_id == new.wish.child, WaitingEntryRow.state == EntryState.OPEN
    )
    if work.session.exec(query).one() >= MOST_OF_A_CHILD:
        raise BadInput("This child has five visits on the waiting list. Take one off first.", "people")
    of_case = select(func.count(col(WaitingEntryRow.id))).where(
        WaitingEntryRow.case_id == people.case_of(work, new.wish.child),
        WaitingEntryRow.state == EntryState.OPEN,
    )
    if work.session.exec(of_case).one() >= MOST_OF_A_CASE:
        raise TooManyOfCase(field="people")


def _row(work: Work, new: NewEntry, entry_id: str) -> WaitingEntryRow:
    wish = new.wish
    # Only accounts act here.
    assert work.actor.account
    assert wish.duty
    return WaitingEntryRow(
        id=entry_id,
        case_id=people.case_of(work, wish.child),
        child_id=wish.child,
        caregiver_id=wish.caregiver,
        people=list(wish.people),
        sharing=[f"{one.child}:{one.caregiver or ''}" for one in wish.sharing],
        supervisor_id=wish.supervisor,
        duty_id=wish.duty,
        level=wish.level,
        minutes=wish.length // timedelta(minutes=1),
        days=[day.value for day in new.window.days],
        earliest=new.window.earliest,
        latest=new.window.latest,
        until_on=new.until,
        asked_by=work.actor.account,
        asked_at=work.now,
        state=EntryState.OPEN,
    )


def take_off(work: Work, entry: EntryId) -> Entry:
    """Take a visit off the list; what is held for it is given back.  Taken off already, it stays so."""
    demand_worker(work)
    entry_for(work, entry)
    row, found = lock_entry(work, entry)
    demand_every_child(work, found)
    if found.state is EntryState.TAKEN_OFF:
        return found
    if found.state is not EntryState.OPEN:
        raise EntryOver
    end_offer(work, found, OfferState.WITHDRAWN)
    end_entry(work, row, found, EntryState.TAKEN_OFF)
    return entry_for(work, entry)
