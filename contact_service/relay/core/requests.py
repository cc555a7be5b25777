"""What people may ask of a room.  Every stop acts in memory before this returns; nothing here waits."""

from contact_service.protocol.link import EventKind
from contact_service.protocol.rooms import Role, RoomState, Stage
from contact_service.protocol.signal import Break, End, Hold, Leave, Mute, Remove, Withdraw
from contact_service.relay.core.ledger import Moment
from contact_service.relay.core.leg import Leg
from contact_service.relay.core.room import Room
from contact_service.relay.errors import RequestRefused

Stop = Hold | Mute | Remove | End | Break | Leave | Withdraw


def carry_out(room: Room, leg: Leg, stop: Stop, moment: Moment) -> None:
    """When this returns, nothing that ``stop`` forbids is sent; raise ``RequestRefused`` if ``leg`` may not ask it."""
    try:
        _carry_out(room, leg, stop, moment)
    except RequestRefused as refused:
        room.record(EventKind.REFUSED_STOP, moment, leg.participant, code=refused.code)
        raise


def _carry_out(room: Room, leg: Leg, stop: Stop, moment: Moment) -> None:
    match stop:
        case Break():
            _take_break(room, leg, moment)
        case Leave():
            room.drop(leg, EventKind.LEFT, moment, ended=True)
        case Withdraw():
            _withdraw(room, leg, moment)
        case Hold() | Mute() | Remove() | End():
            if leg.role is not Role.SUPERVISOR or room.is_stranger(leg):
                raise RequestRefused("not_supervisor")
            _supervise(room, leg, stop, moment)


def _supervise(room: Room, leg: Leg, stop: Hold | Mute | Remove | End, moment: Moment) -> None:
    match stop:
        case Hold(reason=reason):
            room.latch_hold(EventKind.HELD, moment, leg.participant, reason=reason)
        case Mute(participant=participant):
            _mute(room, participant, moment)
        case Remove(participant=participant):
            _remove(room, participant, moment)
        case End(reason=reason):
            _end(room, leg, reason, moment)


def _take_break(room: Room, leg: Leg, moment: Moment) -> None:
    if room.stage_of(leg) not in (Stage.ADMITTED, Stage.PRIVATE):
        raise RequestRefused("not_admitted")
    leg.asked_break = True
    room.latch_hold(EventKind.BREAK_ASKED, moment, leg.participant)


def _withdraw(room: Room, leg: Leg, moment: Moment) -> None:
    room.drop(leg, EventKind.WITHDRAWN, moment, ended=True)
    if leg.role is Role.CHILD and not _another_child(room, leg):
        _end(room, leg, "consent_withdrawn", moment)


def _another_child(room: Room, leg: Leg) -> bool:
    """Whether another child of the list was not removed: whether their visit goes on, the next list says."""
    listed = room.listed.people if room.listed else ()
    out = room.latches.removed | {leg.participant}
    return any(
        person.role is Role.CHILD and person.stage is not Stage.REMOVED and person.participant not in out
        for person in listed
    )


def _mute(room: Room, participant: str, moment: Moment) -> None:
    _refuse_stranger(room, participant)
    generation = room.ledger.next_generation()
    room.latches.mutes[participant] = room.ledger.latch(generation)
    room.settle(moment)
    room.record(EventKind.MUTED, moment, participant, generation=generation)
    room.latches.mutes[participant] = room.ledger.latch(generation)


def _remove(room: Room, participant: str, moment: Moment) -> None:
    _refuse_stranger(room, participant)
    room.latches.removed.add(participant)
    for leg in [leg for leg in room.legs.values() if leg.participant == participant]:
        room.drop(leg, EventKind.DISCONNECTED, moment, ended=True)
    room.record(EventKind.REMOVED, moment, participant, generation=room.ledger.next_generation())


def _end(room: Room, leg: Leg, reason: str, moment: Moment) -> None:
    if room.listed is not None and room.listed.state is RoomState.ENDED:
        return
    room.latches.ended = True
    room.settle(moment)
    room.record(EventKind.ENDED, moment, leg.participant, reason=reason)
    room.close(moment)


def _refuse_stranger(room: Room, participant: str) -> None:
    listed = room.listed.people if room.listed else ()
    known = {person.participant for person in listed} | {leg.participant for leg in room.legs.values()}
    if participant not in known:
        raise RequestRefused("no_such_participant")
