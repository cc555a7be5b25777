"""Which readings are not written down yet, and what the access log tells of a case."""

from sqlmodel import col, select

from contact_service.audit import queries as audit
from contact_service.audit.queries import OpenedEntry
from contact_service.ids import CaseId
from contact_service.readings.reading import hour_of
from contact_service.readings.tables import CaseReadingRow
from contact_service.work import Work


def not_written_down(work: Work, part: str) -> list[CaseId]:
    """The cases whose record this Work has opened and of which no reading of ``part`` in this hour stands.

    Asks the database only where a record was opened.
    """
    if not work.opened:
        return []
    query = select(CaseReadingRow.case_id).where(
        CaseReadingRow.reader == work.actor.ref,
        CaseReadingRow.part == part,
        col(CaseReadingRow.hour) == hour_of(work.now),
        col(CaseReadingRow.case_id).in_(work.opened),
    )
    known = set(work.session.exec(query))
    return [CaseId(case) for case in work.opened if case not in known]


def readings_of(work: Work, case: CaseId) -> list[OpenedEntry]:
    """Every entry of a case in the access log, oldest first; raises an audit error where the log is not whole.

    Whoever asks has seen to it that the reader may know.
    """
    return audit.history_of(
        work.session, keys=work.keys, agency=work.agency, origin=work.installation.access_log, case=case
    )
