"""Whether the agency keeps a photo of somebody, and, for whoever looks at them at the door, the photo."""

from dataclasses import dataclass
from datetime import datetime

from contact_service.ids import PersonId, Ref
from contact_service.keys import queries as keys
from contact_service.people.photo import AgencyPhoto
from contact_service.people.tables import PersonPhotoRow, PersonRow
from contact_service.work import Work

FIELD = "photo"


@dataclass(frozen=True, kw_only=True)
class KeptPhoto:
    """That a photo is kept, by whom and since when; itself it stays sealed."""

    by: Ref
    at: datetime


def photo_kept(work: Work, person: PersonId) -> KeptPhoto | None:
    """Whether one is kept of somebody; of whoever was forgotten none is."""
    row = _row(work, person)
    return KeptPhoto(by=Ref(row.kept_by), at=row.kept_at) if row else None


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
