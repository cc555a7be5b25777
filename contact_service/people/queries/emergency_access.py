"""Who opened which case in an emergency; the words why are opened by ``with_words`` alone."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import defer
from sqlmodel import col, or_, select

from contact_service.errors import NotFound
from contact_service.ids import AccountId, CaseId, EmergencyAccessId, PersonId
from contact_service.keys import queries as keys
from contact_service.keys.errors import KeyMissing
from contact_service.people.emergency_access import AccessReason, EmergencyAccess, Finding, Review
from contact_service.people.person import MemberRole
from contact_service.people.queries.many import details_of_each
from contact_service.people.queries.members import members_of
from contact_service.people.tables import (
    CaseMemberRow,
    CaseRow,
    CaseWorkerRow,
    EmergencyAccessRow,
    PersonRow,
)
from contact_service.work import Work

# Of a list nobody needs the words before the case was opened.
_UNSEALED = (
    defer(EmergencyAccessRow.sealed),  # type: ignore[arg-type]
    defer(EmergencyAccessRow.finding_sealed),  # type: ignore[arg-type]
)


def open_to_actor(work: Work, cases: Collection[CaseId]) -> dict[CaseId, EmergencyAccessId]:
    """Those of ``cases`` that are open to the actor now by an emergency, and are not on their caseload."""
    account = work.actor.account
    if account is None or not cases:
        return {}
    own = select(CaseWorkerRow.case_id).where(CaseWorkerRow.account_id == account)
    query = select(EmergencyAccessRow.case_id, EmergencyAccessRow.id).where(
        EmergencyAccessRow.account_id == account,
        col(EmergencyAccessRow.ended_at).is_(None),
        col(EmergencyAccessRow.until) > work.now,
        col(EmergencyAccessRow.case_id).in_(list(cases)),
        col(EmergencyAccessRow.case_id).not_in(own),
    )
    return {CaseId(case): EmergencyAccessId(access) for case, access in work.session.exec(query)}


def emergency_accesses(work: Work) -> list[EmergencyAccess]:
    """Every one of the agency, whoever asks, newest first."""
    return _found(work)


def not_looked_at(work: Work) -> list[EmergencyAccess]:
    """Those of the agency that are over, that the actor did not open and nobody has looked at; the first due first."""
    row = EmergencyAccessRow
    found = _found(
        work,
        col(row.reviewed_by).is_(None),
        or_(col(row.ended_at).is_not(None), col(row.until) <= work.now),
        row.account_id != (work.actor.account or ""),
    )
    return sorted(found, key=lambda one: (one.review_due_at, one.id))


def run_out(work: Work) -> list[EmergencyAccessId]:
    """Those of the agency whose time is over, and of which nothing says yet that they ended; the oldest first."""
    row = EmergencyAccessRow
    query = select(row.id).where(col(row.ended_at).is_(None), col(row.until) <= work.now)
    return [EmergencyAccessId(one) for one in work.session.exec(query.order_by(col(row.until), col(row.id)))]


def open_of_actor(work: Work) -> list[EmergencyAccess]:
    """Those of the actor that are open at this moment, newest first."""
    row = EmergencyAccessRow
    return _found(
        work,
        row.account_id == (work.actor.account or ""),
        col(row.ended_at).is_(None),
        col(row.until) > work.now,
    )


def own_emergency_accesses(work: Work) -> list[EmergencyAccess]:
    """Those of the actor, newest first."""
    return _found(work, EmergencyAccessRow.account_id == (work.actor.account or ""))


def emergency_accesses_of(work: Work, cases: Collection[CaseId]) -> list[EmergencyAccess]:
    """Those of these cases, whoever asks, newest first."""
    return _found(work, col(EmergencyAccessRow.case_id).in_(list(cases)))


def emergency_access_by_id(work: Work, access: EmergencyAccessId) -> EmergencyAccess:
    """One of the agency, whoever asks; raises ``NotFound``."""
    found = _found(work, EmergencyAccessRow.id == access)
    if not found:
        raise NotFound
    return found[0]


def caseload_of(work: Work) -> list[CaseId]:
    """The cases on the actor's own caseload, whatever else they reach."""
    query = select(CaseWorkerRow.case_id).where(CaseWorkerRow.account_id == (work.actor.account or ""))
    return [CaseId(case) for case in work.session.exec(query)]


