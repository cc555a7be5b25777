"""Write readings down: in the access log, and which hour they are of."""

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import col, delete

from contact_service.audit.events import AuditEvent, EventType
from contact_service.ids import CaseId
from contact_service.keys.actions import insert_if_new
from contact_service.readings.queries import not_written_down
from contact_service.readings.reading import hour_of
from contact_service.readings.tables import CaseReadingRow
from contact_service.work import Work


def write_down_what_was_opened(work: Work, *, part: str) -> None:
    """In a Work that changes things: each case whose record it opened, but for those of which it records a change."""
    changed = {event.case for event in work.events}
    opened = [case for case in not_written_down(work, part) if case not in changed]
    write_down(work, opened, part=part)


def write_down(work: Work, cases: Iterable[CaseId], *, part: str) -> None:
    """It stands in the access log that the actor has read this part of each of ``cases``."""
    for case in cases:
        row = {"reader": work.actor.ref, "case_id": case, "part": part, "hour": hour_of(work.now)}
        insert_if_new(work.session, CaseReadingRow, row)
        work.record_reading(AuditEvent(type=EventType.RECORD_READ, case=case, facts=(("part", part),)))


def forget_readings(work: Work, *, kept: timedelta) -> None:
    """Take away which hours were written down long ago; the log itself keeps every entry."""
    work.session.exec(delete(CaseReadingRow).where(col(CaseReadingRow.hour) < work.now - kept))
