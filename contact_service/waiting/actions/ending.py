"""End an entry, or what is held for it; say who must see to one that can be offered nothing."""

from datetime import timedelta

from contact_service.audit.events import EventType
from contact_service.claims.actions import release_offer
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import EntryId, VisitId
from contact_service.waiting.actions.recording import lock_entry, record
from contact_service.waiting.queries.ending import why_over
from contact_service.waiting.queries.looking import can_be_staffed
from contact_service.waiting.tables import WaitingEntryRow, WaitingOfferRow
from contact_service.waiting.waiting import Entry, EntryState, OfferState, about_staff
from contact_service.work import Work

_SEEN_TO_WITHIN = timedelta(days=3)


def end_when_over(work: Work, entry: EntryId) -> None:
    """End an entry that has no reason any more; of one whose days are over ask what to do instead; else nothing."""
    row, found = lock_entry(work, entry)
    state = why_over(work, found) if found.state is EntryState.OPEN else None
    if state is None:
        return
    end_offer(work, found, OfferState.WITHDRAWN)
    end_entry(work, row, found, state)
    if state is EntryState.OVER:
        _ask_worker(work, found, FollowUpKind.NO_TIME_FREED, f"waiting/{found.id}")


def ask_who_else_serves(work: Work, entry: EntryId) -> None:
    """Ask the case's workers for somebody else where who was chosen can serve no longer; asked already, nothing."""
    _, found = lock_entry(work, entry)
    if found.state is EntryState.OPEN and not can_be_staffed(work, found):
        _ask_worker(work, found, FollowUpKind.WAITING_UNSTAFFED, about_staff(found.id))


def _ask_worker(work: Work, entry: Entry, kind: FollowUpKind, about: str) -> None:
    new = NewFollowUp(
        case=entry.case,
        kind=kind,
        for_role=ForRole.WORKER,
        about=about,
        due_at=work.now + _SEEN_TO_WITHIN,
        person=entry.wish.child,
    )
    ask_for(work, new)


def end_entry(
    work: Work, row: WaitingEntryRow, entry: Entry, state: EntryState, *, visit: VisitId | None = None
) -> None:
    """The entry stands on the list no longer; its offers have ended before."""
    row.state, row.ended_at, row.visit_id = state, work.now, visit
    work.session.add(row)
    work.session.flush()
    record(work, entry, EventType.WAITING_ENDED, reason=state.value)


def end_offer(work: Work, entry: Entry, state: OfferState) -> None:
    """What is held for an entry is given back, if something is; the entry is locked."""
    offer = entry.standing
    if offer is None:
        return
    row = work.session.get_one(WaitingOfferRow, offer.id)
    row.state, row.ended_at = state, work.now
    work.session.add(row)
    release_offer(work, offer.id)
    record(work, entry, EventType.WAITING_OFFER_ENDED, reason=state.value, offer=offer)