def children_called(
    work: Work, name: str, *, born_on: date | None, other: str
) -> list[tuple[PersonId, CaseId]]:
    """The children of the agency of whom everything is true that was typed, whoever asks, each with their case.

    ``name`` is a child's whole name; ``born_on`` the birthday, where it is given; ``other`` the whole name of somebody
    else of the case, where it is not empty.  Names fit however they are spaced and whatever their capitals.  Opens
    every child's fields: for a rare question.
    """
    query = (
        select(CaseMemberRow.person_id, CaseMemberRow.case_id)
        .join(CaseRow, col(CaseRow.id) == col(CaseMemberRow.case_id))
        .join(PersonRow, col(PersonRow.id) == col(CaseMemberRow.person_id))
        .where(CaseRow.agency == work.agency, CaseMemberRow.role == MemberRole.CHILD)
        .where(col(PersonRow.merged_into).is_(None), col(PersonRow.forgotten_at).is_(None))
    )
    cases = {PersonId(person): CaseId(case) for person, case in work.session.exec(query)}
    found = [
        (child, cases[child])
        for child, details in details_of_each(work, cases).items()
        if _alike(details.name, name) and (born_on is None or details.born_on == born_on.isoformat())
    ]
    return [(child, case) for child, case in found if not other or _has_another(work, case, child, other)]


def _has_another(work: Work, case: CaseId, child: PersonId, name: str) -> bool:
    return any(_alike(one.details.name, name) for one in members_of(work, case) if one.person != child)


def _alike(one: str, other: str) -> bool:
    return bool(one) and " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def _found(work: Work, *where: Any) -> list[EmergencyAccess]:  # noqa: ANN401  SQLAlchemy's own conditions
    query = select(EmergencyAccessRow).where(EmergencyAccessRow.agency == work.agency, *where)
    order = (col(EmergencyAccessRow.opened_at).desc(), col(EmergencyAccessRow.id))
    return [_access(row) for row in work.session.exec(query.options(*_UNSEALED).order_by(*order))]


def _access(row: EmergencyAccessRow) -> EmergencyAccess:
    return EmergencyAccess(
        id=EmergencyAccessId(row.id),
        case=CaseId(row.case_id),
        child=PersonId(row.child_id),
        account=AccountId(row.account_id),
        reason=AccessReason(row.reason),
        words="",
        opened_at=row.opened_at,
        until=row.until,
        ended_at=row.ended_at,
        review_due_at=row.review_due_at,
        review=_review(row),
    )


def _review(row: EmergencyAccessRow) -> Review | None:
    if row.reviewed_by is None or row.reviewed_at is None or row.finding is None:
        return None
    return Review(by=AccountId(row.reviewed_by), at=row.reviewed_at, finding=Finding(row.finding), words="")


def with_words(work: Work, accesses: Collection[EmergencyAccess]) -> dict[EmergencyAccessId, EmergencyAccess]:
    """Each with the words why, and those of its review.  Whoever asks has come through the door of each case."""
    query = select(EmergencyAccessRow.id, EmergencyAccessRow.sealed, EmergencyAccessRow.finding_sealed)
    ids = [one.id for one in accesses]
    sealed = {row[0]: row[1:] for row in work.session.exec(query.where(col(EmergencyAccessRow.id).in_(ids)))}
    return {one.id: _told(work, one, *sealed[one.id]) for one in accesses}


def _told(work: Work, one: EmergencyAccess, why: bytes, found: bytes | None) -> EmergencyAccess:
    review = one.review
    if review is not None and found is not None:
        review = replace(review, words=_opened(work, one.child, found, "emergency_access_review"))
    return replace(one, told=True, words=_opened(work, one.child, why, "emergency_access"), review=review)


def _opened(work: Work, child: str, sealed: bytes, field: str) -> str:
    try:
        text = keys.open_for_person(
            work.session, work.keys, agency=work.agency, person=child, sealed=sealed, field=field
        )
    except KeyMissing:
        if work.session.get_one(PersonRow, child).forgotten_at is None:
            raise
        return ""
    return text.decode()
