"""What establishments were asked and said, and who takes part without their yes."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from contact_service.clearances.clearance import Answer, Clearance, Meets, Standing, asked_there, standing
from contact_service.clearances.tables import ClearanceRow
from contact_service.database import some
from contact_service.ids import CaseId, PersonId, PoolId, Ref
from contact_service.keys import queries as keys
from contact_service.keys.errors import KeyMissing
from contact_service.people.person import MemberRole
from contact_service.people.queries import members
from contact_service.people.queries.approved import approved_for
from contact_service.people.queries.members import own_cases
from contact_service.people.queries.siblings import children_of, who_are_children
from contact_service.pools.pool import Pool, PoolLink
from contact_service.pools.queries import links_of
from contact_service.work import Work, asked_once_of_each, reads

_ASKED = (
    select(ClearanceRow)
    .where(col(ClearanceRow.person_id).in_(some("people")))
    .order_by(col(ClearanceRow.asked_at), col(ClearanceRow.id))
)


@asked_once_of_each
@reads("clearance")
def clearances_of_each(work: Work, people: Collection[PersonId]) -> Mapping[PersonId, tuple[Clearance, ...]]:
    """Everything that was asked about each of ``people``, as it was asked; to be shown only within reach."""
    found: dict[PersonId, list[Clearance]] = {person: [] for person in people}
    for row in work.session.exec(_ASKED, params={"people": sorted(found)}):
        found[PersonId(row.person_id)].append(_clearance(row))
    return {person: tuple(asked) for person, asked in found.items()}


def clearances_of(work: Work, person: PersonId) -> tuple[Clearance, ...]:
    """As ``clearances_of_each``, of one."""
    return clearances_of_each(work, (person,))[person]


def clearances_within_reach(work: Work, person: PersonId) -> tuple[Clearance, ...]:
    """Those of them that the actor may read: asked in a case within reach."""
    return tuple(
        one
        for one in clearances_of(work, person)
        if members.within_reach(work, asked_in(work, person, one.child))
    )


def _clearance(row: ClearanceRow) -> Clearance:
    return Clearance(
        id=row.id,
        pool=PoolId(row.pool_id),
        person=PersonId(row.person_id),
        child=PersonId(row.child_id),
        asked_by=Ref(row.asked_by),
        asked_at=row.asked_at,
        answer=Answer(row.answer),
        answered_by=Ref(row.answered_by) if row.answered_by else None,
        answered_at=row.answered_at,
        last=row.last_on,
    )


def reference_of(work: Work, clearance: Clearance) -> str:
    """What the establishment calls it, as it was written down last; empty where the person was forgotten."""
    row = work.session.get_one(ClearanceRow, clearance.id)
    try:
        opened = keys.open_for_person(
            work.session,
            work.keys,
            agency=work.agency,
            person=row.person_id,
            sealed=row.sealed,
            field="clearance",
        )
    except KeyMissing:
        return ""
    return opened.decode()


def establishment_of(work: Work, person: PersonId, at: datetime) -> Pool | None:
    """The establishment from which somebody takes part on the day of ``at``, where it is one that clears contact."""
    return _establishment_among(links_of(work, frozenset({person})), person, at)


def _establishment_among(links: Iterable[PoolLink], person: PersonId, at: datetime) -> Pool | None:
    return next((o.pool for o in links if o.person == person and o.pool.desk and o.counts_at(at)), None)


def standing_for(work: Work, person: PersonId, child: PersonId, pool: Pool, at: datetime) -> Standing:
    """Where the clearance stands on the day of ``at``, by the clock of the establishment."""
    found = asked_there(clearances_of(work, person), child, pool.id)
    return standing(found, at.astimezone(ZoneInfo(pool.zone)).date())


def uncleared(
    work: Work, meetings: Iterable[Meets], at: datetime, *, among: frozenset[PersonId] = frozenset()
) -> list[tuple[Meets, Pool, Standing]]:
    """Those of ``meetings`` that would be from an establishment on that day without its yes, and why.

    ``among``: everybody of the visit, from where they all take part having been asked already.
    """
    those = sorted(meetings, key=lambda one: (one.person, one.child))
    links = links_of(work, among | {one.there for one in those})
    found: list[tuple[Meets, Pool, Standing]] = []
    for one in those:
        pool = _establishment_among(links, one.there, at)
        stands = standing_for(work, one.person, one.child, pool, at) if pool else Standing.GRANTED
        if pool is not None and stands is not Standing.GRANTED:
            found.append((one, pool, stands))
    return found


def links_where(work: Work, person: PersonId) -> tuple[PoolLink, ...]:
    """From where somebody takes part; a child does from where the carers of their case do, who bring them."""
    own = own_cases(work, (person,))[person]
    carers = (
        one
        for case in own
        for one, role in members.roles_in(work, case).items()
        if role is MemberRole.CAREGIVER
    )
    return links_of(work, frozenset(carers) if own else frozenset({person}))


def asked_in(work: Work, person: PersonId, child: PersonId) -> list[CaseId]:
    """The cases whose workers ask whether ``person`` may meet ``child``, and alone read of it; oldest first.

    The child’s own, where the person belongs to it.  Of a child of another case, and of whoever cares for that child,
    it is theirs alone: nobody else knows from where they take part.
    """
    own = members.case_of(work, child)
    return [
        case
        for case in members.cases_answering_for(work, person)
        if case == own or _comes_from(members.roles_in(work, case), person, child)
    ]


def _comes_from(roles: Mapping[PersonId, MemberRole], person: PersonId, child: PersonId) -> bool:
    return child in roles and roles.get(person) in (MemberRole.CAREGIVER, MemberRole.CHILD)


def children_met(work: Work, person: PersonId) -> tuple[PersonId, ...]:
    """The children of whom an establishment may be asked for ``person``, by whoever acts.

    Those of the cases within reach to which the person belongs; and those who may share a visit with a child whom the
    person is or brings: each of the two is approved to meet the other.
    """
    found: dict[PersonId, None] = {}
    for case in members.within_reach(work, members.cases_answering_for(work, person)):
        own = sorted(children_of(work, (case,)))
        found |= dict.fromkeys(one for one in own if one != person)
        with_them = [one for one in own if one == person] or own
        sharing = sorted({other for one in with_them for other in _who_may_share(work, one)})
        found |= dict.fromkeys(
            one for one in sharing if one != person and case in asked_in(work, person, one)
        )
    return tuple(found)


def _who_may_share(work: Work, child: PersonId) -> Iterable[PersonId]:
    """The children who may share a visit with ``child``: the plans of both name the other, who is approved."""
    named = who_are_children(work, approved_for(work, child))
    return (other for other in named if child in approved_for(work, other))
