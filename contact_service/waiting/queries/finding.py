"""Entries of the waiting list, within the actor's reach or all of them, and the offers that they have."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, select

from contact_service.actor import Role
from contact_service.errors import NotFound
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, CaseId, EntryId, OfferId, PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.people.queries.siblings import workers_of
from contact_service.plans.hours import Weekday, Window
from contact_service.plans.terms import SupervisionLevel
from contact_service.visits.wish import ChildWished, Wish
from contact_service.waiting.order import in_order
from contact_service.waiting.queries.ranking import priority_of_wish
from contact_service.waiting.tables import WaitingEntryRow, WaitingOfferRow
from contact_service.waiting.waiting import Entry, EntryState, Offer, OfferState
from contact_service.work import Work

NO_TIME = datetime(2000, 1, 1)  # noqa: DTZ001  wall time, and not looked at


def entry_for(work: Work, entry: EntryId) -> Entry:
    """An entry within the actor's reach; raises ``NotFound`` for absent and not-yours alike."""
    row = work.session.get(WaitingEntryRow, entry)
    found = _all(work, [row])[0] if row is not None else None
    if found is None:
        raise NotFound
    people.open_within_reach(work, cases_of_entry(work, found))
    return found


def cases_of_entry(work: Work, entry: Entry) -> list[CaseId]:
    """The case of every child whose visit it would be, the one it was asked for first."""
    return list(dict.fromkeys(people.case_of(work, one.child) for one in entry.wish.children))


def offer_for(work: Work, offer: OfferId) -> tuple[Entry, Offer]:
    """An offer within the actor's reach, with its entry; raises ``NotFound``."""
    row = work.session.get(WaitingOfferRow, offer)
    if row is None:
        raise NotFound
    found = entry_for(work, EntryId(row.entry_id))
    return found, next(one for one in found.offers if one.id == offer)


def everybody_waiting(work: Work) -> list[Entry]:
    """Every open entry of the agency, in the order in which freed time is offered, whoever asks."""
    query = select(WaitingEntryRow).where(WaitingEntryRow.state == EntryState.OPEN)
    return in_order(_all(work, work.session.exec(query).all()))


def waiting_within_reach(work: Work) -> list[tuple[int, Entry]]:
    """The open entries of a child within reach, each with its place among all of the agency, counted from 1."""
    reach = set(people.cases_of(work))
    return [
        (place, one)
        for place, one in enumerate(everybody_waiting(work), 1)
        if not reach.isdisjoint(cases_of_entry(work, one))
    ]


def offers_within_reach(work: Work) -> list[tuple[Entry, Offer]]:
    """What is held now for entries within reach, what ends first first."""
    found = [(one, one.standing) for _, one in waiting_within_reach(work)]
    held = [(entry, offer) for entry, offer in found if offer is not None and offer.is_open(work.now)]
    return sorted(held, key=lambda pair: pair[1].answer_by)


def offer_held(work: Work, offer: OfferId) -> tuple[Offer, CaseId] | None:
    """An offer that can still be booked, and its case, whoever asks; for letters."""
    row = work.session.get(WaitingOfferRow, offer, populate_existing=True)
    found = None if row is None else _offer(work, row)
    if row is None or found is None or not found.is_open(work.now):
        return None
    return found, CaseId(work.session.get_one(WaitingEntryRow, row.entry_id).case_id)


def workers_asked(work: Work, entry: Entry) -> list[AccountId]:
    """Who is offered what becomes free: whoever asked; else, when they may no longer, who else may book it.

    That is who works with every child of it.
    """
    workers = {account.id for account in identity.accounts_with(work, Role.WORKER)}
    first, *others = (workers_of(work, case) for case in cases_of_entry(work, entry))
    able = [one for one in first if one in workers.intersection(*others)]
    return [entry.asked_by] if entry.asked_by in able else able


def entries_with_offer(work: Work) -> frozenset[EntryId]:
    """The entries for which a time is held."""
    query = select(WaitingOfferRow.entry_id).where(WaitingOfferRow.state == OfferState.OPEN)
    return frozenset(EntryId(one) for one in work.session.exec(query))


def entry_of_row(work: Work, row: WaitingEntryRow) -> Entry:
    """A row as an entry."""
    return _all(work, [row])[0]


def _all(work: Work, rows: Sequence[WaitingEntryRow]) -> list[Entry]:
    query = select(WaitingOfferRow).where(col(WaitingOfferRow.entry_id).in_([row.id for row in rows]))
    offers: dict[str, list[Offer]] = defaultdict(list)
    for one in work.session.exec(query.order_by(col(WaitingOfferRow.offered_at), col(WaitingOfferRow.id))):
        offers[one.entry_id].append(_offer(work, one))
    return [_entry(work, row, tuple(offers[row.id])) for row in rows]


def _entry(work: Work, row: WaitingEntryRow, offers: tuple[Offer, ...]) -> Entry:
    """Whoever was merged into somebody else is meant as they are kept now."""

    def kept(person: str) -> PersonId:
        return people.kept_as(work, PersonId(person))

    sharing = (one.partition(":") for one in row.sharing)
    wish = Wish(
        child=kept(row.child_id),
        people=tuple(dict.fromkeys(map(kept, row.people))),
        caregiver=kept(row.caregiver_id) if row.caregiver_id else None,
        wall_start=NO_TIME,
        length=timedelta(minutes=row.minutes),
        level=SupervisionLevel(row.level),
        supervisor=AccountId(row.supervisor_id) if row.supervisor_id else None,
        duty=AccountId(row.duty_id),
        sharing=tuple(
            ChildWished(child=kept(child), caregiver=kept(carer) if carer else None)
            for child, _, carer in sharing
        ),
    )
    return Entry(
        id=EntryId(row.id),
        case=CaseId(row.case_id),
        wish=wish,
        window=Window(days=tuple(map(Weekday, row.days)), earliest=row.earliest, latest=row.latest),
        until=row.until_on,
        asked_by=AccountId(row.asked_by),
        asked_at=row.asked_at,
        passed_over=row.passed_over,
        state=EntryState(row.state),
        visit=VisitId(row.visit_id) if row.visit_id else None,
        priority=priority_of_wish(work, wish),
        offers=offers,
    )


def _offer(work: Work, row: WaitingOfferRow) -> Offer:
    return Offer(
        id=OfferId(row.id),
        entry=EntryId(row.entry_id),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        supervisor=AccountId(row.supervisor_id),
        interpreter=people.kept_as(work, PersonId(row.interpreter_id)) if row.interpreter_id else None,
        offered_at=row.offered_at,
        answer_by=row.answer_by,
        state=OfferState(row.state),
    )
