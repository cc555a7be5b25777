"""Who is in a case, and what forbids whom.  Everything applies the actor's reach: absent and not-yours are alike."""

from collections.abc import Iterable

from sqlmodel import col, select

from contact_service.actor import Role
from contact_service.errors import NotFound
from contact_service.ids import CaseId, PersonId, Ref
from contact_service.keys import queries as keys
from contact_service.people.person import Details, Member, MemberRole, Relation
from contact_service.people.tables import (
    CaseMemberRow,
    CaseRow,
    CaseWorkerRow,
    PersonRow,
    RelationshipRow,
)
from contact_service.work import Work

_SEES_EVERY_CASE = (Role.APPROVER, Role.AUDITOR, Role.SCHEDULE, Role.RELAY, Role.COMMAND_LINE)


def cases_of(work: Work) -> list[CaseId]:
    """The cases within the actor's reach, oldest first."""
    query = select(CaseRow.id).where(CaseRow.agency == work.agency).order_by(col(CaseRow.opened_at))
    if not any(work.actor.has(role) for role in _SEES_EVERY_CASE):
        query = query.join(CaseWorkerRow).where(CaseWorkerRow.account_id == (work.actor.account or ""))
    return [CaseId(row) for row in work.session.exec(query)]


def case_for(work: Work, case: CaseId) -> CaseId:
    """``case`` if it is within the actor's reach; raises ``NotFound``."""
    if case not in cases_of(work):
        raise NotFound
    return case


def zone_of(work: Work, case: CaseId) -> str:
    """The IANA zone in which the case's children live by the clock."""
    return _case_row(work, case).zone


def _case_row(work: Work, case: CaseId) -> CaseRow:
    row = work.session.get(CaseRow, case)
    if row is None or row.agency != work.agency:
        raise NotFound
    return row


def case_of(work: Work, person: PersonId) -> CaseId:
    """The case a person belongs to; raises ``NotFound``."""
    found = work.session.exec(select(CaseMemberRow.case_id).where(CaseMemberRow.person_id == person)).first()
    if found is None:
        raise NotFound
    return CaseId(found)


def details_of(work: Work, person: PersonId) -> Details:
    """A person's own fields, opened; raises ``NotFound``."""
    row = work.session.get(PersonRow, person)
    if row is None or row.agency != work.agency:
        raise NotFound
    text = keys.open_for_person(
        work.session, work.keys, agency=work.agency, person=person, sealed=row.sealed, field="details"
    )
    return Details.from_bytes(text)


def members_of(work: Work, case: CaseId, *, child: PersonId | None = None) -> list[Member]:
    """Everybody in a case: children first, then family, then carers.  Relations are those to ``child``."""
    query = (
        select(CaseMemberRow, RelationshipRow)
        .outerjoin(
            RelationshipRow,
            (col(RelationshipRow.person_id) == col(CaseMemberRow.person_id))
            & (col(RelationshipRow.child_id) == (child or "")),
        )
        .where(CaseMemberRow.case_id == case)
    )
    members = [_member(work, row, relationship) for row, relationship in work.session.exec(query)]
    order = list(MemberRole)
    return sorted(members, key=lambda m: (order.index(m.role), m.details.name))


def member(work: Work, person: PersonId, *, child: PersonId | None = None) -> Member:
    """One person in their case; raises ``NotFound``."""
    row = work.session.exec(select(CaseMemberRow).where(CaseMemberRow.person_id == person)).first()
    if row is None:
        raise NotFound
    relationship = work.session.get(RelationshipRow, (child, person)) if child else None
    return _member(work, row, relationship)


def _member(work: Work, row: CaseMemberRow, relationship: RelationshipRow | None) -> Member:
    person = PersonId(row.person_id)
    role = MemberRole(row.role)
    fallback = Relation.SELF if role is MemberRole.CHILD else Relation.OTHER
    return Member(
        person=person,
        case=CaseId(row.case_id),
        ref=Ref(row.ref),
        role=role,
        relation=Relation(relationship.relation) if relationship else fallback,
        relation_word=relationship.word if relationship else role.value.replace("_", " "),
        details=details_of(work, person),
    )


def refs_of(work: Work, people: Iterable[PersonId]) -> dict[PersonId, Ref]:
    """What the evidence of their case calls each of ``people``."""
    query = select(CaseMemberRow).where(col(CaseMemberRow.person_id).in_(set(people)))
    return {PersonId(row.person_id): Ref(row.ref) for row in work.session.exec(query)}
