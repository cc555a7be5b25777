"""Who comes first, what of the free time is news, and how long an offer stands.  Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zlib import crc32
from zoneinfo import ZoneInfo

from contact_service.ids import EntryId
from contact_service.plans.hours import Window
from contact_service.scheduling.availability import Availability, Kind, WeeklyHours, free_slots, local_days
from contact_service.scheduling.grid import STEP, Grid, each, starts
from contact_service.waiting.waiting import Entry, EntryState, NewEntry, Offer, OfferState
from contact_service.week.weights import Priority

PASSED_OVER_AT_MOST = 4
"""Whoever was passed over so often comes before everybody: of five freed times the fifth is theirs at the latest."""
ANSWER_WITHIN = timedelta(hours=2)
SOONEST_END = timedelta(minutes=30)
_EPOCH = datetime(1970, 1, 1, tzinfo=ZoneInfo("UTC"))
_AHEAD = 14 * 96
_RANKS = {one: place for place, one in enumerate(Priority)}


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Whoever was passed over too often, then what is ordered, agreed, extra; of those alike the oldest first."""
    return sorted(
        entries,
        key=lambda one: (
            one.passed_over < PASSED_OVER_AT_MOST,
            0 if one.passed_over >= PASSED_OVER_AT_MOST else _RANKS[one.priority],
            one.asked_at,
            one.id,
        ),
    )


def that_do(
    entry: Entry | NewEntry,
    grid: Grid,
    zone: str,
    *,
    soonest: datetime,
    offers: Sequence[Offer] = (),
) -> int:
    """The starts, none before ``soonest``, from which the whole visit lies in the days and hours that would do.

    Where a time was offered before, nothing that overlaps it is: it was let go, or nobody answered.
    """
    hours = WeeklyHours(kind=Kind.OPEN, window=entry.window, source="waiting")
    free = free_slots(grid, Availability(zone=zone, weekly=(hours,)))
    free &= _until(grid, zone, entry.until)
    found = starts(free, max(1, -(-entry.wish.length // STEP)))
    found &= grid.beginning(max(grid.seconds(soonest), 0), grid.slots * _SECONDS)
    for offer in offers:
        if offer.state is not OfferState.REFUSED:
            found &= ~near(grid, offer.starts_at, offer.ends_at, entry.wish.length)
    return found


_SECONDS = int(STEP.total_seconds())


def _until(grid: Grid, zone: str, last: date) -> int:
    found = 0
    for day, slots in local_days(grid, zone):
        if day <= last:
            found |= slots
    return found


def near(grid: Grid, starts_at: datetime, ends_at: datetime, length: timedelta) -> int:
    """The starts from which a visit of ``length`` would overlap [starts_at, ends_at)."""
    first, after = grid.seconds(starts_at - length), grid.seconds(ends_at)
    return grid.beginning(first + 1, after)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The starts that were free at the last look: bit n is the n-th quarter hour after ``first_slot`` (since 1970)."""

    first_slot: int
    starts: int
    whole_at: datetime | None = None

    def within(self, grid: Grid) -> int:
        """The same starts on another grid, as far as they lie in it."""
        shift = slot_of(grid) - self.first_slot
        moved = self.starts >> shift if shift >= 0 else self.starts << -shift
        return moved & grid.everything

    def is_whole_due(self, now: datetime, every: timedelta, entry: EntryId) -> bool:
        """Whether it is time to look at everything again, and not only at what is new.

        Each entry has a moment of its own in every stretch of that length, so that not all are due at once.
        """
        if self.whole_at is None or now < self.whole_at:
            return True
        own = _EPOCH + timedelta(seconds=crc32(entry.encode()) % int(every.total_seconds()))
        return (now - own) // every > (self.whole_at - own) // every


def slot_of(grid: Grid) -> int:
    """The number of the first quarter hour of a grid, counted from 1970."""
    return (grid.begins - _EPOCH) // STEP


def answer_by(
    now: datetime, starts_at: datetime, *, notice: timedelta, hours: Window, zone: str
) -> datetime | None:
    """Until when an offer stands: two hours of those in which the agency has visits, and never past the notice.

    In the night the clock of an offer stands still: whoever asked is asleep.  None where half an hour is not left.
    """
    early = timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    grid = Grid(begins=now - early, slots=_AHEAD)
    rule = WeeklyHours(kind=Kind.OPEN, window=hours, source="waiting")
    open_ = list(each(free_slots(grid, Availability(zone=zone, weekly=(rule,))) & ~1))
    needed = ANSWER_WITHIN // STEP
    within = grid.instant(open_[needed - 1] + 1) if len(open_) >= needed else grid.ends
    found = min(within, starts_at - notice)
    return found if found >= now + SOONEST_END else None


def passed_over_by(winner: Entry, offered: Offer, others: Sequence[tuple[Entry, Grid, int]]) -> list[Entry]:
    """Those who asked before ``winner``, were given nothing, and would have had a start that overlaps the offered one.

    ``others`` come with the starts that were news to them.
    """
    return [
        one
        for one, grid, news in others
        if (one.asked_at, one.id) < (winner.asked_at, winner.id)
        and one.state is EntryState.OPEN
        and news & near(grid, offered.starts_at, offered.ends_at, one.wish.length)
    ]
