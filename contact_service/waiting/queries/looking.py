"""What is free for an entry now, what of it is news since the last look, and the best of that which rules allow."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.identity import queries as identity
from contact_service.ids import PersonId
from contact_service.people.queries import members as people
from contact_service.plans.hours import Window
from contact_service.scheduling.grid import Grid
from contact_service.visits.queries.offering import free_starts, times_for
from contact_service.visits.wish import Wish
from contact_service.waiting.order import SOONEST_END, Seen, answer_by, slot_of, that_do
from contact_service.waiting.tables import WaitingLookRow
from contact_service.waiting.waiting import Entry, NewEntry
from contact_service.work import Work

MOST_CANDIDATES = 6
WHOLE_EVERY = timedelta(minutes=15)
"""What a changed rule allows takes nobody's time and is no news on the grid: everything is asked so often."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """``free``: the starts that would do and at which everybody is free; ``news``: those to be asked about now."""

    grid: Grid
    free: int
    news: int
    seen: Seen
    changed: bool


@dataclass(frozen=True, kw_only=True)
class Found:
    """A start that every rule allows, as a wish with whoever interprets, and until when it could be held."""

    wish: Wish
    interpreter: PersonId | None
    starts_at: datetime
    ends_at: datetime
    answer_by: datetime


def look_at(work: Work, entry: Entry) -> Look:
    """How it stands for an entry now, beside what was seen last.

    To be done as whoever is asked (``actor.for_worker``).
    """
    grid, free = free_starts(work, entry.wish)
    soonest = work.now + agency_policy.policy_in_force(work).limits.minimum_notice + SOONEST_END
    free &= that_do(entry, grid, _zone(work, entry), soonest=soonest, offers=entry.offers)
    before = _seen(work, entry)
    known = before.within(grid)
    whole = before.is_whole_due(work.now, WHOLE_EVERY, entry.id)
    seen = Seen(first_slot=slot_of(grid), starts=free, whole_at=work.now if whole else before.whole_at)
    return Look(
        grid=grid, free=free, news=free if whole else free & ~known, seen=seen, changed=whole or free != known
    )


def best_of(work: Work, entry: Entry, look: Look) -> list[Found]:
    """The best times among the news of a look, the earliest first, of each of them the best supervisor first.

    Empty where rules say no to all of them; at most ``MOST_CANDIDATES``, each time once before any of them twice.
    """
    if not look.news:
        return []
    document = agency_policy.policy_in_force(work).document
    hours = Window(days=document.hours.days, earliest=document.hours.earliest, latest=document.hours.latest)
    zone = _zone(work, entry)
    found: list[tuple[int, Found]] = []
    for one in times_for(work, entry.wish, allowed=look.news, with_interpreter=True).offers:
        until = answer_by(
            work.now, one.starts_at, notice=document.limits.minimum_notice, hours=hours, zone=zone
        )
        for place, supervisor in enumerate(one.supervisors if until else ()):
            assert until
            candidate = Found(
                wish=entry.at_instant(one.starts_at, supervisor, zone, interpreter=one.interpreter),
                starts_at=one.starts_at,
                ends_at=one.starts_at + entry.wish.length,
                interpreter=one.interpreter,
                answer_by=until,
            )
            found.append((place, candidate))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])][:MOST_CANDIDATES]


def can_be_staffed(work: Work, entry: Entry) -> bool:
    """Whether who was chosen to answer throughout the visit, and to supervise it, can still do so."""
    able = {one.id for one in identity.accounts_with(work, Role.VISIT_SUPERVISOR)}
    answering = {one.id for one in identity.everybody(work)}
    return entry.wish.duty in answering and entry.wish.supervisor in {None, *able}


def fits_now(work: Work, new: NewEntry) -> bool:
    """Whether some time would do already, of which no rule says no."""
    grid, free = free_starts(work, new.wish)
    allowed = free & that_do(new, grid, _zone(work, new), soonest=work.now)
    return bool(allowed) and bool(times_for(work, new.wish, allowed=allowed, with_interpreter=True).offers)


def _zone(work: Work, entry: Entry | NewEntry) -> str:
    return people.zone_of(work, people.case_of(work, entry.wish.child))


def _seen(work: Work, entry: Entry) -> Seen:
    row = work.session.get_one(WaitingLookRow, entry.id, populate_existing=True)
    return Seen(first_slot=row.first_slot, starts=int(row.starts, 16), whole_at=row.whole_at)
