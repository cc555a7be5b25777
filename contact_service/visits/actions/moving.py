"""The one way to change a visit's state, and the evidence that goes with it."""

from dataclasses import dataclass, replace

from sqlmodel import col, select

from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.claims.actions import release_time
from contact_service.errors import NotAllowed, NotFound
from contact_service.follow_ups import actions as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.identity import queries as identity
from contact_service.ids import PersonId, VisitId
from contact_service.keys.actions import insert_or
from contact_service.notifications import actions as notifications
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.policy.of_another import ABOUT_ANOTHER
from contact_service.visits.queries.clearing import told_in_case
from contact_service.visits.queries.finding import visit_by_id, visit_for, visit_of_room
from contact_service.visits.tables import (
    RoomVersionRow,
    SharingChildRow,
    VisitParticipantRow,
    VisitRow,
)
from contact_service.visits.visit import (
    BOOKED,
    CALLED_OFF,
    IN_THE_ROOM,
    TAKING_TIME,
    Outcome,
    Participant,
    ParticipantRole,
    Visit,
    VisitState,
    check_move,
)
from contact_service.visits.who_meets import of_case
from contact_service.work import Work

_ABOUT_A_BOOKED_VISIT = (FollowUpKind.IN_DOUBT, FollowUpKind.CANNOT_COME, FollowUpKind.NOT_CONFIRMED)


@dataclass(frozen=True, kw_only=True)
class Why:
    """What a line of evidence says beyond who, what and when.  Codes only.

    ``child``: it concerns this child alone, and stands in their case; else it stands in the case of every child.
    ``sides``: the children whose cases alone say so; in the others stands that it was about another child.
    """

    reason: str = ""
    rules: tuple[str, ...] = ()
    people: tuple[PersonId, ...] | None = None
    child: PersonId | None = None
    facts: tuple[tuple[str, str | int], ...] = ()
    sides: frozenset[PersonId] | None = None

    def told_in(self, seen: Visit) -> "Why":
        """As it stands in the case of the child that the visit is seen from."""
        if self.sides is None or self.sides & {*of_case(seen)}:
            return self
        return replace(self, reason=ABOUT_ANOTHER.code, rules=(ABOUT_ANOTHER.rule,))


def lock(work: Work, visit: VisitId) -> tuple[VisitRow, Visit]:
    """The row, locked until the end of the transaction, and the visit as read after that; raises ``NotFound``."""
    row = _locked(work, visit)
    return row, visit_for(work, visit)


def lock_with(work: Work, visit: VisitId, participant_id: str) -> tuple[VisitRow, Visit, Participant]:
    """As ``lock``, with one participant of it; ``NotFound`` for a stranger, and for the visit supervisor."""
    row, found = lock(work, visit)
    participant = found.participant(participant_id)
    if participant is None or participant.role is ParticipantRole.VISIT_SUPERVISOR:
        raise NotFound
    return row, found, participant


def lock_any(work: Work, visit: VisitId) -> tuple[VisitRow, Visit]:
    """The same whoever acts: a stop reaches every visit that it concerns, also one that the actor may not see."""
    row = _locked(work, visit)
    found = visit_by_id(work, visit)
    assert found is not None
    return row, found


