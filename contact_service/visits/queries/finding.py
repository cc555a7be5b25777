"""Visits within the actor's reach, who is in them, and the facts that the rules look at."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, or_, select

from contact_service.actor import Role
from contact_service.errors import NotFound
from contact_service.ids import AccountId, CaseId, InvitationId, PersonId, PlanId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans.terms import SupervisionLevel
from contact_service.visits.tables import (
    AttendanceRow,
    RoomVersionRow,
    SharingChildRow,
    VisitParticipantRow,
    VisitRow,
)
from contact_service.visits.visit import (
    Company,
    Emergency,
    EmergencyReason,
    Latch,
    Outcome,
    Participant,
    ParticipantRole,
    Stage,
    Visit,
    VisitChild,
    VisitState,
)
from contact_service.work import Work


def visit_for(work: Work, visit: VisitId) -> Visit:
    """A visit within the actor's reach, from their side; raises ``NotFound`` for absent and not-yours alike."""
    row = work.session.get(VisitRow, visit)
    found = _reached(work, row) if row is not None else None
    if found is None:
        raise NotFound
    return found


def _reached(work: Work, row: VisitRow) -> Visit | None:
    """A visit supervisor reaches the visits they watch; a family member the one of their link; others by case.

    A visit that several children share is seen from the first of them whose case is within reach.
    """
    if work.actor.account is not None and work.actor.account in (row.supervisor_id, row.duty_id):
        return _visit(work, row)
    if work.actor.person is not None:
        there = any(p.person_id == work.actor.person for p in _participant_rows(work, [row.id]))
        return _visit(work, row).facing(work.actor.person) if there else None
    children = _children(work, row)
    cases = people.within_reach(work, [one.case for one in children])
    reached = next((one.child for one in children if one.case in cases), None)
    return _visit(work, row).seen_from(reached) if reached else None


def _all_reached(work: Work, rows: Iterable[VisitRow]) -> list[Visit]:
    return [visit for row in rows if (visit := _reached(work, row)) is not None]


def children_within(work: Work, visit: Visit) -> tuple[PersonId, ...]:
    """The children of a visit whose own matters the actor may read: all for its staff, else those within reach."""
    if work.actor.account is not None and work.actor.account in (visit.supervisor, visit.duty):
        return tuple(one.child for one in visit.children)
    cases = people.within_reach(work, [one.case for one in visit.children])
    return tuple(one.child for one in visit.children if one.case in cases)


def visits_between(work: Work, first: datetime, last: datetime) -> list[Visit]:
    """Visits within reach that start in [first, last), by start."""
    query = (
        select(VisitRow)
        .where(VisitRow.starts_at >= first, VisitRow.starts_at < last)
        .order_by(col(VisitRow.starts_at), col(VisitRow.id))
    )
    return _all_reached(work, work.session.exec(query).all())


def visits_in(work: Work, states: Iterable[VisitState]) -> list[Visit]:
    """Visits within reach in any of ``states``, by start."""
    query = select(VisitRow).where(col(VisitRow.state).in_(list(states))).order_by(col(VisitRow.starts_at))
    return _all_reached(work, work.session.exec(query).all())


def visits_out_of_reach(work: Work, states: Iterable[VisitState]) -> list[Visit]:
    """Visits in ``states`` that the actor may not see; only to be counted, never to be shown."""
    query = select(VisitRow).where(col(VisitRow.state).in_(list(states))).order_by(col(VisitRow.starts_at))
    return [_visit(work, row) for row in work.session.exec(query).all() if _reached(work, row) is None]


def visits_of_child(work: Work, child: PersonId, states: Iterable[VisitState]) -> list[Visit]:
    """Every visit of a child in ``states``, by start, from their side, whoever asks: to count, and not to show."""
    shared = select(SharingChildRow.visit_id).where(SharingChildRow.child_id == child)
    query = (
        select(VisitRow)
        .where(or_(VisitRow.child_id == child, col(VisitRow.id).in_(shared)))
        .where(col(VisitRow.state).in_(list(states)))
        .order_by(col(VisitRow.starts_at))
    )
    return [_visit(work, row).seen_from(child) for row in work.session.exec(query).all()]


def visit_of_room(work: Work, room: str) -> Visit | None:
    """The visit that a relay knows by this room id."""
    row = work.session.exec(select(VisitRow).where(VisitRow.room == room)).first()
    return _visit(work, row) if row else None


def visits_with(work: Work, two: frozenset[PersonId], states: Iterable[VisitState]) -> list[Visit]:
    """Visits in ``states`` in which both of ``two`` would meet, as child, family member or caregiver."""
    query = select(VisitRow).where(col(VisitRow.state).in_(list(states)))
    visits = [_visit(work, row) for row in work.session.exec(query)]
    return [visit for visit in visits if two <= visit.people]


def minutes_of(work: Work, visit: Visit) -> dict[str, int]:
    """Whole minutes that each participant was in the visit, from admissions and leavings; open stretches run to now."""
    ids = [p.id for p in visit.participants]
    rows = work.session.exec(select(AttendanceRow).where(col(AttendanceRow.participant_id).in_(ids)))
    seconds = dict.fromkeys(ids, 0.0)
    for row in rows:
        seconds[row.participant_id] += ((row.left_at or work.now) - row.admitted_at).total_seconds()
    return {participant: round(value / 60) for participant, value in seconds.items()}


