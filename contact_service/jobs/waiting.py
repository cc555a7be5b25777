"""Offer what has become free to whoever waits for it; take back what nobody answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from contact_service import actor
from contact_service.actor import Actor
from contact_service.follow_ups.queries import is_asked
from contact_service.ids import AccountId, EntryId
from contact_service.jobs.one_by_one import each
from contact_service.waiting.actions.ending import ask_who_else_serves, end_when_over
from contact_service.waiting.actions.offering import News, lapse, offer_freed, remember
from contact_service.waiting.queries.ending import why_over
from contact_service.waiting.queries.finding import everybody_waiting, workers_asked
from contact_service.waiting.queries.looking import Look, best_of, can_be_staffed, look_at
from contact_service.waiting.waiting import Entry, about_staff
from contact_service.work import Installation, Work, begin, read


@dataclass(frozen=True, kw_only=True)
class _Waiting:
    """An entry, as whom it is looked for, and what a first look without a lock has found."""

    entry: Entry
    who: Actor
    look: Look
    wanted: bool


@dataclass(kw_only=True)
class _Sorted:
    """Everybody who waits, by what is to be done with them; ``asked`` is in the order of the list."""

    over: list[EntryId] = field(default_factory=list)
    late: list[EntryId] = field(default_factory=list)
    unstaffed: list[EntryId] = field(default_factory=list)
    asked: list[tuple[Entry, list[AccountId]]] = field(default_factory=list)


def offer_freed_time(installation: Installation) -> None:
    """Everybody who waits was looked for, in the order of the list; each in a transaction of its own.

    Two processes do no harm: an entry is decided under the lock of the list, as it stands then.  The list is read once:
    whose offer lapses now is looked for at the next time.
    """
    found = _Sorted()
    waiting: list[_Waiting] = []
    steps: list[Callable[[], object]] = [
        lambda: _sort(installation, found),
        lambda: _do(installation, end_when_over, found.over),
        lambda: _do(installation, lapse, found.late),
        lambda: _do(installation, ask_who_else_serves, found.unstaffed),
        lambda: each(found.asked, lambda pair: waiting.append(_looked(installation, *pair))),
        lambda: _decide(installation, waiting),
    ]
    # What is wrong with one entry at one step keeps nobody from the next step.
    each(steps, lambda step: step())


def _sort(installation: Installation, found: _Sorted) -> None:
    with read(installation, actor.SCHEDULE) as work:
        each(everybody_waiting(work), lambda entry: _sort_in(work, entry, found))


def _sort_in(work: Work, entry: Entry, found: _Sorted) -> None:
    """Nobody looks for those who end now, who have an offer, who cannot be staffed, or for whom nobody may ask."""
    standing = entry.standing
    if why_over(work, entry) is not None:
        found.over.append(entry.id)
        return
    if standing is not None and standing.answer_by <= work.now:
        found.late.append(entry.id)
    if not can_be_staffed(work, entry):
        found.unstaffed += [] if is_asked(work, about_staff(entry.id)) else [entry.id]
    elif standing is None and (workers := workers_asked(work, entry)):
        found.asked.append((entry, workers))


def _do(
    installation: Installation, act: Callable[[Work, EntryId], object], entries: Sequence[EntryId]
) -> None:
    def one(entry: EntryId) -> None:
        with begin(installation, actor.SCHEDULE) as work:
            act(work, entry)

    each(entries, one)


def _looked(installation: Installation, entry: Entry, workers: Sequence[AccountId]) -> _Waiting:
    who = actor.for_worker(workers[0])
    with read(installation, who) as work:
        look = look_at(work, entry)
        return _Waiting(entry=entry, who=who, look=look, wanted=bool(best_of(work, entry, look)))


def _decide(installation: Installation, waiting: Sequence[_Waiting]) -> None:
    news: list[News] = [(one.entry, one.look.grid, one.look.news) for one in waiting if one.wanted]

    def decide(one: _Waiting) -> None:
        with begin(installation, one.who) as work:
            if one.wanted:
                offer_freed(work, one.entry.id, news)
            else:
                remember(work, one.entry.id, one.look.seen)

    each([one for one in waiting if one.wanted or one.look.changed], decide)
