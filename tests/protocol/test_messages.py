"""What is encoded is parsed back; what is not in PROTOCOL.md is a named error and nothing else."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from contact_service.protocol import link, signal
from contact_service.protocol.errors import (
    NotJson,
    OversizeMessage,
    ProtocolError,
    UnknownField,
    UnknownMessage,
    WrongField,
)
from contact_service.protocol.fields import Message, encode
from contact_service.protocol.rooms import (
    ClearedLatch,
    Level,
    Person,
    Role,
    Room,
    RoomList,
    RoomState,
    Stage,
    TakenEvent,
)

Parse = Callable[[str], Message]
P, LEG, BOOT, VISIT = "ab" * 16, "cd" * 8, "ef" * 16, "12" * 16
CLEARED = ClearedLatch(boot=BOOT, generation=3)
PERSON = Person(
    participant=P, role=Role.CHILD, stage=Stage.ADMITTED, leg=LEG, muted=True, cleared_mute=CLEARED
)
ROOM = Room(visit=VISIT, level=Level.SUPERVISED, state=RoomState.LIVE, people=(PERSON,), ends_at_ms=5)
ROOMS = RoomList(epoch=BOOT, version=7, rooms=(ROOM,), taken=TakenEvent(boot=BOOT, number=4))

FROM_API: list[Message] = [
    link.Challenge(nonce="QUJD"),
    ROOMS,
    RoomList(epoch=BOOT, version=0, rooms=()),
    link.Lease(nonce="QUI=", version=9),
    link.Taken(boot=BOOT, number=0),
]
FROM_RELAY: list[Message] = [
    link.Hello(relay="relay-1", boot=BOOT, signature="QUJD"),
    link.Renew(nonce="QUJD"),
    link.Event(
        boot=BOOT,
        number=1,
        visit=VISIT,
        participant=None,
        kind=link.EventKind.HELD,
        at_ms=1,
        facts={"reason": "break", "generation": 2},
    ),
]
FROM_CLIENT: list[Message] = [
    signal.Join(ticket="x.y", resume=False),
    signal.Offer(sdp="v=0"),
    signal.Heartbeat(),
    signal.Hold(id=1, reason="safety"),
    signal.Mute(id=2, participant=P),
    signal.Remove(id=3, participant=P),
    signal.End(id=4, reason="completed"),
    signal.Break(id=5),
    signal.Leave(id=6),
    signal.Withdraw(id=7),
]
TO_CLIENT: list[Message] = [
    signal.Welcome(participant=P, role=Role.FAMILY, leg=LEG, resumed=True),
    signal.Answer(sdp="v=0"),
    signal.RoomView(
        state=RoomState.HELD,
        stage=Stage.ADMITTED,
        muted=False,
        slots=(None, signal.SlotView(participant=P, role=Role.CHILD)),
        supervisor_here=True,
        ends_at_ms=None,
    ),
    signal.People(
        people=(
            signal.PersonView(
                participant=P,
                role=Role.CHILD,
                stage=Stage.WAITING,
                connected=True,
                muted=False,
                asked_break=False,
            ),
        )
    ),
    signal.Done(id=1),
    signal.Refused(id=None, code="malformed", message="No."),
    signal.Ended(),
]
DIRECTIONS: list[tuple[Message, Parse]] = [
    *((m, link.parse_from_api) for m in FROM_API),
    *((m, link.parse_from_relay) for m in FROM_RELAY),
    *((m, signal.parse_from_client) for m in FROM_CLIENT),
    *((m, signal.parse_from_relay) for m in TO_CLIENT),
]
PARSERS: list[Parse] = [
    link.parse_from_api,
    link.parse_from_relay,
    signal.parse_from_client,
    signal.parse_from_relay,
]
NAMES = ["from api", "from relay", "from client", "to client"]
IDS = [f"{message.TYPE} {number}" for number, (message, _) in enumerate(DIRECTIONS)]


@pytest.mark.parametrize(("message", "parse"), DIRECTIONS, ids=IDS)
def test_every_message_comes_back_as_it_was(message: Message, parse: Parse) -> None:
    assert parse(encode(message)) == message


@pytest.mark.parametrize(("message", "parse"), DIRECTIONS, ids=IDS)
def test_a_message_with_one_more_field_is_refused(message: Message, parse: Parse) -> None:
    with pytest.raises(UnknownField):
        parse(json.dumps(json.loads(encode(message)) | {"extra": 1}))


@pytest.mark.parametrize(("message", "parse"), DIRECTIONS, ids=IDS)
def test_a_message_with_a_field_missing_or_of_another_type_is_refused(message: Message, parse: Parse) -> None:
    whole = json.loads(encode(message))
    for name in whole:
        with pytest.raises((WrongField, UnknownMessage)):
            parse(json.dumps({k: v for k, v in whole.items() if k != name}))
        with pytest.raises((WrongField, UnknownMessage)):
            parse(json.dumps(whole | {name: [{"no": "such"}]}))


@pytest.mark.parametrize("parse", PARSERS, ids=NAMES)
def test_text_that_is_not_one_plain_object_is_refused(parse: Parse) -> None:
    for text in [
        "",
        "[]",
        "null",
        '"join"',
        '{"type":',
        "{" * 60_000,
        '{"type":"a","type":"a"}',
        '{"type":NaN}',
    ]:
        with pytest.raises(NotJson):
            parse(text)


@pytest.mark.parametrize("parse", PARSERS, ids=NAMES)
def test_unknown_types_are_refused(parse: Parse) -> None:
    with pytest.raises(UnknownMessage):
        parse('{"type":"record"}')


def test_a_signalling_frame_over_64_kib_is_refused() -> None:
    with pytest.raises(OversizeMessage):
        signal.parse_from_client(encode(signal.Offer(sdp="é" * 33_000)))


@pytest.mark.parametrize("number", [True, 1.0, -1, 2**53, "1", None])
def test_integers_are_integers(number: object) -> None:
    with pytest.raises(WrongField):
        signal.parse_from_client(json.dumps({"type": "break", "id": number}))


def test_a_stray_field_deep_inside_a_room_is_refused() -> None:
    whole = json.loads(encode(ROOMS))
    whole["rooms"][0]["people"][0]["name"] = "Mia"
    with pytest.raises(UnknownField):
        link.parse_from_api(json.dumps(whole))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


@given(st.sampled_from(DIRECTIONS), st.data())
def test_any_mutation_is_parsed_or_refused_by_name(
    direction: tuple[Message, Parse], data: st.DataObject
) -> None:
    message, parse = direction
    whole = json.loads(encode(message))
    whole[data.draw(st.sampled_from(sorted(whole)))] = data.draw(json_values)
    try:
        parsed = parse(json.dumps(whole))
    except ProtocolError:
        return
    assert parse(encode(parsed)) == parsed


@given(st.sampled_from(PARSERS), st.text())
def test_any_text_is_refused_by_name(parse: Parse, text: str) -> None:
    with pytest.raises(ProtocolError):
        parse(text)
