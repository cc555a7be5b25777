"""Visits within the actor's reach, who is in them, and the facts that the rules look at."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import bindparam
from sqlmodel import col, or_, select

from contact_service.actor import Role
from contact_service.database import some
from contact_service.errors import NotFound
from contact_service.ids import AccountId, CaseId, InvitationId, PersonId, PlanId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans.terms import SupervisionLevel
from contact_service.visits.reasons import Emergency, EmergencyReason
from contact_service.visits.tables import (
    AttendanceRow,
    RoomVersionRow,
    SharingChildRow,
    VisitParticipantRow,
    VisitRow,
)
from contact_service.visits.visit import (
    OVER,
    Company,
    Latch,
    Outcome,
    Participant,
    ParticipantRole,
    Stage,
    Visit,
    VisitChild,
    VisitState,
)
from contact_service.work import Work, asked_once, asked_once_of_each

_SHARED = select(SharingChildRow.visit_id).where(SharingChildRow.child_id == bindparam("child"))
_OF_CHILD = (
    select(VisitRow)
    .where(or_(VisitRow.child_id == bindparam("child"), col(VisitRow.id).in_(_SHARED)))
    .where(col(VisitRow.state).in_(some("states")))
    .order_by(col(VisitRow.starts_at))
)
_OF_CHILD_BETWEEN = _OF_CHILD.where(
    col(VisitRow.starts_at) >= bindparam("first"), col(VisitRow.starts_at) < bindparam("after")
)
_THERE = (
    select(VisitParticipantRow)
    .where(col(VisitParticipantRow.visit_id).in_(some("visits")))
    .order_by(col(VisitParticipantRow.role), col(VisitParticipantRow.id))
)
_SHARING = (
    select(SharingChildRow)
    .where(col(SharingChildRow.visit_id).in_(some("visits")))
    .order_by(col(SharingChildRow.place))
)
_A_YEAR = timedelta(days=365)
_MONTH_BY_MONTH = timedelta(days=200)
"""A longer stretch is read at once: it would be many questions."""


def visit_for(work: Work, visit: VisitId) -> Visit:
    """A visit within the actor's reach, from their side; raises ``NotFound`` for absent and not-yours alike.

    Staff have opened the case of each child whose matters they may read of it.
    """
    row = work.session.get(VisitRow, visit)
    found = _all_reached(work, [row]) if row is not None else []
    if not found:
        raise NotFound
    if work.actor.account is not None:
        told_of = children_within(work, found[0])
        for one in found[0].children:
            if one.child in told_of:
                work.opens(one.case)
    return found[0]


def _all_reached(work: Work, rows: Sequence[VisitRow]) -> list[Visit]:
    """Those of ``rows`` within the actor's reach, each from their side."""
    visits = _visits(work, rows)
    cases = _cases_reached(work, visits)
    seen = (_from_their_side(work, visit, cases) for visit in visits)
    return [visit for visit in seen if visit is not None]


def _cases_reached(work: Work, visits: Sequence[Visit]) -> frozenset[CaseId]:
    cases = dict.fromkeys(one.case for visit in visits for one in visit.children)
    return frozenset(people.within_reach(work, list(cases)))


def _from_their_side(work: Work, visit: Visit, cases: frozenset[CaseId]) -> Visit | None:
    """Its staff reach the visits that they watch or answer for; a family member the one of their link; others by case.

    One that several children share is seen from the first whose case is within reach; by its staff else from the first.
    """
    actor = work.actor
    if actor.person is not None:
        there = any(p.person == actor.person for p in visit.participants)
        return _by_their_clock(work, visit, visit.facing(actor.person)) if there else None
    reached = next((one.child for one in visit.children if one.case in cases), None)
    if reached is not None:
        return _by_their_clock(work, visit, visit.seen_from(reached))
    return visit if actor.account is not None and actor.account in (visit.supervisor, visit.duty) else None


def _by_their_clock(work: Work, visit: Visit, seen: Visit) -> Visit:
    """By the clock of the child it is seen from: beside the instant, another's would tell where that child lives."""
    return seen if seen.child == visit.child else replace(seen, zone=people.zone_of(work, seen.case))


def children_within(work: Work, visit: Visit) -> tuple[PersonId, ...]:
    """The children of a visit whose own matters the actor may read: all for its staff, else those within reach."""
    if work.actor.account is not None and work.actor.account in (visit.supervisor, visit.duty):
        return tuple(one.child for one in visit.children)
    cases = people.within_reach(work, [one.case for one in visit.children])
    return tuple(one.child for one in visit.children if one.case in cases)


