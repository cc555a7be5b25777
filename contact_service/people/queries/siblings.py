"""Which children and workers belong to which case, and who are brothers and sisters; no names are opened."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import col, or_, select

from contact_service.ids import AccountId, CaseId, PersonId
from contact_service.people.person import MemberRole, Relation
from contact_service.people.tables import CaseMemberRow, CaseRow, CaseWorkerRow, PersonRow, RelationshipRow
from contact_service.work import Work

_SIBLINGS = (Relation.SIBLING, Relation.HALF_SIBLING)


def children_of(work: Work, cases: Iterable[CaseId]) -> dict[PersonId, CaseId]:
    """The children of these cases, each with their own; whoever asks."""
    query = (
        select(CaseMemberRow.person_id, CaseMemberRow.case_id)
        .join(PersonRow, col(PersonRow.id) == col(CaseMemberRow.person_id))
        .where(
            CaseMemberRow.role == MemberRole.CHILD,
            col(PersonRow.merged_into).is_(None),
            col(CaseMemberRow.case_id).in_(list(cases)),
        )
        .order_by(col(CaseMemberRow.case_id), col(CaseMemberRow.person_id))
    )
    return {PersonId(person): CaseId(case) for person, case in work.session.exec(query)}


def who_are_children(work: Work, people: Iterable[PersonId]) -> frozenset[PersonId]:
    """Those of ``people`` who are a child of some case."""
    query = select(CaseMemberRow.person_id).where(
        CaseMemberRow.role == MemberRole.CHILD, col(CaseMemberRow.person_id).in_(list(people))
    )
    return frozenset(PersonId(person) for person in work.session.exec(query))


def workers_of(work: Work, case: CaseId) -> list[AccountId]:
    """The accounts that have the case on their caseload."""
    query = select(CaseWorkerRow.account_id).where(CaseWorkerRow.case_id == case)
    return [
        AccountId(account) for account in work.session.exec(query.order_by(col(CaseWorkerRow.account_id)))
    ]


def siblings_of(work: Work, children: Iterable[PersonId]) -> dict[PersonId, frozenset[PersonId]]:
    """The brothers and sisters of each child, half ones too, whichever of the two it was written down for."""
    wanted = list(children)
    found: dict[PersonId, set[PersonId]] = {child: set() for child in wanted}
    query = select(RelationshipRow.child_id, RelationshipRow.person_id).where(
        col(RelationshipRow.relation).in_(_SIBLINGS),
        or_(col(RelationshipRow.child_id).in_(wanted), col(RelationshipRow.person_id).in_(wanted)),
    )
    for one, other in work.session.exec(query):
        for child, sibling in ((PersonId(one), PersonId(other)), (PersonId(other), PersonId(one))):
            if child in found and child != sibling:
                found[child].add(sibling)
    return {child: frozenset(siblings) for child, siblings in found.items()}


def opened_at(work: Work, cases: Iterable[CaseId]) -> dict[CaseId, datetime]:
    """When each case was opened."""
    query = select(CaseRow.id, CaseRow.opened_at).where(col(CaseRow.id).in_(list(cases)))
    return {CaseId(case): at for case, at in work.session.exec(query)}


def zones_of(work: Work, cases: Iterable[CaseId]) -> dict[CaseId, str]:
    """The IANA zone of each case."""
    query = select(CaseRow.id, CaseRow.zone).where(col(CaseRow.id).in_(list(cases)))
    return {CaseId(case): zone for case, zone in work.session.exec(query)}


def merged_people(work: Work) -> dict[PersonId, PersonId]:
    """Whoever was merged into somebody else, with the one who is kept at the end."""
    query = select(PersonRow.id, PersonRow.merged_into).where(
        PersonRow.agency == work.agency, col(PersonRow.merged_into).is_not(None)
    )
    step = {PersonId(one): PersonId(kept) for one, kept in work.session.exec(query) if kept}
    found = {}
    for one, first in step.items():
        kept = first
        while kept in step:
            kept = step[kept]
        found[one] = kept
    return found
