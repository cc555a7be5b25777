"""Who is in a case, and where the people one asks for belong.

Everything applies the actor's reach: absent and not-yours are alike.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import ColumnElement, String, bindparam
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import Select

from contact_service.actor import Role
from contact_service.database import some
from contact_service.errors import NotFound
from contact_service.ids import CaseId, PersonId, Ref
from contact_service.keys import queries as keys
from contact_service.keys.errors import KeyMissing
from contact_service.people.person import FORGOTTEN, Details, Member, MemberRole, Relation
from contact_service.people.queries import many
from contact_service.people.tables import (
    CaseMemberRow,
    CaseRow,
    CaseWorkerRow,
    EmergencyAccessRow,
    PersonRow,
    RelationshipRow,
)
from contact_service.work import Work, answered_before, asked_once, asked_once_of_each, not_yet_asked, reads


@dataclass(frozen=True, eq=False)
class Reach:
    """Conditions on cases that somebody may see, given ``_asking``; and, put together once, which of some these are."""

    conditions: tuple[ColumnElement[bool], ...]

    @cached_property
    def among(self) -> Select[str, str]:
        """Those of ``cases``, with their zones."""
        return select(CaseRow.id, CaseRow.zone).where(*self.conditions, col(CaseRow.id).in_(some("cases")))


_MEMBERS_TO = (
    select(CaseMemberRow, RelationshipRow)
    .outerjoin(
        RelationshipRow,
        (col(RelationshipRow.person_id) == col(CaseMemberRow.person_id))
        & col(RelationshipRow.child_id).in_(some("children")),
    )
    .where(col(CaseMemberRow.case_id).in_(some("cases")), col(CaseMemberRow.person_id).in_(some("people")))
)
_MEMBERS_OF = (
    select(CaseMemberRow, RelationshipRow, PersonRow.sealed)
    .join_from(CaseMemberRow, PersonRow, col(PersonRow.id) == col(CaseMemberRow.person_id))
    .outerjoin(
        RelationshipRow,
        (col(RelationshipRow.person_id) == col(CaseMemberRow.person_id))
        & (col(RelationshipRow.child_id) == bindparam("child")),
    )
    .where(CaseMemberRow.case_id == bindparam("case"), col(PersonRow.merged_into).is_(None))
    .where(PersonRow.agency == bindparam("of_agency"))
)
_SEES_EVERY_CASE = (
    Role.APPROVER,
    Role.AUDITOR,
    Role.SCHEDULE,
    Role.RELAY,
    Role.COMMAND_LINE,
    Role.WHOLE_AGENCY,
)


# Put together once: every visit asks for these, and that takes a third of the time of asking.
_OWN_CASES = (
    select(CaseMemberRow.person_id, CaseRow.id, CaseRow.agency, CaseRow.zone)
    .join(CaseRow)
    .where(col(CaseMemberRow.person_id).in_(bindparam("people", expanding=True, type_=String)))
    .where(CaseMemberRow.role == MemberRole.CHILD)
)
_PLACES = (
    select(CaseMemberRow.case_id, CaseMemberRow.person_id, CaseMemberRow.role, CaseMemberRow.ref)
    .join(PersonRow, col(PersonRow.id) == col(CaseMemberRow.person_id))
    .where(col(CaseMemberRow.case_id).in_(bindparam("cases", expanding=True, type_=String)))
    .where(col(PersonRow.merged_into).is_(None))
)
_OWN = col(CaseRow.id).in_(
    select(CaseWorkerRow.case_id).where(CaseWorkerRow.account_id == bindparam("account"))
)
_OPENED = col(CaseRow.id).in_(
    select(EmergencyAccessRow.case_id).where(
        EmergencyAccessRow.account_id == bindparam("account"),
        col(EmergencyAccessRow.ended_at).is_(None),
        col(EmergencyAccessRow.until) > bindparam("now"),
    )
)
_OF_THE_AGENCY = col(CaseRow.agency) == bindparam("of_agency")
_EVERY_CASE = Reach((_OF_THE_AGENCY,))
_OWN_CASELOAD = Reach((_OF_THE_AGENCY, _OWN))
_OWN_AND_OPENED = Reach((_OF_THE_AGENCY, or_(_OWN, _OPENED)))


def cases_of(work: Work) -> list[CaseId]:
    """The cases within the actor's reach, oldest first."""
    query = select(CaseRow.id).where(*_reach(work).conditions).order_by(col(CaseRow.opened_at))
    return [CaseId(row) for row in work.session.exec(query, params=_asking(work))]


