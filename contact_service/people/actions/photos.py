"""Keep the photo by which somebody is known at the door, or destroy it.  Evidence holds nothing of it."""

from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotFound
from contact_service.ids import PersonId
from contact_service.people.actions.photo_files import clean_photo
from contact_service.people.actions.recording import demand_person, lock_person, record_about
from contact_service.people.actions.sealing import sealed_for
from contact_service.people.person import MemberRole
from contact_service.people.queries.members import member
from contact_service.people.queries.photos import FIELD, opened_photo
from contact_service.people.tables import PersonPhotoRow
from contact_service.work import Work


def keep_photo(work: Work, person: PersonId, brought: bytes) -> None:
    """From now on they are known by this photo, and what was kept before is gone.  Raises ``BadInput``."""
    case = demand_person(work, person)
    if member(work, person).role is MemberRole.CHILD:
        raise BadInput("A child comes with its carer, and no photo of a child is kept here.", "photo")
    photo = clean_photo(brought)
    lock_person(work, person)  # two who keep one at once follow each other
    row = work.session.get(PersonPhotoRow, person) or PersonPhotoRow(
        person_id=person, sealed=b"", kept_by="", kept_at=work.now
    )
    row.sealed = sealed_for(work, person, photo.to_bytes(), field=FIELD)
    row.kept_by, row.kept_at = work.actor.ref, work.now
    work.session.add(row)
    record_about(work, EventType.PHOTO_KEPT, case, [(person, "identified")])


def drop_photo(work: Work, person: PersonId) -> None:
    """The photo is destroyed; raises ``NotFound`` where there is none."""
    case = demand_person(work, person)
    row = work.session.get(PersonPhotoRow, person)
    if row is None:
        raise NotFound
    work.session.delete(row)
    record_about(work, EventType.PHOTO_DROPPED, case, [(person, "identified")])


def forget_photo(work: Work, person: PersonId) -> None:
    """With the person their photo goes; the evidence of the forgetting speaks for both."""
    if row := work.session.get(PersonPhotoRow, person):
        work.session.delete(row)


def join_photo(work: Work, kept: PersonId, merged: PersonId) -> None:
    """Of two records of one person, the kept one's photo stands; where it has none, the merged one's is kept."""
    row = work.session.get(PersonPhotoRow, merged)
    if row is None:
        return
    known = opened_photo(work, merged)
    if known is None or work.session.get(PersonPhotoRow, kept) is not None:
        drop_photo(work, merged)
    else:
        row.sealed = sealed_for(work, kept, known.to_bytes(), field=FIELD)
        row.person_id = kept
        work.session.add(row)
    work.session.flush()
