"""Hold freed time for the entry whose turn it is, and tell whoever asked."""

from collections.abc import Sequence
from dataclasses import replace

from contact_service.audit.events import EventType
from contact_service.claims.actions import hold_for_offer
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, EntryId, OfferId
from contact_service.notifications import actions as notifications
from contact_service.notifications.message import MessageKind, NewMessage
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Permitted, all_of
from contact_service.scheduling.grid import Grid
from contact_service.visits.actions.claiming import lock_everybody, spans_of
from contact_service.visits.queries.asking import facts_of_children
from contact_service.visits.wish import Wish
from contact_service.waiting.actions.ending import end_offer
from contact_service.waiting.actions.recording import lock_entry, lock_list, record
from contact_service.waiting.order import Seen, passed_over_by
from contact_service.waiting.queries.ending import why_over
from contact_service.waiting.queries.finding import entries_with_offer, entry_of_row, workers_asked
from contact_service.waiting.queries.looking import Found, best_of, look_at
from contact_service.waiting.tables import WaitingEntryRow, WaitingLookRow, WaitingOfferRow
from contact_service.waiting.waiting import Entry, Offer, OfferState
from contact_service.work import Work

News = tuple[Entry, Grid, int]


def offer_freed(work: Work, entry: EntryId, others: Sequence[News]) -> Offer | None:
    """Look for an entry, hold the best of what is new to it, and write to whoever is asked; None where nothing is.

    To be done as whoever is asked (``actor.for_worker``).  ``others`` wait too, each with the starts that are new to
    them: who of them came before and is passed over is counted.
    """
    rows = lock_list(work)
    if entry not in rows:
        return None
    found = entry_of_row(work, rows[entry])
    if found.standing is not None or why_over(work, found) is not None:
        return None
    look = look_at(work, found)
    best = first_that_may(work, best_of(work, found, look))
    if best is None:
        _remember(work, entry, look.seen)
        return None
    offer = _hold(work, found, best)
    _count(
        work,
        found,
        offer,
        [(one, grid, news) for one, grid, news in others if one.id in rows and one.id != entry],
    )
    for account in workers_asked(work, found):
        _tell(work, offer, account)
    record(work, found, EventType.WAITING_OFFERED, reason=found.priority.value, offer=offer)
    _remember(work, entry, look.seen)
    return offer


def remember(work: Work, entry: EntryId, seen: Seen) -> None:
    """Keep what was free for an entry at a look in which it was offered nothing, as far as it is free now."""
    rows = lock_list(work)
    if entry in rows:
        fresh = look_at(work, entry_of_row(work, rows[entry]))
        both = seen.within(fresh.grid) & fresh.free
        _remember(work, entry, replace(fresh.seen, starts=both, whole_at=seen.whole_at))


def lapse(work: Work, entry: EntryId) -> None:
    """End an offer that nobody answered in time; the next is offered the time at the next look."""
    _, found = lock_entry(work, entry)
    if found.standing is not None and found.standing.answer_by <= work.now:
        end_offer(work, found, OfferState.LAPSED)


def first_that_may(work: Work, candidates: Sequence[Found]) -> Found | None:
    """Ask the rules again when everybody who is needed is locked: somebody may have been faster.

    All candidates are locked at once and in one order, so that nobody waits for us who has what we want next.
    """
    if candidates:
        lock_everybody(work, *(one.wish for one in candidates))
    return next((one for one in candidates if _may(work, one)), None)


def _may(work: Work, one: Found) -> bool:
    facts = (replace(seen, policy_accepted=True) for seen in facts_of_children(work, one.wish))
    return isinstance(all_of(may_book(seen) for seen in facts), Permitted)


def _hold(work: Work, entry: Entry, best: Found) -> Offer:
    wish: Wish = best.wish
    assert wish.supervisor
    offer = Offer(
        id=OfferId(work.new_id()),
        entry=entry.id,
        starts_at=best.starts_at,
        ends_at=best.ends_at,
        supervisor=wish.supervisor,
        interpreter=best.interpreter,
        offered_at=work.now,
        answer_by=best.answer_by,
        state=OfferState.OPEN,
    )
    work.session.add(
        WaitingOfferRow(
            id=offer.id,
            entry_id=entry.id,
            supervisor_id=offer.supervisor,
            interpreter_id=offer.interpreter,
            starts_at=offer.starts_at,
            ends_at=offer.ends_at,
            offered_at=offer.offered_at,
            answer_by=offer.answer_by,
            state=OfferState.OPEN,
        )
    )
    work.session.flush()
    hold_for_offer(
        work, offer.id, spans_of(work, wish, offer.starts_at, offer.ends_at), until=offer.answer_by
    )
    return offer


def _count(work: Work, winner: Entry, offer: Offer, others: Sequence[News]) -> None:
    """Whoever came before and gets nothing of this was passed over once more; who is offered something begins anew."""
    held = entries_with_offer(work)
    without = [(one, grid, news) for one, grid, news in others if one.id not in held]
    for one in passed_over_by(winner, offer, without):
        row = work.session.get_one(WaitingEntryRow, one.id)
        row.passed_over += 1
        work.session.add(row)
    row = work.session.get_one(WaitingEntryRow, winner.id)
    row.passed_over = 0
    work.session.add(row)
    work.session.flush()


def _tell(work: Work, offer: Offer, account: AccountId) -> None:
    letter = NewMessage(
        kind=MessageKind.TIME_FREED,
        offer=offer.id,
        account=identity.who_hears(work, account),
        useless_after=offer.answer_by,
    )
    notifications.queue(work, letter)


def _remember(work: Work, entry: EntryId, seen: Seen) -> None:
    row = work.session.get_one(WaitingLookRow, entry)
    row.first_slot, row.starts, row.whole_at = seen.first_slot, f"{seen.starts:x}", seen.whole_at
    work.session.add(row)
    work.session.flush()
