"""Seal what is known of a person under the person's own key."""

from contact_service.ids import PersonId
from contact_service.keys import actions as keys
from contact_service.people.person import Details
from contact_service.people.tables import PersonRow
from contact_service.work import Work


def sealed_for(work: Work, person: PersonId, plaintext: bytes, *, field: str) -> bytes:
    """``plaintext`` under the person's key."""
    return keys.seal_for_person(
        work.session, work.keys, agency=work.agency, person=person, plaintext=plaintext, field=field
    )


def keep_details(work: Work, person: PersonId, details: Details) -> None:
    """Seal ``details`` in place of what was known of the person."""
    row = work.session.get_one(PersonRow, person)
    row.sealed = sealed_for(work, person, details.to_bytes(), field="details")
    work.session.add(row)
    work.session.flush()
