"""What is known of the staff, and who must have no part in a visit."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlmodel import and_, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from contact_service.actor import Role
from contact_service.database import some
from contact_service.errors import NotAllowed, NotFound
from contact_service.ids import AccountId, CaseId, PersonId, Ref
from contact_service.keys import queries as keys
from contact_service.suitability.fit import Conflict, ConflictKind, Gender, StaffFit
from contact_service.suitability.tables import StaffConflictRow, StaffGenderRow, StaffTrainingRow
from contact_service.work import Work, asked_once

_CONFLICTS = (
    select(StaffConflictRow)
    .where(col(StaffConflictRow.ended_at).is_(None))
    .order_by(col(StaffConflictRow.recorded_at), col(StaffConflictRow.id))
)
_CONFLICTS_ABOUT = _CONFLICTS.where(
    or_(
        col(StaffConflictRow.person_id).in_(some("people")),
        and_(col(StaffConflictRow.person_id).is_(None), col(StaffConflictRow.case_id).in_(some("cases"))),
    )
)
MANAGERS = (Role.APPROVER, Role.ADMINISTRATOR, Role.COMMAND_LINE)


def may_manage(work: Work) -> bool:
    """Whether the actor is one of those who manage staff: they know trainings, and why somebody cannot watch."""
    return any(work.actor.has(role) for role in MANAGERS)


@asked_once
def fits(work: Work) -> Mapping[AccountId, StaffFit]:
    """What is known of everybody of the staff who has anything written down, with two questions."""
    genders = {row.account_id: Gender(row.gender) for row in work.session.exec(select(StaffGenderRow))}
    trainings: dict[str, dict[str, date]] = defaultdict(dict)
    for row in work.session.exec(select(StaffTrainingRow).order_by(StaffTrainingRow.name)):
        trainings[row.account_id][row.name] = row.ends_on
    return {
        AccountId(account): StaffFit(
            account=AccountId(account), gender=genders.get(account), trainings=trainings.get(account, {})
        )
        for account in sorted({*genders, *trainings})
    }


def fit_of(work: Work, account: AccountId) -> StaffFit:
    """What is known of one member of staff: nothing, where nothing is written down."""
    return fits(work).get(account, StaffFit(account=account))


def who_is_barred(work: Work, people: Iterable[PersonId], cases: Iterable[CaseId]) -> frozenset[AccountId]:
    """Those of the staff who must have no part in a visit of these people, whose children are of these cases."""
    return frozenset(one.account for one in conflicts_about(work, frozenset(people), frozenset(cases)))


@asked_once
def conflicts_about(
    work: Work, people: frozenset[PersonId], cases: frozenset[CaseId]
) -> tuple[Conflict, ...]:
    """The conflicts that count now, about any of these people or the whole of any of these cases."""
    return _conflicts(work, _CONFLICTS_ABOUT, people=list(people), cases=list(cases))


def barred_in(
    work: Work, account: AccountId | None, cases: Mapping[CaseId, Collection[PersonId]]
) -> frozenset[CaseId]:
    """Those of ``cases``, each with everybody in it, in which a conflict of interest of ``account`` counts now."""
    if account is None or not cases:
        return frozenset()
    found = _conflicts(work, _CONFLICTS.where(StaffConflictRow.account_id == account))
    people = {one.person for one in found if one.person is not None}
    whole = {one.case for one in found if one.person is None}
    return frozenset(case for case, those in cases.items() if case in whole or people.intersection(those))


def conflicts_in(work: Work, case: CaseId) -> tuple[Conflict, ...]:
    """Those that were declared in a case, about somebody in it or the whole of it; oldest first."""
    return _conflicts(work, _CONFLICTS.where(StaffConflictRow.case_id == case))


def conflicts_of(work: Work, account: AccountId) -> tuple[Conflict, ...]:
    """Those of one member of staff, oldest first; raises ``NotAllowed`` for whoever does not manage staff."""
    _demand_manager(work)
    return _conflicts(work, _CONFLICTS.where(StaffConflictRow.account_id == account))


def own_conflicts(work: Work) -> tuple[Conflict, ...]:
    """Those that the actor has declared of themselves, oldest first: what others declared is not theirs to read."""
    if work.actor.account is None:
        return ()
    own = and_(
        col(StaffConflictRow.account_id) == work.actor.account,
        col(StaffConflictRow.recorded_by) == work.actor.ref,
    )
    return _conflicts(work, _CONFLICTS.where(own))


def reason_of(work: Work, conflict: str) -> str:
    """Why, in words, empty without any; raises ``NotAllowed`` for whoever does not manage staff, ``NotFound``."""
    _demand_manager(work)
    row = work.session.get(StaffConflictRow, conflict)
    if row is None:
        raise NotFound
    if row.sealed is None:
        return ""
    opened = keys.open_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=row.account_id,
        sealed=row.sealed,
        field="staff_conflict",
    )
    return opened.decode()


def _demand_manager(work: Work) -> None:
    if not may_manage(work):
        raise NotAllowed("Only those who manage staff see why somebody cannot watch a visit.")


def _conflicts(
    work: Work, query: SelectOfScalar[StaffConflictRow], **given: list[str]
) -> tuple[Conflict, ...]:
    return tuple(
        Conflict(
            id=row.id,
            account=AccountId(row.account_id),
            case=CaseId(row.case_id),
            person=PersonId(row.person_id) if row.person_id else None,
            kind=ConflictKind(row.kind),
            recorded_at=row.recorded_at,
            recorded_by=Ref(row.recorded_by),
        )
        for row in work.session.exec(query, params=given)
    )