def _participant_rows(work: Work, visits: Sequence[str]) -> list[VisitParticipantRow]:
    query = select(VisitParticipantRow).where(col(VisitParticipantRow.visit_id).in_(visits))
    return list(work.session.exec(query.order_by(col(VisitParticipantRow.role), col(VisitParticipantRow.id))))


def _visit(work: Work, row: VisitRow) -> Visit:
    return Visit(
        id=VisitId(row.id),
        children=_children(work, row),
        state=VisitState(row.state),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.zone,
        level=SupervisionLevel(row.level),
        policy_version=row.policy_version,
        requested_by=AccountId(row.requested_by),
        requested_at=row.requested_at,
        approved_by=AccountId(row.approved_by) if row.approved_by else None,
        automatic=row.automatic,
        emergency=_emergency(row),
        supervisor=AccountId(row.supervisor_id),
        duty=AccountId(row.duty_id),
        room=row.room,
        reason=row.reason,
        was_ready=row.was_ready,
        live_at=row.live_at,
        ended_at=row.ended_at,
        held_by=_latch(row.hold_boot, row.hold_generation),
        hold_reason=row.hold_reason,
        cleared=_latch(row.cleared_boot, row.cleared_generation),
        revision=row.revision,
        participants=tuple(_participant(p) for p in _participant_rows(work, [row.id])),
    )


def _children(work: Work, row: VisitRow) -> tuple[VisitChild, ...]:
    """The child it was first asked for, then those who share it, in their order."""
    query = select(SharingChildRow).where(SharingChildRow.visit_id == row.id)
    rows: list[VisitRow | SharingChildRow] = [row]
    rows += work.session.exec(query.order_by(col(SharingChildRow.place))).all()
    return tuple(
        VisitChild(
            child=PersonId(one.child_id),
            case=CaseId(one.case_id),
            plan=PlanId(one.plan_id),
            plan_version=one.plan_version,
            caregiver=PersonId(one.caregiver_id) if one.caregiver_id else None,
            outcome=Outcome(one.outcome) if one.outcome else None,
        )
        for one in rows
    )


def _emergency(row: VisitRow) -> Emergency | None:
    if row.emergency_until is None:
        return None
    return Emergency(reason=EmergencyReason(row.emergency_reason), until=row.emergency_until)


def _latch(boot: str, generation: int) -> Latch | None:
    return Latch(boot=boot, generation=generation) if boot else None


def _participant(row: VisitParticipantRow) -> Participant:
    return Participant(
        id=row.id,
        role=ParticipantRole(row.role),
        stage=Stage(row.stage),
        stage_before=Stage(row.stage_before) if row.stage_before else None,
        person=PersonId(row.person_id) if row.person_id else None,
        account=AccountId(row.account_id) if row.account_id else None,
        leg=row.leg,
        waiting_since=row.waiting_since,
        link=InvitationId(row.invitation_id) if row.invitation_id else None,
        identity_method=row.identity_method,
        muted=row.muted,
        checked=row.checked,
        company=Company(row.company) if row.company else None,
        asked_break=row.asked_break,
    )


def is_supervisor_of(work: Work, visit: Visit) -> bool:
    """Whether the actor is the visit supervisor named for this visit."""
    return work.actor.account == visit.supervisor and work.actor.has(Role.VISIT_SUPERVISOR)


def visit_by_id(work: Work, visit: VisitId) -> Visit | None:
    """A visit whoever asks, or None; only for doors that have shown their own right (a link, a job, the relay)."""
    row = work.session.get(VisitRow, visit)
    return _visit(work, row) if row else None


def mutes_of(work: Work, visit: Visit) -> dict[str, Latch]:
    """Per participant the mute that the supervisor has lifted, if any."""
    rows = _participant_rows(work, [visit.id])
    return {r.id: Latch(boot=r.unmuted_boot, generation=r.unmuted_generation) for r in rows if r.unmuted_boot}


def room_version(work: Work) -> tuple[str, int]:
    """The epoch and the number of the newest committed room list; 0 before the first."""
    row = work.session.exec(select(RoomVersionRow).where(RoomVersionRow.agency == work.agency)).first()
    return (row.epoch, row.version) if row else ("0" * 32, 0)


def lost_since(work: Work, visit: Visit) -> datetime | None:
    """Since when the visit supervisor is gone, or None."""
    row = work.session.get(VisitRow, visit.id)
    return row.lost_at if row else None


def stay_of(work: Work, participant: Participant) -> tuple[datetime | None, datetime | None]:
    """When a participant was first admitted and when they last left; None where it did not happen."""
    query = select(AttendanceRow).where(AttendanceRow.participant_id == participant.id)
    stretches = sorted(work.session.exec(query), key=lambda row: row.admitted_at)
    if not stretches:
        return None, None
    return stretches[0].admitted_at, stretches[-1].left_at
