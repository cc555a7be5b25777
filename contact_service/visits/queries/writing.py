"""Live notes and the record, opened for a reader who may see the visit."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from contact_service.errors import NotFound
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.keys import queries as keys
from contact_service.visits.queries.finding import children_within, visit_for
from contact_service.visits.record import Note, Remark, Sections
from contact_service.visits.tables import VisitNoteRow, VisitRecordRow
from contact_service.visits.visit import Visit
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class WrittenRecord:
    """The record as submitted, and by whom it was signed off."""

    sections: Sections
    submitted_by: AccountId
    submitted_at: datetime
    signed_off_by: AccountId | None
    signed_off_at: datetime | None

    def is_signed_before(self, note: Note) -> bool:
        """Whether a text was written when the record was signed off already, so that nobody signed it."""
        return self.signed_off_at is not None and note.at > self.signed_off_at


def notes_of(work: Work, visit: VisitId) -> list[Note]:
    """The live notes of a visit, oldest first."""
    return remarks_of(work, visit, Remark.LIVE)


def remarks_of(work: Work, visit: VisitId, kind: Remark) -> list[Note]:
    """The texts of one kind about a visit, oldest first."""
    child = visit_for(work, visit).child
    rows = work.session.exec(
        select(VisitNoteRow)
        .where(VisitNoteRow.visit_id == visit, VisitNoteRow.child_id == child, VisitNoteRow.kind == kind)
        .order_by(col(VisitNoteRow.at))
    )
    return [
        Note(at=r.at, author=r.author, text=_opened(work, child, r.sealed, "visit-note").decode())
        for r in rows
    ]


def record_of(work: Work, visit: VisitId, *, child: PersonId | None = None) -> WrittenRecord | None:
    """The record of a child's visit, or None before it was submitted; of the child it is seen from when none is named.

    Raises ``NotFound`` for a child whose matters the actor may not read.
    """
    found = visit_for(work, visit)
    child = child or found.child
    if child not in children_within(work, found):
        raise NotFound
    row = work.session.get(VisitRecordRow, (visit, child))
    if row is None:
        return None
    return WrittenRecord(
        sections=Sections.from_bytes(_opened(work, child, row.sealed, "visit-record")),
        submitted_by=AccountId(row.submitted_by),
        submitted_at=row.submitted_at,
        signed_off_by=AccountId(row.signed_off_by) if row.signed_off_by else None,
        signed_off_at=row.signed_off_at,
    )


def records_due(work: Work, visit: Visit) -> tuple[PersonId, ...]:
    """The children of a visit whose record nobody has written, in their order."""
    written = {row.child_id for row in _records(work, visit)}
    return tuple(one.child for one in visit.children if one.child not in written)


def sign_offs_due(work: Work, visit: Visit) -> tuple[PersonId, ...]:
    """The children of a visit whose record nobody has signed off, in their order."""
    signed = {row.child_id for row in _records(work, visit) if row.signed_off_by is not None}
    return tuple(one.child for one in visit.children if one.child not in signed)


def _records(work: Work, visit: Visit) -> list[VisitRecordRow]:
    return list(work.session.exec(select(VisitRecordRow).where(VisitRecordRow.visit_id == visit.id)))


def _opened(work: Work, person: str, sealed: bytes, field: str) -> bytes:
    return keys.open_for_person(
        work.session, work.keys, agency=work.agency, person=person, sealed=sealed, field=field
    )