def _reach(work: Work) -> Reach:
    """Which cases are within the actor's reach: every one, their caseload, or that and what is open to them now."""
    if any(work.actor.has(role) for role in _SEES_EVERY_CASE):
        return _EVERY_CASE
    return _OWN_AND_OPENED if work.actor.has(Role.WORKER) else _OWN_CASELOAD


def _asking(work: Work) -> dict[str, object]:
    """Who asks, and when, for the conditions of a reach."""
    return {"of_agency": work.agency, "account": work.actor.account or "", "now": work.now}


def within_reach(work: Work, cases: Iterable[CaseId]) -> list[CaseId]:
    """Those of ``cases`` that are within the actor's reach, in their own order; asks for no others."""
    wanted = list(cases)
    found = _reached(work, wanted)
    return [case for case in wanted if found[case]]


@asked_once_of_each
@reads("case", "case_worker", "emergency_access")
def _reached(work: Work, cases: Collection[CaseId]) -> dict[CaseId, bool]:
    """Whether each is within the actor's reach."""
    given = _asking(work) | {"cases": list(cases)}
    zones = {CaseId(case): zone for case, zone in work.session.exec(_reach(work).among, params=given)}
    answered_before(
        work, zone_of, {(case,): zone for case, zone in zones.items()}
    )  # asked of most cases next
    return {case: case in zones for case in cases}


def case_for(work: Work, case: CaseId) -> CaseId:
    """``case`` if it is within the actor's reach, from now on opened in this Work; raises ``NotFound``."""
    return open_within_reach(work, (case,))[0]


def open_within_reach(work: Work, cases: Iterable[CaseId]) -> list[CaseId]:
    """Those of ``cases`` within the actor's reach, from now on opened in this Work; raises ``NotFound`` for none.

    The door to everything that one page or answer tells of one child, person, plan or series: who comes through it is
    written down as a reader of the case.
    """
    found = within_reach(work, cases)
    if not found:
        raise NotFound
    for case in found:
        work.opens(case)
    return found


def demand_children(work: Work, children: Collection[PersonId]) -> None:
    """Raise ``NotFound`` unless each is a child of a case within the actor's reach; those are opened in this Work."""
    cases = own_cases(work, children)
    reached = _reached(work, [case for own in cases.values() for case in own])
    if not all(any(reached[case] for case in own) for own in cases.values()):
        raise NotFound
    for case in (case for case, within in reached.items() if within):
        work.opens(case)


def is_on_caseload(work: Work, case: CaseId) -> bool:
    """Whether the actor is one of the case's own workers, whatever else their roles let them see."""
    account = work.actor.account
    own = account is not None and work.session.get(CaseWorkerRow, (case, account)) is not None
    return own and work.actor.has(Role.WORKER)


@asked_once
@reads("case")
def zone_of(work: Work, case: CaseId) -> str:
    """The IANA zone in which the case's children live by the clock."""
    return _case_row(work, case).zone


def zone_of_person(work: Work, person: PersonId) -> str:
    """The IANA zone in whose hours somebody is told of visits.

    A child, and whoever cares for one, lives by the clock of their case.  Everybody else lives by their own, or by the
    agency's where nobody wrote theirs down: never by that of the case, which would tell where the child lives.
    """
    case = case_of(work, person)
    if _membership(work, person, case).role in (MemberRole.CHILD, MemberRole.CAREGIVER):
        return zone_of(work, case)
    return details_of(work, person).zone or work.installation.zone


