"""Follow-ups within the actor's reach."""

from collections.abc import Collection, Iterable

from sqlmodel import col, select

from contact_service.errors import NotFound
from contact_service.follow_ups.follow_up import FollowUp, FollowUpKind, ForRole
from contact_service.follow_ups.tables import FollowUpRow
from contact_service.ids import CaseId, FollowUpId, PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.work import Work


def open_follow_ups(work: Work) -> list[FollowUp]:
    """What is still to be done by somebody of the actor's roles, in cases within reach; the most urgent first."""
    query = (
        select(FollowUpRow)
        .where(FollowUpRow.agency == work.agency, col(FollowUpRow.done_at).is_(None))
        .order_by(col(FollowUpRow.due_at), col(FollowUpRow.id))
    )
    reach = set(people.cases_of(work))
    roles = {role.value for role in work.actor.roles}
    rows = work.session.exec(query)
    return [_follow_up(row) for row in rows if row.for_role in roles and CaseId(row.case_id) in reach]


def follow_ups_of_case(work: Work, case: CaseId) -> list[FollowUp]:
    """Every follow-up of a case, newest first; raises ``NotFound`` when the case is out of reach."""
    people.case_for(work, case)
    query = select(FollowUpRow).where(FollowUpRow.case_id == case).order_by(col(FollowUpRow.made_at).desc())
    return [_follow_up(row) for row in work.session.exec(query)]


def open_about(work: Work, visit: VisitId, *kinds: FollowUpKind) -> list[FollowUp]:
    """What is still to be done about a visit, of these kinds, whoever asks; oldest first."""
    if not kinds:
        return []
    query = (
        select(FollowUpRow)
        .where(
            FollowUpRow.visit_id == visit,
            col(FollowUpRow.kind).in_(kinds),
            col(FollowUpRow.done_at).is_(None),
        )
        .order_by(col(FollowUpRow.made_at), col(FollowUpRow.id))
    )
    return [_follow_up(row) for row in work.session.exec(query)]


def open_in(work: Work, cases: Iterable[CaseId], kinds: Collection[FollowUpKind]) -> list[FollowUp]:
    """What is still to be done in these cases, of these kinds, whoever asks; oldest first."""
    query = (
        select(FollowUpRow)
        .where(
            col(FollowUpRow.case_id).in_(list(cases)),
            col(FollowUpRow.kind).in_([kind.value for kind in kinds]),
            col(FollowUpRow.done_at).is_(None),
        )
        .order_by(col(FollowUpRow.made_at), col(FollowUpRow.id))
    )
    return [_follow_up(row) for row in work.session.exec(query)]


def asked_of(
    work: Work, kind: FollowUpKind, visits: Collection[VisitId]
) -> frozenset[tuple[VisitId, PersonId]]:
    """About whom of these visits something of this kind has been asked for, done or not."""
    query = select(FollowUpRow.visit_id, FollowUpRow.person_id).where(
        FollowUpRow.kind == kind, col(FollowUpRow.visit_id).in_(visits)
    )
    rows = work.session.exec(query)
    return frozenset((VisitId(visit), PersonId(person)) for visit, person in rows if visit and person)


def was_spoken_to(work: Work, visit: VisitId, person: PersonId) -> bool:
    """Whether somebody whom no message about a visit reached was told of it by a person."""
    query = select(FollowUpRow.id).where(
        FollowUpRow.visit_id == visit,
        FollowUpRow.person_id == person,
        FollowUpRow.kind == FollowUpKind.NOT_REACHED,
        FollowUpRow.done_reason == "spoken_to_them",
    )
    return work.session.exec(query).first() is not None


def is_asked(work: Work, about: str) -> bool:
    """Whether this very thing has been asked for, done or not."""
    return work.session.exec(select(FollowUpRow.id).where(FollowUpRow.about == about)).first() is not None


def follow_up_for(work: Work, follow_up: FollowUpId) -> FollowUp:
    """One follow-up within reach; raises ``NotFound``."""
    row = work.session.get(FollowUpRow, follow_up)
    if row is None or not people.within_reach(work, [CaseId(row.case_id)]):
        raise NotFound
    return _follow_up(row)


def _follow_up(row: FollowUpRow) -> FollowUp:
    return FollowUp(
        id=FollowUpId(row.id),
        case=CaseId(row.case_id),
        kind=FollowUpKind(row.kind),
        for_role=ForRole(row.for_role),
        about=row.about,
        visit=VisitId(row.visit_id) if row.visit_id else None,
        person=PersonId(row.person_id) if row.person_id else None,
        made_at=row.made_at,
        due_at=row.due_at,
        not_by=tuple(row.not_by),
        done_at=row.done_at,
        done_by=row.done_by,
        done_reason=row.done_reason,
    )
