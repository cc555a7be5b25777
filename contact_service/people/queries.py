"""Who is in a case, and what forbids whom.  Everything applies the actor's reach: absent and not-yours are alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, or_, select

from contact_service.actor import Role
from contact_service.errors import NotFound
from contact_service.ids import CaseId, PersonId, Ref, RestrictionId
from contact_service.keys import queries as keys
from contact_service.people.person import Details, Member, MemberRole, Relation, RestrictionKind
from contact_service.people.tables import (
    CaseMemberRow,
    CaseRow,
    CaseWorkerRow,
    PersonRow,
    RelationshipRow,
    RestrictionRow,
)
from contact_service.work import Work

_SEES_EVERY_CASE = (Role.APPROVER, Role.AUDITOR, Role.SCHEDULE, Role.RELAY, Role.COMMAND_LINE)


@dataclass(frozen=True, kw_only=True)
class Restriction:
    """A rule that says who may not meet whom."""

    id: RestrictionId
    kind: RestrictionKind
    people: frozenset[PersonId]
    source: str
    starts_at: datetime
    ends_at: datetime | None

    def in_force(self, at: datetime) -> bool:
        """Whether it binds at ``at``; an order binds from the instant it starts, and not at its end."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


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


def restrictions_of(work: Work, case: CaseId) -> list[Restriction]:
    """Every restriction ever recorded in a case, newest first."""
    query = (
        select(RestrictionRow)
        .where(RestrictionRow.case_id == case)
        .order_by(col(RestrictionRow.starts_at).desc())
    )
    return [_restriction(row) for row in work.session.exec(query)]


def restrictions_between(work: Work, people: Iterable[PersonId], *, at: datetime) -> list[Restriction]:
    """Restrictions in force at ``at`` of which both people are among ``people``."""
    wanted = set(people)
    query = select(RestrictionRow).where(
        col(RestrictionRow.person_id).in_(wanted),
        col(RestrictionRow.other_id).in_(wanted),
        RestrictionRow.starts_at <= at,
        or_(col(RestrictionRow.ends_at).is_(None), col(RestrictionRow.ends_at) > at),
    )
    return [_restriction(row) for row in work.session.exec(query)]


def _restriction(row: RestrictionRow) -> Restriction:
    return Restriction(
        id=RestrictionId(row.id),
        kind=RestrictionKind(row.kind),
        people=frozenset({PersonId(row.person_id), PersonId(row.other_id)}),
        source=row.source,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
