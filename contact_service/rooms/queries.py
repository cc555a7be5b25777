"""The room list that a relay is given: one snapshot of what may flow, composed from committed state."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select

from contact_service.agency_policy import queries as agency_policy
from contact_service.consent import queries as consent
from contact_service.identity import queries as identity
from contact_service.protocol.rooms import (
    ClearedLatch,
    Level,
    Person,
    Role as RoomRole,
    Room,
    RoomList,
    RoomState,
    Stage as RoomStage,
    TakenEvent,
)
from contact_service.rooms.tables import RelaySeenRow
from contact_service.visits.queries.finding import mutes_of, room_version, visits_in
from contact_service.visits.queries.suiting import watcher_in_conflict
from contact_service.visits.visit import (
    IN_THE_ROOM,
    Latch,
    Participant,
    ParticipantRole,
    Stage,
    Visit,
    VisitState,
)
from contact_service.work import Work

_ROLE = {
    ParticipantRole.FAMILY_MEMBER: RoomRole.FAMILY,
    ParticipantRole.CAREGIVER: RoomRole.CHILD,
    ParticipantRole.VISIT_SUPERVISOR: RoomRole.SUPERVISOR,
}
_STATE = {
    VisitState.WAITING: RoomState.WAITING,
    VisitState.LIVE: RoomState.LIVE,
    VisitState.HELD: RoomState.HELD,
    VisitState.SUPERVISOR_LOST: RoomState.HELD,
}
_STAGE = {
    Stage.ADMITTED: RoomStage.ADMITTED,
    Stage.PRIVATE: RoomStage.PRIVATE,
    Stage.REMOVED: RoomStage.REMOVED,
    Stage.GOODBYE: RoomStage.REMOVED,
}


@dataclass(frozen=True, kw_only=True)
class Version:
    """Which room list is the newest: comparable only within one epoch."""

    epoch: str
    version: int


def newest_version(work: Work) -> Version:
    """The newest committed version of the room list."""
    epoch, version = room_version(work)
    return Version(epoch=epoch, version=version)


def room_list(work: Work, *, relay: str, boot: str) -> RoomList:
    """Everything that may happen in rooms now.  What is not in it is closed."""
    version = newest_version(work)
    late = agency_policy.policy_in_force(work).limits.late_exit
    rooms = tuple(_room(work, visit, visit.ends_at + late) for visit in visits_in(work, IN_THE_ROOM))
    number = last_taken(work, relay=relay, boot=boot)
    taken = TakenEvent(boot=boot, number=number) if number else None
    return RoomList(epoch=version.epoch, version=version.version, rooms=rooms, taken=taken)


def last_taken(work: Work, *, relay: str, boot: str) -> int:
    """The number of the last event taken in from one start of a relay, 0 before the first."""
    row = work.session.get(RelaySeenRow, (relay, boot))
    return row.number if row else 0


def last_heard(work: Work) -> datetime | None:
    """When any relay was last heard, or None."""
    return work.session.exec(select(func.max(col(RelaySeenRow.heard_at)))).one()


def _room(work: Work, visit: Visit, ends_at: datetime) -> Room:
    mutes = mutes_of(work, visit)
    unsuited = watcher_in_conflict(work, visit) or _is_watcher_gone(work, visit)
    return Room(
        visit=visit.room,
        level=Level(visit.level.value),
        state=_STATE[visit.state],
        ends_at_ms=milliseconds(ends_at),
        cleared_hold=_cleared(visit.cleared),
        people=tuple(
            Person(
                participant=p.id,
                role=_ROLE[p.role],
                stage=_stage(p, unsuited=unsuited),
                leg=None if _is_kept_out(p, unsuited=unsuited) else p.leg,
                muted=p.muted,
                unseen=_is_unseen(work, visit, p),
                cleared_mute=_cleared(mutes.get(p.id)),
                tickets_after_ms=milliseconds(p.put_out_at) if p.put_out_at else None,
            )
            for p in visit.participants
        ),
    )


def _is_watcher_gone(work: Work, visit: Visit) -> bool:
    return identity.account_for(work, visit.supervisor).disabled


def _is_kept_out(participant: Participant, *, unsuited: bool) -> bool:
    """Whether it is a supervisor who may not watch, by R59 or because their account ended: nothing flows to or fro."""
    return unsuited and participant.role is ParticipantRole.VISIT_SUPERVISOR


def _stage(participant: Participant, *, unsuited: bool) -> RoomStage:
    if _is_kept_out(participant, unsuited=unsuited):
        return RoomStage.WAITING
    return _STAGE.get(participant.standing, RoomStage.WAITING)


def _is_unseen(work: Work, visit: Visit, participant: Participant) -> bool:
    """Whether somebody takes part with the camera off; a caregiver's device is their children's too."""
    if participant.person is None:
        return False
    shown = {participant.person, *visit.brought_by(participant.person)}
    return any(consent.stays_unseen(work, person) for person in shown)


def _cleared(latch: Latch | None) -> ClearedLatch | None:
    return ClearedLatch(boot=latch.boot, generation=latch.generation) if latch else None


def milliseconds(instant: datetime) -> int:
    """Unix milliseconds."""
    return int(instant.timestamp() * 1000)