def visits_between(
    work: Work, first: datetime, last: datetime, *, among: Collection[VisitId] | None = None
) -> list[Visit]:
    """Visits within reach that start in [first, last), by start; with ``among``, those of them alone."""
    query = select(VisitRow).where(VisitRow.starts_at >= first, VisitRow.starts_at < last)
    if among is not None:
        query = query.where(col(VisitRow.id).in_(among))
    return _all_reached(
        work, work.session.exec(query.order_by(col(VisitRow.starts_at), col(VisitRow.id))).all()
    )


def visits_in(work: Work, states: Iterable[VisitState], *, by: datetime | None = None) -> list[Visit]:
    """Visits within reach in any of ``states``, by start; with ``by``, only those that start by then."""
    query = select(VisitRow).where(col(VisitRow.state).in_(list(states))).order_by(col(VisitRow.starts_at))
    if by is not None:
        query = query.where(VisitRow.starts_at <= by)
    return _all_reached(work, work.session.exec(query).all())


def visits_of_staff(
    work: Work, account: AccountId, states: Iterable[VisitState], *, since: datetime
) -> list[Visit]:
    """Visits in ``states`` from ``since`` on that ``account`` watches or answers for as the duty person, by start."""
    query = (
        select(VisitRow)
        .where(or_(VisitRow.supervisor_id == account, VisitRow.duty_id == account))
        .where(col(VisitRow.state).in_(list(states)), VisitRow.starts_at >= since)
        .order_by(col(VisitRow.starts_at), col(VisitRow.id))
    )
    return _visits(work, work.session.exec(query).all())


def visits_out_of_reach(work: Work, states: Iterable[VisitState]) -> list[Visit]:
    """Visits in ``states`` that the actor may not see; only to be counted, never to be shown."""
    query = select(VisitRow).where(col(VisitRow.state).in_(list(states))).order_by(col(VisitRow.starts_at))
    visits = _visits(work, work.session.exec(query).all())
    cases = _cases_reached(work, visits)
    return [visit for visit in visits if _from_their_side(work, visit, cases) is None]


def visits_staffed_by(work: Work, account: AccountId, states: Iterable[VisitState]) -> list[Visit]:
    """Visits in ``states`` that somebody watches or is on duty for, by start, whoever asks: to see to, not to show."""
    query = (
        select(VisitRow)
        .where(or_(VisitRow.supervisor_id == account, VisitRow.duty_id == account))
        .where(col(VisitRow.state).in_(list(states)))
        .order_by(col(VisitRow.starts_at), col(VisitRow.id))
    )
    return _visits(work, work.session.exec(query).all())


def visits_with_person(work: Work, person: PersonId, states: Iterable[VisitState]) -> list[Visit]:
    """Visits in ``states`` of somebody who takes part, child or not, by start, whoever asks: to see to, not to show."""
    theirs = select(VisitParticipantRow.visit_id).where(VisitParticipantRow.person_id == person)
    sharing = select(SharingChildRow.visit_id).where(SharingChildRow.child_id == person)
    takes_part = or_(col(VisitRow.id).in_(theirs), VisitRow.child_id == person, col(VisitRow.id).in_(sharing))
    query = (
        select(VisitRow)
        .where(takes_part, col(VisitRow.state).in_(list(states)))
        .order_by(col(VisitRow.starts_at), col(VisitRow.id))
    )
    return _visits(work, work.session.exec(query).all())


def visits_of_child(
    work: Work, child: PersonId, states: Iterable[VisitState], days: tuple[date, date] | None = None
) -> list[Visit]:
    """Every visit of a child in ``states``, by start, from their side, whoever asks: to count, and not to show.

    ``days``: only those that start from the first to before the second, in UTC.
    """
    return list(_visits_of_child(work, child, frozenset(states), days))


def visits_lately(work: Work, child: PersonId) -> list[Visit]:
    """The visits of a child that are over, of the last year: what was longer ago is nobody's habit."""
    today = work.now.date()
    return visits_of_child(work, child, OVER, (today - _A_YEAR, today + timedelta(days=1)))


def visits_of_child_around(
    work: Work, child: PersonId, states: frozenset[VisitState], days: tuple[date, date]
) -> list[Visit]:
    """As ``visits_of_child``, those that start from the first of ``days`` to the last, in any zone, and some around."""
    first, after = days[0] - timedelta(days=1), days[1] + timedelta(days=2)
    if after - first > _MONTH_BY_MONTH:
        return visits_of_child(work, child, states, (first, after))
    # Whole months, so that the next question about a day near by is answered from what was read.
    month, found = first.replace(day=1), list[Visit]()
    while month < after:
        following = (month + timedelta(days=31)).replace(day=1)
        found += _visits_of_child(work, child, states, (month, following))
        month = following
    return found