def _case_row(work: Work, case: CaseId) -> CaseRow:
    row = work.session.get(CaseRow, case)
    if row is None or row.agency != work.agency:
        raise NotFound
    return row


@asked_once
@reads("case", "case_member")
def case_of(work: Work, person: PersonId) -> CaseId:
    """The case a person belongs to: a child's own, else the oldest they are in; raises ``NotFound``."""
    if not (cases := cases_answering_for(work, person)):
        raise NotFound
    return cases[0]


def cases_with(work: Work, person: PersonId) -> list[CaseId]:
    """Every case that a person belongs to, oldest first, whoever asks."""
    query = select(CaseMemberRow.case_id).join(CaseRow).where(CaseMemberRow.person_id == person)
    return [CaseId(row) for row in work.session.exec(query.order_by(col(CaseRow.opened_at), col(CaseRow.id)))]


@asked_once
@reads("case", "case_member")
def cases_answering_for(work: Work, person: PersonId) -> list[CaseId]:
    """The cases whose workers keep what is known of a person: a child's own alone, else every one they are in."""
    return list(own_cases(work, (person,))[person]) or cases_with(work, person)


@asked_once_of_each
@reads("case", "case_member")
def own_cases(work: Work, people: Collection[PersonId]) -> dict[PersonId, tuple[CaseId, ...]]:
    """The case of each child; of whoever is no child none."""
    found: dict[PersonId, list[CaseId]] = {person: [] for person in people}
    zones: dict[tuple[CaseId], str] = {}
    for person, case, agency, zone in work.session.exec(_OWN_CASES, params={"people": list(people)}):
        found[PersonId(person)].append(CaseId(case))
        if agency == work.agency:
            zones[CaseId(case),] = zone
    answered_before(work, zone_of, zones)  # what is asked of most cases next
    return {person: tuple(cases) for person, cases in found.items()}


def _membership(work: Work, person: PersonId, case: CaseId | None) -> CaseMemberRow:
    """The person's place in ``case``; in a child's own or their oldest one when it is None or they are not in it."""
    row = work.session.get(CaseMemberRow, (case, person)) if case else None
    if row is not None:
        return row
    return work.session.get_one(CaseMemberRow, (case_of(work, person), person))


def roles_in(work: Work, case: CaseId) -> dict[PersonId, MemberRole]:
    """Everybody in a case, and as what; whoever was merged into somebody else is left out."""
    return {person: role for person, (role, _) in _places_in(work, (case,))[case].items()}


def know_roles_in(work: Work, cases: Collection[CaseId]) -> None:
    """Read at once who is in each case: ``roles_in`` and ``refs_of`` ask no more for them."""
    _places_in(work, cases)


@asked_once_of_each
@reads("case_member", "person")
def _places_in(work: Work, cases: Collection[CaseId]) -> dict[CaseId, dict[PersonId, tuple[MemberRole, Ref]]]:
    """Everybody in each case who was not merged into somebody else: as what, and what its evidence calls them."""
    found: dict[CaseId, dict[PersonId, tuple[MemberRole, Ref]]] = {case: {} for case in cases}
    for case, person, role, ref in work.session.exec(_PLACES, params={"cases": list(cases)}):
        found[CaseId(case)][PersonId(person)] = (MemberRole(role), Ref(ref))
    return found


@asked_once
def details_of(work: Work, person: PersonId) -> Details:
    """A person's own fields, opened, or ``FORGOTTEN``; raises ``NotFound``."""
    row = work.session.get(PersonRow, person)
    if row is None or row.agency != work.agency:
        raise NotFound
    try:
        text = keys.open_for_person(
            work.session, work.keys, agency=work.agency, person=person, sealed=row.sealed, field="details"
        )
    except KeyMissing:
        if row.forgotten_at is None:
            raise
        return FORGOTTEN
    return Details.from_bytes(text)


def know_details_of(work: Work, people: Iterable[PersonId]) -> None:
    """Read everybody's fields at once: ``details_of`` asks the database of none of them again."""
    _keep_details(work, many.details_of_each(work, not_yet_asked(work, details_of, people)))


