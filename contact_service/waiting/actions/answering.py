"""Book what is offered, or let it go."""

from contact_service.claims.actions import hold_for_offer, release_offer
from contact_service.ids import OfferId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.visits.actions.claiming import lock_everybody, spans_of
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.visit import Visit
from contact_service.waiting.actions.adding import demand_every_child, demand_worker
from contact_service.waiting.actions.ending import end_entry, end_offer
from contact_service.waiting.actions.recording import lock_entry
from contact_service.waiting.queries.finding import offer_for
from contact_service.waiting.tables import WaitingEntryRow
from contact_service.waiting.waiting import Entry, EntryState, Offer, OfferOver, OfferState
from contact_service.work import Work

_HAS_READ = {"R30"}


def book_offer(work: Work, offer: OfferId) -> Visit | Refused:
    """Ask for the visit at the time that is held; pressed twice, it is one visit.

    Raises ``OfferOver`` when it is not held any more.  Where a rule says no by now, the time is given back and the
    entry waits on; but where only the policy is to be read first, it stays held.
    """
    demand_worker(work)
    row, entry, found = _locked(work, offer)
    if found.state is OfferState.BOOKED:
        return visit_for(work, found.visit)
    if not found.is_open(work.now):
        raise OfferOver
    wish = entry.at_instant(
        found.starts_at, found.supervisor, _zone(work, entry), interpreter=found.interpreter
    )
    lock_everybody(work, wish)
    release_offer(work, found.id)
    visit = inviting.request_visit(work, wish, visit_id=found.visit)
    if isinstance(visit, Refused):
        if set(visit.rules) <= _HAS_READ:
            spans = spans_of(work, wish, found.starts_at, found.ends_at)
            hold_for_offer(work, found.id, spans, until=found.answer_by)
        else:
            end_offer(work, entry, OfferState.REFUSED)
        return visit
    end_offer(work, entry, OfferState.BOOKED)
    end_entry(work, row, entry, EntryState.BOOKED, visit=VisitId(visit.id))
    return visit


def let_go(work: Work, offer: OfferId) -> Offer:
    """Give the time back: the next on the list is offered it, and this entry waits for another.

    Let go already, or over, nothing changes; raises ``OfferOver`` for what is booked.
    """
    demand_worker(work)
    _, entry, found = _locked(work, offer)
    if found.state is OfferState.BOOKED:
        raise OfferOver
    if found.state is OfferState.OPEN:
        end_offer(work, entry, OfferState.LET_GO)
    return offer_for(work, offer)[1]


def _locked(work: Work, offer: OfferId) -> tuple[WaitingEntryRow, Entry, Offer]:
    entry, _ = offer_for(work, offer)
    row, found = lock_entry(work, entry.id)
    demand_every_child(work, found)
    return row, found, next(one for one in found.offers if one.id == offer)


def _zone(work: Work, entry: Entry) -> str:
    return people.zone_of(work, people.case_of(work, entry.wish.child))
