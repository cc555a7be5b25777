"""Which readings are not written down yet, and what the access log tells of a case."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, func, select

from contact_service.actor import Role, StatedPurpose
from contact_service.agency_policy.queries import policy_in_force
from contact_service.audit import queries as audit
from contact_service.audit.queries import OpenedEntry
from contact_service.ids import CaseId, EmergencyAccessId, Ref
from contact_service.keys.queries import open_for_person
from contact_service.people.queries.emergency_access import open_to_actor
from contact_service.people.queries.members import cases_of
from contact_service.readings.purpose import KnownPurpose, ReadingPurpose
from contact_service.readings.reading import hour_of
from contact_service.readings.tables import CaseReadingRow, ReadingPurposeRow
from contact_service.work import Work


def not_written_down(work: Work, part: str) -> list[CaseId]:
    """The cases whose record this Work has opened and of which no reading of ``part`` in this hour stands.

    One for another purpose, or by another emergency access, is another reading.  Asks the database only where a record
    was opened.
    """
    if not work.opened:
        return []
    cases = [CaseId(case) for case in work.opened]
    under = read_under(work, cases)
    query = select(CaseReadingRow.case_id, CaseReadingRow.under).where(
        CaseReadingRow.reader == work.actor.ref,
        CaseReadingRow.part == part,
        col(CaseReadingRow.hour) == hour_of(work.now),
        col(CaseReadingRow.case_id).in_(cases),
    )
    known = {(case, stood_under) for case, stood_under in work.session.exec(query)}
    return [case for case in cases if (case, under[case].key) not in known]


def was_read_since(work: Work, part: str, since: datetime) -> bool:
    """Whether the actor has read this part of a record from the hour of ``since`` on."""
    query = select(CaseReadingRow.case_id).where(
        CaseReadingRow.reader == work.actor.ref,
        CaseReadingRow.part == part,
        col(CaseReadingRow.hour) >= hour_of(since),
    )
    return work.session.exec(query.limit(1)).first() is not None


@dataclass(frozen=True, kw_only=True)
class ReadUnder:
    """The emergency access by which alone a case is open to somebody, and the purpose that they stated."""

    access: EmergencyAccessId | None = None
    purpose: StatedPurpose | None = None

    @property
    def key(self) -> str:
        """What tells readings under different ones apart; empty for neither."""
        return " ".join(filter(None, (self.access, self.purpose.ref if self.purpose else None)))


def read_under(work: Work, cases: Collection[CaseId]) -> dict[CaseId, ReadUnder]:
    """What the actor reads each of ``cases`` under, at this moment and in this sign-in."""
    covered = open_to_actor(work, cases) if work.actor.has(Role.WORKER) else {}
    return {case: ReadUnder(access=covered.get(case), purpose=work.actor.purpose) for case in cases}


def cases_read_since(work: Work, reader: str, since: datetime) -> int:
    """Of how many cases somebody has read the record from the hour of ``since`` on."""
    query = select(func.count(func.distinct(col(CaseReadingRow.case_id)))).where(
        CaseReadingRow.reader == reader, col(CaseReadingRow.hour) >= hour_of(since)
    )
    return work.session.exec(query).one()


def purposes_stated(work: Work, refs: Collection[str]) -> dict[str, KnownPurpose]:
    """What was said under each of these ids of the access log."""
    query = select(ReadingPurposeRow).where(
        ReadingPurposeRow.agency == work.agency, col(ReadingPurposeRow.id).in_(list(refs))
    )
    return {row.id: _known_purpose(work, row) for row in work.session.exec(query)}


def _known_purpose(work: Work, row: ReadingPurposeRow) -> KnownPurpose:
    words = open_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=row.account_id,
        sealed=row.sealed,
        field="reading_purpose",
    )
    return KnownPurpose(purpose=ReadingPurpose(row.purpose), words=words.decode())


def many_cases(work: Work) -> int:
    """Records of so many cases, opened by one person in one day of the agency's, are told of: its policy says so."""
    return policy_in_force(work).limits.cases_read_a_day


def readers_by_day(work: Work) -> list[tuple[date, Ref, int]]:
    """Who read the records of how many cases within reach on each day of the last month, the newest first."""
    zone = ZoneInfo(work.installation.zone)
    cases: dict[tuple[date, str], set[str]] = defaultdict(set)
    own = select(CaseReadingRow).where(col(CaseReadingRow.case_id).in_(cases_of(work)))
    for row in work.session.exec(own):
        cases[row.hour.astimezone(zone).date(), row.reader].add(row.case_id)
    found = [(day, Ref(reader), len(those)) for (day, reader), those in cases.items()]
    return sorted(found, key=lambda one: (one[0], one[2]), reverse=True)


def readings_of(work: Work, case: CaseId) -> list[OpenedEntry]:
    """Every entry of a case in the access log, oldest first; raises an audit error where the log is not whole.

    Whoever asks has seen to it that the reader may know.
    """
    return audit.history_of(
        work.session, keys=work.keys, agency=work.agency, origin=work.installation.access_log, case=case
    )