def _keep_details(work: Work, found: Mapping[PersonId, Details]) -> None:
    # Whether somebody is forgotten, or a key is missing, is found out when it is asked for.
    known = {(person,): details for person, details in found.items() if details is not FORGOTTEN}
    answered_before(work, details_of, known)


def kept_as(work: Work, person: PersonId) -> PersonId:
    """Under whom a person is kept now: the one they were merged into, else themselves; raises ``NotFound``."""
    row = work.session.get(PersonRow, person)
    if row is None or row.agency != work.agency:
        raise NotFound
    return kept_as(work, PersonId(row.merged_into)) if row.merged_into else person


def members_of(work: Work, case: CaseId, *, child: PersonId | None = None) -> list[Member]:
    """Everybody in a case: children first, then family, carers, professionals.  Relations are those to ``child``.

    Whoever was merged into somebody else is left out.
    """
    return list(_members_of(work, case, child))


@asked_once
def _members_of(work: Work, case: CaseId, child: PersonId | None) -> tuple[Member, ...]:
    given = {"child": child or "", "case": case, "of_agency": work.agency}
    rows = work.session.exec(_MEMBERS_OF, params=given).all()
    sealed = {PersonId(row.person_id): text for row, _, text in rows}
    unknown = not_yet_asked(work, details_of, sealed)
    _keep_details(work, many.opened_details(work, {person: sealed[person] for person in unknown}))
    members = [_member(work, row, relationship) for row, relationship, _ in rows]
    if child is not None and case_of(work, child) == case:
        answered_before(work, member, {(one.person,): one for one in members}, child=child)
    order = list(MemberRole)
    return tuple(sorted(members, key=lambda m: (order.index(m.role), m.details.name)))


def know_members(work: Work, people: Collection[PersonId], children: Iterable[PersonId]) -> None:
    """Read at once who these are to each of the children and in the child's case: ``member`` asks no more for them."""
    know_details_of(work, people)
    cases = {
        child: case_of(work, child) for child in children if not_yet_asked(work, member, people, child=child)
    }
    if not cases:
        return
    given = {"children": list(cases), "cases": list(cases.values()), "people": list(people)}
    places: dict[tuple[str, str], CaseMemberRow] = {}
    relations: dict[tuple[str, str], RelationshipRow] = {}
    for row, relationship in work.session.exec(_MEMBERS_TO, params=given):
        places[row.case_id, row.person_id] = row
        if relationship is not None:
            relations[relationship.child_id, row.person_id] = relationship
    for child, case in cases.items():
        here = {person: places[case, person] for person in people if (case, person) in places}
        known = {
            (person,): _member(work, row, relations.get((child, person))) for person, row in here.items()
        }
        answered_before(work, member, known, child=child)


@asked_once
def member(work: Work, person: PersonId, *, child: PersonId | None = None) -> Member:
    """One person in the case of ``child``, else in their own; raises ``NotFound``."""
    row = _membership(work, person, case_of(work, child) if child else None)
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


def refs_of(work: Work, people: Iterable[PersonId], *, case: CaseId) -> dict[PersonId, Ref]:
    """What the evidence of ``case`` calls each of ``people``; somebody who is not in it goes by a name of their own."""
    wanted, places = dict.fromkeys(people), _places_in(work, (case,))[case]
    found = {person: places[person][1] for person in wanted if person in places}
    if rest := wanted.keys() - found.keys():
        query = select(CaseMemberRow).where(col(CaseMemberRow.person_id).in_(rest))
        rows = sorted(work.session.exec(query), key=lambda row: row.case_id == case)
        found |= {PersonId(row.person_id): Ref(row.ref) for row in rows}
    return found


def names_in(work: Work, case: CaseId) -> dict[Ref, str]:
    """The name of everybody whom the evidence of a case ever called something, also of those merged since."""
    rows = work.session.exec(select(CaseMemberRow).where(CaseMemberRow.case_id == case))
    return {Ref(row.ref): details_of(work, PersonId(row.person_id)).name for row in rows}