def _locked(work: Work, visit: VisitId) -> VisitRow:
    # Not so tightly that nobody could write its claims anew: who holds a pool lets the visits there change rooms, while
    # whoever has locked one of those waits for the pool.
    row = work.session.exec(
        select(VisitRow)
        .where(VisitRow.id == visit)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound
    return row


def demand_every_child(work: Work, visit: Visit) -> None:
    """Raise ``NotAllowed`` unless the actor works with every child whose visit it is (R54)."""
    cases = [one.case for one in visit.children]
    if people.within_reach(work, cases) != cases:
        raise NotAllowed("You do not work with every child of this visit. Ask a worker who does.")


def participant_row(work: Work, participant: Participant) -> VisitParticipantRow:
    """The row of a participant; raises ``NotFound``."""
    row = work.session.get(VisitParticipantRow, participant.id)
    if row is None:
        raise NotFound
    return row


def move(work: Work, row: VisitRow, after: VisitState, event: EventType, why: Why) -> None:
    """Move a visit and record it.  Raises ``IllegalMove``, and changes nothing, when the table has no such move."""
    before = VisitState(row.state)
    check_move(before, after)
    if after not in TAKING_TIME:
        release_time(work, VisitId(row.id))
    if before is not VisitState.DRAFT:  # of which nobody was told, so that nobody has anything to do for it
        _settle_for(work, VisitId(row.id), after)
    row.state = after
    row.time_open = row.time_open and after is VisitState.REQUESTED
    row.reason = why.reason
    row.revision += 1
    if after is VisitState.APPROVED:
        row.booked_revision = row.revision
    work.session.add(row)
    rooms_changed(work)
    record(work, row.room, event, why)


def _settle_for(work: Work, visit: VisitId, after: VisitState) -> None:
    """Close what nobody has to do any more when a visit comes to be ``after``, and tell nobody what is not so."""
    over = _ABOUT_A_BOOKED_VISIT if after not in (BOOKED | IN_THE_ROOM) else ()
    if after not in TAKING_TIME:
        over = (*over, FollowUpKind.NOT_REACHED)
    follow_ups.close_all(work, visit, *over)
    if after in CALLED_OFF:
        notifications.supersede(work, visit)


def set_outcome(work: Work, row: VisitRow, child: PersonId, outcome: Outcome | None) -> None:
    """Say how the visit turned out for one of its children."""
    own = row if row.child_id == child else work.session.get(SharingChildRow, (row.id, child))
    assert own is not None
    own.outcome = outcome
    work.session.add(own)


def set_outcomes(work: Work, row: VisitRow, outcome: Outcome | None) -> None:
    """Say how it turned out for every child for whom that was not known; what was said of a child before stands."""
    sharing = work.session.exec(select(SharingChildRow).where(SharingChildRow.visit_id == row.id))
    for own in (row, *sharing):
        own.outcome = own.outcome or outcome
        work.session.add(own)


def record(work: Work, room: str, event: EventType, why: Why) -> None:
    """Record something about a visit as it now stands, whoever acts: the relay and jobs act too.

    Where several children share the visit, it stands in each child's case, and names only who belongs to that child.
    """
    work.session.flush()
    visit = visit_of_room(work, room)
    assert visit is not None
    sides = (visit.seen_from(why.child),) if why.child else visit.by_case()
    people.know_roles_in(work, [seen.case for seen in sides])
    for seen in sides:
        work.record(_event(work, seen, event, why.told_in(seen)))


def _event(work: Work, visit: Visit, event: EventType, why: Why) -> AuditEvent:
    named = _named(visit, why.people)
    ended = event is EventType.VISIT_ENDED and visit.outcome is not None
    outcome = (("outcome", str(visit.outcome)),) if ended else ()
    refs = people.refs_of(work, named, case=visit.case)
    return AuditEvent(
        type=event,
        case=visit.case,
        visit=visit.id,
        subjects=tuple(Subject(ref=refs[person], role=_role(visit, person)) for person in named),
        planned=(visit.starts_at, visit.ends_at),
        actual=(visit.live_at, visit.ended_at) if visit.live_at and visit.ended_at else None,
        level=visit.level,
        modality="video",
        supervisor=identity.account_for(work, visit.supervisor).ref,
        reason=why.reason or None,
        rules=why.rules,
        policy_version=visit.policy_version,
        plan_version=visit.plan_version,
        facts=(("state", visit.state.value), *outcome, *why.facts),
    )


def _named(visit: Visit, people: tuple[PersonId, ...] | None) -> tuple[PersonId, ...]:
    """Whom the evidence of one case names: another child's carer goes by the child they come with."""
    if people is None:
        children = (one.child for one in visit.children)
        people = (*children, *(p.person for p in visit.participants if p.person is not None))
    around = visit.circle
    named = ((person,) if person in around else visit.brought_by(person) or (person,) for person in people)
    return tuple(dict.fromkeys(person for several in named for person in several))


def _role(visit: Visit, person: PersonId) -> str:
    if person == visit.child:
        return "child"
    if any(one.child == person for one in visit.children):
        return "sharing_child"
    return next((p.role.value for p in visit.families() if p.person == person), "named")


def record_refusal(
    work: Work, room: str, event: EventType, refused: Refused, person: PersonId | None = None
) -> None:
    """Record that rules said no to something about a visit: every rule that failed, and why.

    What only one child’s workers may know stands in that child’s case; in the others, that it was about another child.
    """
    work.session.flush()
    visit = visit_of_room(work, room)
    assert visit is not None
    for seen in visit.by_case():
        told = told_in_case(work, seen, refused.reasons, person)
        why = refusal(replace(refused, reasons=told), person)
        record(work, room, event, replace(why, child=seen.child))


def refusal(refused: Refused, person: PersonId | None = None) -> Why:
    """A refusal as evidence."""
    codes = tuple((f"refused_{n}", code) for n, code in enumerate(refused.codes, 1))
    return Why(
        reason="refused",
        rules=tuple(dict.fromkeys(refused.rules)),
        facts=codes,
        people=(person,) if person else None,
    )


def rooms_changed(work: Work) -> None:
    """Count up the version of the room list, in the transaction that changed a room.

    The row is locked, never a sequence: a version that is visible is complete.
    """
    work.session.flush()
    first = {"agency": work.agency, "epoch": work.new_id(), "version": 1}
    insert_or(work.session, RoomVersionRow, first, {"version": col(RoomVersionRow.version) + 1})
