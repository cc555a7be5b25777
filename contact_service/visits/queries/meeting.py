"""Visits as they were for a child and each person: who came, how long they were together, what was said afterwards.

Columns are read and no rows are made of them: an overview reads every visit of every child.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlmodel import col, or_, select

from contact_service.ids import PersonId, VisitId
from contact_service.visits.loss import SideReason
from contact_service.visits.pair import NOT_COME, ChildSeen, Device, Pair, Said, Stretch, VisitSeen
from contact_service.visits.tables import (
    AttendanceRow,
    OwedDecisionRow,
    SharingChildRow,
    SideReasonRow,
    VisitParticipantRow,
    VisitRow,
)
from contact_service.visits.visit import Outcome, ParticipantRole, VisitState
from contact_service.work import Work


def visits_seen(
    work: Work, children: Sequence[PersonId], *, same: Mapping[PersonId, PersonId]
) -> list[VisitSeen]:
    """Every visit with one of these children in it, by start; ``same`` names whom a merged person is now."""
    shared = select(SharingChildRow.visit_id).where(col(SharingChildRow.child_id).in_(children))
    joined = select(VisitParticipantRow.visit_id).where(col(VisitParticipantRow.person_id).in_(children))
    query = (
        select(  # type: ignore[call-overload]  # more columns than its overloads know
            VisitRow.id,
            VisitRow.state,
            VisitRow.reason,
            VisitRow.starts_at,
            VisitRow.ends_at,
            VisitRow.child_id,
            VisitRow.caregiver_id,
            VisitRow.outcome,
        )
        .where(
            or_(
                col(VisitRow.child_id).in_(children),
                col(VisitRow.id).in_(shared),
                col(VisitRow.id).in_(joined),
            )
        )
        .order_by(col(VisitRow.starts_at), col(VisitRow.id))
    )
    found = {
        row[0]: VisitSeen(
            id=VisitId(row[0]),
            state=VisitState(row[1]),
            reason=row[2],
            starts_at=row[3],
            ends_at=row[4],
            children={PersonId(row[5]): _child(row[6], row[7])},
            devices=[],
        )
        for row in work.session.exec(query)
    }
    _add_sharing(work, found)
    _add_devices(work, found, same)
    return list(found.values())


def _child(carer: str | None, outcome: str | None) -> ChildSeen:
    return ChildSeen(carer=PersonId(carer) if carer else None, outcome=Outcome(outcome) if outcome else None)


def _add_sharing(work: Work, visits: Mapping[str, VisitSeen]) -> None:
    query = select(
        SharingChildRow.visit_id,
        SharingChildRow.child_id,
        SharingChildRow.caregiver_id,
        SharingChildRow.outcome,
    ).where(col(SharingChildRow.visit_id).in_(list(visits)))
    for visit, child, carer, outcome in work.session.exec(query):
        visits[visit].children[PersonId(child)] = _child(carer, outcome)


def _add_devices(work: Work, visits: Mapping[str, VisitSeen], same: Mapping[PersonId, PersonId]) -> None:
    stretches = _stretches(work, visits)
    query = select(  # type: ignore[call-overload]
        VisitParticipantRow.id,
        VisitParticipantRow.visit_id,
        VisitParticipantRow.person_id,
        VisitParticipantRow.role,
        VisitParticipantRow.stage,
    ).where(col(VisitParticipantRow.visit_id).in_(list(visits)))
    for key, visit, person, role, stage in work.session.exec(query):
        own = stretches.get(key, [])
        holder = PersonId(person) if person else None
        carers = {one.carer for one in visits[visit].children.values()}
        kept = holder if holder is None or holder in carers else same.get(holder, holder)
        visits[visit].devices.append(
            Device(
                person=kept,
                role=ParticipantRole(role),
                came=bool(own) or stage not in NOT_COME,
                stretches=own,
            )
        )


def _stretches(work: Work, visits: Mapping[str, VisitSeen]) -> dict[str, list[Stretch]]:
    query = (
        select(AttendanceRow.participant_id, AttendanceRow.admitted_at, AttendanceRow.left_at)
        .join(VisitParticipantRow, col(VisitParticipantRow.id) == col(AttendanceRow.participant_id))
        .where(col(VisitParticipantRow.visit_id).in_(list(visits)))
    )
    found: dict[str, list[Stretch]] = defaultdict(list)
    for participant, admitted_at, left_at in work.session.exec(query):
        found[participant].append((admitted_at, left_at or work.now))
    return found


def what_was_said(work: Work, children: Sequence[PersonId], *, same: Mapping[PersonId, PersonId]) -> Said:
    """The newest reason and the newest decision about each visit, child and person; ``same`` as for the visits."""

    def pair(visit: str, child: str, person: str) -> Pair:
        return VisitId(visit), PersonId(child), same.get(PersonId(person), PersonId(person))

    reasons = select(
        SideReasonRow.visit_id, SideReasonRow.child_id, SideReasonRow.person_id, SideReasonRow.reason
    ).where(col(SideReasonRow.child_id).in_(children))
    decisions = select(
        OwedDecisionRow.visit_id, OwedDecisionRow.child_id, OwedDecisionRow.person_id, OwedDecisionRow.owed
    ).where(col(OwedDecisionRow.child_id).in_(children))
    return Said(
        reasons={
            pair(v, c, p): SideReason(reason)
            for v, c, p, reason in work.session.exec(reasons.order_by(col(SideReasonRow.number)))
        },
        decisions={
            pair(v, c, p): owed
            for v, c, p, owed in work.session.exec(decisions.order_by(col(OwedDecisionRow.number)))
        },
    )
