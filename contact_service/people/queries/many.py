"""What is known of many people at once, in as many questions to the database as of one; nobody's reach is asked."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import bindparam
from sqlmodel import col, select

from contact_service.database import some
from contact_service.ids import AccountId, CaseId, PersonId
from contact_service.keys import queries as keys
from contact_service.people.person import FORGOTTEN, Details, MemberRole, Relation
from contact_service.people.tables import (
    ApprovedPersonRow,
    CaseMemberRow,
    CaseWorkerRow,
    PersonRow,
    RelationshipRow,
)
from contact_service.work import Work, asked_once_of_each

_AT_ONCE = 500
_SEALED = select(PersonRow.id, PersonRow.sealed).where(
    PersonRow.agency == bindparam("of_agency"),
    col(PersonRow.id).in_(some("people")),
)

_APPROVED = select(ApprovedPersonRow.child_id, ApprovedPersonRow.person_id).where(
    col(ApprovedPersonRow.child_id).in_(some("children")), col(ApprovedPersonRow.ended_at).is_(None)
)


def roles_of_cases(work: Work, cases: Collection[CaseId]) -> dict[CaseId, dict[PersonId, MemberRole]]:
    """Everybody in each case, and as what, in one order; whoever was merged into somebody else is left out."""
    query = (
        select(CaseMemberRow)
        .join(PersonRow, col(PersonRow.id) == col(CaseMemberRow.person_id))
        .where(col(CaseMemberRow.case_id).in_(cases), col(PersonRow.merged_into).is_(None))
        .order_by(col(CaseMemberRow.person_id))
    )
    found: dict[CaseId, dict[PersonId, MemberRole]] = {case: {} for case in cases}
    for row in work.session.exec(query):
        found[CaseId(row.case_id)][PersonId(row.person_id)] = MemberRole(row.role)
    return found


def relations_to(work: Work, children: Collection[PersonId]) -> dict[tuple[PersonId, PersonId], Relation]:
    """What each person is to each of these children, by child and person."""
    query = select(RelationshipRow.child_id, RelationshipRow.person_id, RelationshipRow.relation)
    rows = work.session.exec(query.where(col(RelationshipRow.child_id).in_(children)))
    return {(PersonId(child), PersonId(person)): Relation(relation) for child, person, relation in rows}


@asked_once_of_each
def approved_for_each(work: Work, children: Collection[PersonId]) -> dict[PersonId, frozenset[PersonId]]:
    """Everybody who may be put on a visit now, for each child."""
    found: dict[PersonId, set[PersonId]] = {child: set() for child in children}
    for child, person in work.session.exec(_APPROVED, params={"children": list(children)}):
        found[PersonId(child)].add(PersonId(person))
    return {child: frozenset(approved) for child, approved in found.items()}


def workers_of_each(work: Work, cases: Collection[CaseId]) -> dict[CaseId, tuple[AccountId, ...]]:
    """The accounts that have each case on their caseload, in one order."""
    query = select(CaseWorkerRow).where(col(CaseWorkerRow.case_id).in_(cases))
    found: dict[CaseId, list[AccountId]] = {case: [] for case in cases}
    for row in work.session.exec(query.order_by(col(CaseWorkerRow.account_id))):
        found[CaseId(row.case_id)].append(AccountId(row.account_id))
    return {case: tuple(workers) for case, workers in found.items()}


def details_of_each(work: Work, people: Iterable[PersonId]) -> Mapping[PersonId, Details]:
    """Everybody's own fields, opened, or ``FORGOTTEN``; who is not of this agency is left out."""
    wanted = sorted(set(people))
    found: dict[PersonId, Details] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        found |= _details(work, wanted[first : first + _AT_ONCE])
    return found


def _details(work: Work, people: Collection[PersonId]) -> dict[PersonId, Details]:
    rows = work.session.exec(_SEALED, params={"of_agency": work.agency, "people": list(people)})
    return opened_details(work, {PersonId(person): text for person, text in rows})


def opened_details(work: Work, sealed: Mapping[PersonId, bytes]) -> dict[PersonId, Details]:
    """What was sealed of each person, opened, or ``FORGOTTEN``."""
    opened = keys.open_for_each(work.session, work.keys, agency=work.agency, sealed=sealed, field="details")
    return {
        person: Details.from_bytes(opened[person]) if person in opened else FORGOTTEN for person in sealed
    }
