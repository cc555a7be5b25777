"""Who is busy, by a calendar of their own, at a time that is held for a visit on the waiting list."""

from contact_service.visits.known_busy import BusyThen
from contact_service.visits.queries.busy import busy_from
from contact_service.waiting.waiting import Entry, Offer
from contact_service.work import Work


def busy_at_offer(work: Work, entry: Entry, offer: Offer) -> list[BusyThen]:
    """Who has become busy at the time that is held; nobody once it is held no more, and for whoever may not know."""
    if not offer.is_open(work.now):
        return []
    wish = entry.wish.with_people([offer.interpreter] if offer.interpreter else [])
    return busy_from(work, wish, offer.starts_at)