@asked_once
def _visits_of_child(
    work: Work, child: PersonId, states: frozenset[VisitState], days: tuple[date, date] | None
) -> tuple[Visit, ...]:
    given: dict[str, object] = {"child": child, "states": list(states)}
    query = _OF_CHILD
    if days is not None:
        first, after = (datetime.combine(day, time.min, UTC) for day in days)
        query, given = _OF_CHILD_BETWEEN, given | {"first": first, "after": after}
    rows = work.session.exec(query, params=given).all()
    return tuple(visit.seen_from(child) for visit in _visits(work, rows))


def visits_by_id(work: Work, visits: Iterable[VisitId]) -> dict[VisitId, Visit]:
    """These visits whoever asks; only for what has shown its own right, as a series that is within reach."""
    query = select(VisitRow).where(col(VisitRow.id).in_(list(visits)))
    return {visit.id: visit for visit in _visits(work, work.session.exec(query).all())}


def visit_of_room(work: Work, room: str) -> Visit | None:
    """The visit that a relay knows by this room id."""
    row = work.session.exec(select(VisitRow).where(VisitRow.room == room)).first()
    return _visit(work, row) if row else None


def visits_with(work: Work, two: frozenset[PersonId], states: Iterable[VisitState]) -> list[Visit]:
    """Visits in ``states`` in which both of ``two`` would meet, as child, family member or caregiver."""
    query = select(VisitRow).where(col(VisitRow.state).in_(list(states)))
    return [visit for visit in _visits(work, work.session.exec(query).all()) if two <= visit.people]


def minutes_of(work: Work, visit: Visit) -> dict[str, int]:
    """Whole minutes that each participant was in the visit, from admissions and leavings; open stretches run to now."""
    ids = [p.id for p in visit.participants]
    rows = work.session.exec(select(AttendanceRow).where(col(AttendanceRow.participant_id).in_(ids)))
    seconds = dict.fromkeys(ids, 0.0)
    for row in rows:
        seconds[row.participant_id] += ((row.left_at or work.now) - row.admitted_at).total_seconds()
    return {participant: round(value / 60) for participant, value in seconds.items()}


def _visit(work: Work, row: VisitRow) -> Visit:
    return _visits(work, [row])[0]


def _visits(work: Work, rows: Sequence[VisitRow]) -> list[Visit]:
    """``rows`` as visits, in their order, with two questions to the database however many there are."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    there, sharing = _there(work, ids), _sharing(work, ids)
    return [_as_visit(row, sharing[row.id], there[row.id]) for row in rows]


@asked_once_of_each
def _there(work: Work, visits: Collection[str]) -> dict[str, tuple[Participant, ...]]:
    """Who takes part in each visit."""
    found: dict[str, list[Participant]] = defaultdict(list)
    for row in work.session.exec(_THERE, params={"visits": list(visits)}):
        found[row.visit_id].append(_participant(row))
    return {visit: tuple(found[visit]) for visit in visits}


@asked_once_of_each
def _sharing(work: Work, visits: Collection[str]) -> dict[str, tuple[VisitChild, ...]]:
    """The children who share each visit with the one it was first asked for, in their order."""
    found: dict[str, list[VisitChild]] = defaultdict(list)
    for row in work.session.exec(_SHARING, params={"visits": list(visits)}):
        found[row.visit_id].append(_child(row))
    return {visit: tuple(found[visit]) for visit in visits}


def _as_visit(row: VisitRow, sharing: tuple[VisitChild, ...], there: tuple[Participant, ...]) -> Visit:
    return Visit(
        id=VisitId(row.id),
        children=(_child(row), *sharing),
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
        time_open=row.time_open,
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
        booked_revision=row.booked_revision,
        participants=there,
    )


def _child(row: VisitRow | SharingChildRow) -> VisitChild:
    return VisitChild(
        child=PersonId(row.child_id),
        case=CaseId(row.case_id),
        plan=PlanId(row.plan_id),
        plan_version=row.plan_version,
        caregiver=PersonId(row.caregiver_id) if row.caregiver_id else None,
        outcome=Outcome(row.outcome) if row.outcome else None,
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
        put_out_at=row.put_out_at,
        link=InvitationId(row.invitation_id) if row.invitation_id else None,
        identity_method=row.identity_method,
        muted=row.muted,
        checked=row.checked,
        company=Company(row.company) if row.company else None,
        asked_break=row.asked_break,
        goodbye_at=row.goodbye_at,
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
    rows = work.session.exec(_THERE, params={"visits": [visit.id]})
    return {r.id: Latch(boot=r.unmuted_boot, generation=r.unmuted_generation) for r in rows if r.unmuted_boot}


def room_version(work: Work) -> tuple[str, int]:
    """The epoch and the number of the newest committed room list; 0 before the first."""
    query = select(RoomVersionRow.epoch, RoomVersionRow.version)
    return work.session.exec(query.where(RoomVersionRow.agency == work.agency)).first() or ("0" * 32, 0)


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
