"""Whether the agency keeps a photo of somebody, and, for whoever looks at them at the door, the photo."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from contact_service.database import some
from contact_service.ids import PersonId, Ref
from contact_service.keys import queries as keys
from contact_service.people.photo import AgencyPhoto
from contact_service.people.tables import PersonPhotoRow, PersonRow
from contact_service.work import Work

FIELD = "photo"
_KEPT = (
    select(PersonPhotoRow.person_id, PersonPhotoRow.kept_by, PersonPhotoRow.kept_at)
    .join(PersonRow, col(PersonRow.id) == col(PersonPhotoRow.person_id))
    .where(col(PersonPhotoRow.person_id).in_(some("people")), col(PersonRow.forgotten_at).is_(None))
)


@dataclass(frozen=True, kw_only=True)
class KeptPhoto:
    """That a photo is kept, by whom and since when; itself it stays sealed."""

    by: Ref
    at: datetime


def photo_kept(work: Work, person: PersonId) -> KeptPhoto | None:
    """Whether one is kept of somebody; of whoever was forgotten none is."""
    return photos_kept(work, [person]).get(person)


def photos_kept(work: Work, people: Collection[PersonId]) -> dict[PersonId, KeptPhoto]:
    """Of whom of ``people`` one is kept, with one question however many they are, and none about a photo itself."""
    found = work.session.exec(_KEPT, params={"people": sorted(people)})
    return {PersonId(person): KeptPhoto(by=Ref(by), at=at) for person, by, at in found}


def opened_photo(work: Work, person: PersonId) -> AgencyPhoto | None:
    """The photo.  For ``visits.queries.identifying`` alone, which decides who is shown it and when."""
    row = _row(work, person)
    if row is None:
        return None
    text = keys.open_for_person(
        work.session, work.keys, agency=work.agency, person=person, sealed=row.sealed, field=FIELD
    )
    return AgencyPhoto.from_bytes(text)


def _row(work: Work, person: PersonId) -> PersonPhotoRow | None:
    kept = work.session.get(PersonRow, person)
    if kept is None or kept.forgotten_at is not None:
        return None
    return work.session.get(PersonPhotoRow, person)
