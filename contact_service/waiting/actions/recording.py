"""What happened to an entry, as evidence in the case of every child; and the lock that everything begins with."""

from sqlmodel import col, select

from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import NotFound
from contact_service.ids import EntryId
from contact_service.people.queries import members as people
from contact_service.waiting.queries.finding import entry_of_row
from contact_service.waiting.tables import WaitingEntryRow
from contact_service.waiting.waiting import Entry, EntryState, Offer
from contact_service.work import Work


def lock_list(work: Work) -> dict[EntryId, WaitingEntryRow]:
    """Every open entry, locked in one order: until the transaction ends nobody else changes the list."""
    query = (
        select(WaitingEntryRow)
        .where(WaitingEntryRow.state == EntryState.OPEN)
        .order_by(col(WaitingEntryRow.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    rows = work.session.exec(query).all()
    # Somebody who was waited for may have ended one of them, or an offer.
    work.session.expire_all()
    return {EntryId(row.id): row for row in rows}


def lock_entry(work: Work, entry: EntryId) -> tuple[WaitingEntryRow, Entry]:
    """One entry as it stands now, locked; raises ``NotFound``."""
    query = select(WaitingEntryRow).where(WaitingEntryRow.id == entry).with_for_update()
    row = work.session.exec(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound
    work.session.expire_all()
    return row, entry_of_row(work, row)


def record(
    work: Work,
    entry: Entry,
    event: EventType,
    *,
    reason: str = "",
    offer: Offer | None = None,
    facts: tuple[tuple[str, str | int], ...] = (),
) -> None:
    """Record something about an entry, once in the case of each child who would share the visit."""
    children = [one.child for one in entry.wish.children]
    cases = {people.case_of(work, child): child for child in reversed(children)}
    about = (("entry", entry.id), *((("offer", offer.id),) if offer else ()), *facts)
    for case, child in cases.items():
        ref = people.refs_of(work, [child], case=case)[child]
        work.record(
            AuditEvent(
                type=event,
                case=case,
                subjects=(Subject(ref=ref, role="child"),),
                planned=(offer.starts_at, offer.ends_at) if offer else None,
                reason=reason or None,
                facts=about,
            )
        )
