"""The room as one participant may know it, built from the relay's own legs (PROTOCOL.md section 2)."""

from contact_service.protocol.rooms import Role, RoomState, Stage
from contact_service.protocol.signal import SLOTS, People, PersonView, RoomView, SlotView
from contact_service.relay.core.ledger import Moment
from contact_service.relay.core.leg import Leg
from contact_service.relay.core.room import Room

_IN_ROOM = (Stage.ADMITTED, Stage.PRIVATE)


def room_view(room: Room, leg: Leg, moment: Moment) -> RoomView:
    """What ``leg`` may know now; before it is let in, nothing but that it waits."""
    stage, listed = room.stage_of(leg), room.listed
    if listed is None or stage not in _IN_ROOM:
        return RoomView(
            state=RoomState.WAITING,
            stage=stage,
            muted=False,
            slots=(None,) * SLOTS,
            supervisor_here=False,
            ends_at_ms=None,
        )
    return RoomView(
        state=_state(room, stage, moment),
        stage=stage,
        muted=room.is_muted(leg),
        slots=_slots(room, leg, stage),
        supervisor_here=room.supervisor_present,
        ends_at_ms=listed.ends_at_ms,
    )


def _state(room: Room, stage: Stage, moment: Moment) -> RoomState:
    assert room.listed is not None
    if room.is_over():
        return RoomState.ENDED
    if room.listed.state is not RoomState.LIVE or room.is_flowing(moment):
        return room.listed.state
    talking = stage is Stage.PRIVATE and room.latches.hold is None and moment.now < room.ledger.lease.until
    return RoomState.LIVE if talking and room.supervisor_present else RoomState.HELD


def _slots(room: Room, leg: Leg, stage: Stage) -> tuple[SlotView | None, ...]:
    here = {other.participant: other for other in room.legs.values() if other.connected}
    slots: list[SlotView | None] = []
    for slot in leg.slots:
        other = here.get(slot.participant or "")
        watching = leg.role is Role.SUPERVISOR
        shown = other is not None and _is_shown(room, other, stage, watching=watching)
        slots.append(SlotView(participant=other.participant, role=other.role) if shown and other else None)
    return tuple(slots) + (None,) * (SLOTS - len(slots))


def _is_shown(room: Room, other: Leg, stage: Stage, *, watching: bool) -> bool:
    """In private only the visit supervisor; else everybody let in, also while they talk in private elsewhere."""
    admitted = room.stage_of(other) is Stage.ADMITTED
    if stage is Stage.PRIVATE:
        return other.role is Role.SUPERVISOR and admitted
    return admitted or (room.stage_of(other) is Stage.PRIVATE and (watching or other.was_admitted))


def people_view(room: Room, moment: Moment) -> People:
    """Everybody who has a leg, for the visit supervisor."""
    return People(
        people=tuple(
            PersonView(
                participant=leg.participant,
                role=leg.role,
                stage=room.stage_of(leg),
                connected=leg.connected and not leg.is_silent(moment.now),
                muted=room.is_muted(leg),
                asked_break=leg.asked_break,
            )
            for leg in sorted(room.legs.values(), key=lambda leg: leg.participant)
        )
    )
