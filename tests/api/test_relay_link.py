"""The link that relays dial, over a real server: who is let on, what they are told, and what is taken from them."""

import asyncio
import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.types import ASGIApp
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from contact_service.app import link_app, registered
from contact_service.clock import utc_now
from contact_service.ids import AgencyId
from contact_service.installing import Served
from contact_service.protocol.link import EventKind, hello_bytes
from contact_service.settings import Settings
from contact_service.visits.visit import VisitState
from tests.cast import BOOT, House

pytestmark = pytest.mark.both

KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
Link = str


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """The application behind a real server on this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, lifespan="off", ws="websockets-sansio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    assert server.started
    yield f"ws://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=20)
    listener.close()


@pytest.fixture
def link(house: House) -> Iterator[Link]:
    public = base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    settings = Settings.model_validate({"relays": f"relay-1={public}"})
    here = Served(settings=settings, installation=replace(house.installation, clock=utc_now))
    with served(link_app(lambda: [here])) as base:
        yield f"{base}/link"


def said(socket_: ClientConnection) -> dict[str, Any]:
    """The next frame."""
    found: dict[str, Any] = json.loads(socket_.recv(timeout=20))
    return found


def until(socket_: ClientConnection, kind: str) -> dict[str, Any]:
    """The next frame of one type."""
    while (frame := said(socket_))["type"] != kind:
        pass
    return frame


def hello(nonce: str, *, relay: str = "relay-1", key: Ed25519PrivateKey = KEY) -> str:
    signature = base64.b64encode(key.sign(hello_bytes(relay, BOOT, nonce))).decode()
    return json.dumps({"type": "hello", "relay": relay, "boot": BOOT, "signature": signature})


@contextmanager
def greeted(link: Link) -> Iterator[ClientConnection]:
    with connect(link) as socket_:
        socket_.send(hello(said(socket_)["nonce"]))
        yield socket_


def _drain(socket_: ClientConnection) -> None:
    while True:
        socket_.recv(timeout=20)


def closed_with(socket_: ClientConnection) -> int:
    """The code with which the other side closes."""
    with pytest.raises(ConnectionClosed) as closed:
        _drain(socket_)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_a_registered_relay_is_told_every_room(house: House, link: Link) -> None:
    visit = house.waiting()
    with greeted(link) as relay:
        rooms = until(relay, "rooms")
    assert [room["visit"] for room in rooms["rooms"]] == [visit.room]
    assert {person["stage"] for person in rooms["rooms"][0]["people"]} == {"waiting"}
    told = json.dumps(rooms)
    for hidden in ("Mia", "Dana", "demo.example", visit.id, house.cast.mia, house.cast.dana):
        assert hidden not in told


def test_the_wrong_key_is_not_let_on(link: Link) -> None:
    with connect(link) as socket_:
        socket_.send(hello(said(socket_)["nonce"], key=OTHER))
        assert closed_with(socket_) == 4401


def test_an_unknown_name_is_not_let_on(link: Link) -> None:
    with connect(link) as socket_:
        socket_.send(hello(said(socket_)["nonce"], relay="relay-2"))
        assert closed_with(socket_) == 4401


def test_an_answer_to_an_earlier_challenge_is_not_let_on(link: Link) -> None:
    with connect(link) as first:
        old = hello(said(first)["nonce"])
    with connect(link) as second:
        assert said(second)["nonce"]
        second.send(old)
        assert closed_with(second) == 4401


@pytest.mark.parametrize("frame", ["", "{", "[]", '{"type":"hello"}', '{"type":"rooms"}', "x" * 100_000])
def test_a_relay_that_does_not_greet_is_not_let_on(link: Link, frame: str) -> None:
    with connect(link) as socket_:
        said(socket_)
        socket_.send(frame)
        assert closed_with(socket_) in (4400, 4401)


def test_a_lease_names_the_newest_list(house: House, link: Link) -> None:
    house.waiting()
    with greeted(link) as relay:
        version = until(relay, "rooms")["version"]
        relay.send(json.dumps({"type": "renew", "nonce": "AAAA"}))
        lease = until(relay, "lease")
    assert (lease["nonce"], lease["version"]) == ("AAAA", version)


def test_a_change_is_told_within_a_second(house: House, link: Link) -> None:
    visit = house.waiting()
    with greeted(link) as relay:
        first = until(relay, "rooms")
        started = time.monotonic()
        house.joins(visit, visit.watcher, "aa" * 16)
        second = until(relay, "rooms")
    assert second["version"] > first["version"]
    assert time.monotonic() - started < 5  # half a second on a machine that does nothing else


def event(visit: str, number: int, kind: EventKind, **facts: object) -> str:
    fields: dict[str, object] = {"type": "event", "boot": BOOT, "number": number, "visit": visit}
    return json.dumps(fields | {"participant": None, "kind": kind, "at_ms": 1, "facts": facts})


def test_an_event_is_taken_in_once_and_acknowledged_each_time(house: House, link: Link) -> None:
    visit = house.live()
    with greeted(link) as relay:
        for _ in range(2):
            relay.send(event(visit.room, 1, EventKind.HELD, reason="check", generation=1))
            assert until(relay, "taken")["number"] == 1
    assert house.state(visit) is VisitState.HELD
    assert house.history().count("visit.held") == 1


@pytest.mark.parametrize(
    "frame", ["", "{", '{"type":"unknown"}', '{"type":"renew"}', '{"type":"renew","nonce":"AAAA","more":1}']
)
def test_a_frame_that_is_not_understood_closes_the_link_and_changes_nothing(
    house: House, link: Link, frame: str
) -> None:
    visit = house.live()
    with greeted(link) as relay:
        until(relay, "rooms")
        relay.send(frame)
        assert closed_with(relay) == 4400
    assert house.state(visit) is VisitState.LIVE
    with greeted(link) as again:
        assert until(again, "rooms")["rooms"]


def test_a_wrong_key_of_one_agencys_relay_keeps_no_other_relay_away(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    wrong: set[str] = set()
    public = base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    other = replace(house.installation, agency=AgencyId("north"))
    served_by = [
        Served(settings=Settings.model_validate({"relays": "relay-north=typo"}), installation=other),
        Served(
            settings=Settings.model_validate({"relays": f"relay-1={public}"}), installation=house.installation
        ),
    ]
    for _ in range(2):
        assert set(registered(served_by, wrong)) == {"relay-1"}
    assert wrong == {"north"}
    assert len([one for one in caplog.records if "relay" in one.message]) == 1
