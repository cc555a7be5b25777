"""Open a case, add people to it, say what they are to each other."""

from dataclasses import dataclass

from sqlmodel import select

from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import BadInput, NotFound
from contact_service.ids import AccountId, CaseId, PersonId
from contact_service.keys import actions as keys
from contact_service.people import queries
from contact_service.people.person import Details, MemberRole, Relation
from contact_service.people.tables import (
    CaseMemberRow,
    CaseRow,
    CaseWorkerRow,
    PersonRow,
    RelationshipRow,
)
from contact_service.work import Work


def open_case(work: Work, *, zone: str, workers: tuple[AccountId, ...]) -> CaseId:
    """Open an empty case on the caseload of ``workers``."""
    case = CaseId(work.new_id())
    work.session.add(CaseRow(id=case, agency=work.agency, zone=zone, opened_at=work.now))
    work.session.flush()
    for account in workers:
        work.session.add(CaseWorkerRow(case_id=case, account_id=account))
    work.record(AuditEvent(type=EventType.CASE_OPENED, case=case))
    return case


def add_person(work: Work, case: CaseId, details: Details, role: MemberRole) -> PersonId:
    """Add a person to a case; personal fields are sealed under a new key of the person's own."""
    if not details.name.strip() or not details.known_as.strip():
        raise BadInput("Write the full name, and the name that others may see.", "name")
    person, ref = PersonId(work.new_id()), work.new_id()
    sealed = keys.seal_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=person,
        plaintext=details.to_bytes(),
        field="details",
    )
    work.session.add(PersonRow(id=person, agency=work.agency, sealed=sealed))
    work.session.flush()
    work.session.add(CaseMemberRow(case_id=case, person_id=person, ref=ref, role=role))
    work.session.flush()
    work.record(AuditEvent(type=EventType.PERSON_ADDED, case=case, subjects=(Subject(ref=ref, role=role),)))
    return person


def lock_person(work: Work, person: PersonId) -> None:
    """Let nobody else change what hangs on this person until the end of the transaction; raises ``NotFound``."""
    row = work.session.exec(select(PersonRow).where(PersonRow.id == person).with_for_update()).first()
    if row is None or row.agency != work.agency:
        raise NotFound


@dataclass(frozen=True, kw_only=True)
class Tie:
    """What ``person`` is to ``child``."""

    child: PersonId
    person: PersonId
    relation: Relation
    word: str


def relate(work: Work, tie: Tie) -> None:
    """Say what a person is to a child."""
    row = RelationshipRow(child_id=tie.child, person_id=tie.person, relation=tie.relation, word=tie.word)
    work.session.add(row)
    refs = queries.refs_of(work, [tie.child, tie.person])
    work.record(
        AuditEvent(
            type=EventType.PERSON_ADDED,
            case=queries.case_of(work, tie.child),
            subjects=(
                Subject(ref=refs[tie.child], role="child"),
                Subject(ref=refs[tie.person], role=tie.relation),
            ),
        )
    )
