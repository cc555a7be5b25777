"""Whether an entry still has a reason, and which visits its people have already."""

from zoneinfo import ZoneInfo

from contact_service.people.queries import members as people
from contact_service.people.queries.forgotten import forgotten_among
from contact_service.plans.hours import parts_of_days
from contact_service.visits.queries.finding import visits_of_child_around
from contact_service.visits.visit import COUNTED, Visit
from contact_service.waiting.waiting import Entry, EntryState
from contact_service.work import Work


def why_over(work: Work, entry: Entry) -> EntryState | None:
    """How an open entry is to end now, or None while it has a reason to wait."""
    if forgotten_among(work, [one.child for one in entry.wish.children]):
        return EntryState.FORGOTTEN
    if any(
        one.requested_at > entry.asked_at and _would_do(entry, one) for one in visits_they_have(work, entry)
    ):
        return EntryState.MET
    zone = ZoneInfo(_zone(work, entry))
    return EntryState.OVER if work.now.astimezone(zone).date() > entry.until else None


def visits_they_have(work: Work, entry: Entry) -> list[Visit]:
    """Visits that count, of all its children with all its people, from when it was asked for to its last day."""
    zone = ZoneInfo(_zone(work, entry))
    days = (entry.asked_at.astimezone(zone).date(), entry.until)
    needed = {*entry.wish.people, *(one.child for one in entry.wish.children)}
    return [
        one
        for one in visits_of_child_around(work, entry.wish.child, COUNTED, days)
        if needed <= one.people and days[0] <= one.starts_at.astimezone(zone).date() <= days[1]
    ]


def _would_do(entry: Entry, visit: Visit) -> bool:
    """Whether a visit lies in the days and hours of an entry."""
    return all(entry.window.holds(part) for part in parts_of_days(visit.starts_at, visit.ends_at, visit.zone))


def _zone(work: Work, entry: Entry) -> str:
    return people.zone_of(work, people.case_of(work, entry.wish.child))
