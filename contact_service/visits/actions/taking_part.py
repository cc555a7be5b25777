"""Write down whose visit it is and who takes part in it, and exchange some of them for others."""

from sqlmodel import col, func, select

from contact_service.ids import PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.visits.tables import SharingChildRow, VisitParticipantRow, VisitRow
from contact_service.visits.visit import ParticipantRole, Stage
from contact_service.visits.wish import ChildWished, Wish
from contact_service.work import Work


def add_children(work: Work, row: VisitRow, wish: Wish) -> None:
    """Add the further children, each under the plan of their own that stands now."""
    for place, one in enumerate(wish.sharing, 1):
        _add_child(work, row, one, place)
    work.session.flush()


def _add_child(work: Work, row: VisitRow, one: ChildWished, place: int) -> None:
    plan = plans.plan_for(work, one.child)
    # R1 and R10 hold for each child, so neither is missing.
    assert plan
    assert one.caregiver
    work.session.add(
        SharingChildRow(
            visit_id=row.id,
            child_id=one.child,
            place=place,
            case_id=people.case_of(work, one.child),
            plan_id=plan.id,
            plan_version=plan.version,
            caregiver_id=one.caregiver,
        )
    )


def add_participants(work: Work, row: VisitRow, wish: Wish) -> None:
    """Add everybody who joins by a link, and whoever watches."""
    for person, role in _joining(wish):
        _add_participant(work, row, person, role)
    work.session.add(
        VisitParticipantRow(
            id=work.new_id(),
            visit_id=row.id,
            account_id=row.supervisor_id,
            role=ParticipantRole.VISIT_SUPERVISOR,
            stage=Stage.INVITED,
        )
    )
    work.session.flush()


def _joining(wish: Wish) -> dict[tuple[PersonId, ParticipantRole], None]:
    links = [(person, ParticipantRole.FAMILY_MEMBER) for person in wish.people]
    links += [(one.caregiver, ParticipantRole.CAREGIVER) for one in wish.children if one.caregiver]
    return dict.fromkeys(links)


def _add_participant(work: Work, row: VisitRow, person: PersonId, role: ParticipantRole) -> None:
    work.session.add(
        VisitParticipantRow(
            id=work.new_id(), visit_id=row.id, person_id=person, role=role, stage=Stage.INVITED
        )
    )


def let_take_part(work: Work, row: VisitRow, wish: Wish) -> None:
    """Have just those of ``wish`` in a locked visit that nobody was invited to yet; whoever stays, stays as they are.

    A child who is new to it comes under the plan of their own that stands now.
    """
    sharing = {one.child: one for one in wish.sharing}
    kept = set()
    for child in work.session.exec(select(SharingChildRow).where(SharingChildRow.visit_id == row.id)).all():
        kept.add(PersonId(child.child_id))
        if child.child_id not in sharing:
            work.session.delete(child)
    work.session.flush()
    last = select(func.max(col(SharingChildRow.place))).where(SharingChildRow.visit_id == row.id)
    first = (work.session.exec(last).one() or 0) + 1
    new = [one for child, one in sharing.items() if child not in kept]
    for place, one in enumerate(new, first):
        _add_child(work, row, one, place)
    joining = _joining(wish)
    for there in work.session.exec(
        select(VisitParticipantRow).where(
            VisitParticipantRow.visit_id == VisitId(row.id), col(VisitParticipantRow.person_id).is_not(None)
        )
    ).all():
        who = (PersonId(there.person_id or ""), ParticipantRole(there.role))
        if who in joining:
            del joining[who]
        else:
            work.session.delete(there)
    for person, role in joining:
        _add_participant(work, row, person, role)
    work.session.flush()
