"""Forget one person: destroy the keys of what is known of them, and erase what equal channels were found by.

Nothing leads here yet: that two people want it and that no legal hold forbids it is for retention to demand.
"""

from sqlmodel import SQLModel, col, update

from contact_service.audit.events import EventType
from contact_service.errors import NotFound
from contact_service.ids import PersonId
from contact_service.keys.actions import shred_person
from contact_service.people.actions.photos import forget_photo
from contact_service.people.actions.recording import demand_person, record_about
from contact_service.people.tables import ChannelRow, PersonRow
from contact_service.work import Work


def forget(work: Work, person: PersonId) -> None:
    """Nothing that was sealed for the person can be opened again; that they existed stays in the evidence."""
    case = demand_person(work, person)
    row = work.session.get(PersonRow, person, with_for_update=True, populate_existing=True)
    if row is None or row.forgotten_at is not None:
        raise NotFound
    row.forgotten_at = work.now
    work.session.add(row)
    work.session.exec(update(ChannelRow).where(col(ChannelRow.person_id) == person).values(digest=None))
    _erase_words_about(work, person)
    forget_photo(work, person)
    keys = shred_person(work.session, agency=work.agency, person=person)
    record_about(work, EventType.KEY_SHREDDED, case, [(person, "forgotten")], facts=(("keys", keys),))


def _erase_words_about(work: Work, person: PersonId) -> None:
    """What is written of the person under a key of somebody else, whom nobody forgets with them.

    Such a column says so itself: ``words_about`` in its ``info`` names the column with the person.
    """
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            if about := column.info.get("words_about"):
                work.session.exec(table.update().where(table.c[about] == person).values({column.name: None}))
