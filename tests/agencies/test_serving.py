"""Which agency a request, a relay or a command is for; an agency that is closed answers nobody."""

import asyncio
import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import text
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect as dial

from contact_service import actor
from contact_service.agencies.actions import add_agency, close_agency
from contact_service.agencies.agency import (
    AgenciesNotApart,
    Agency,
    AgencyTaken,
    OneAgencyOnly,
    VisitsAhead,
    demand_sound,
)
from contact_service.agencies.queries import agencies, is_closed
from contact_service.app import link_app
from contact_service.clock import utc_now
from contact_service.errors import BadInput
from contact_service.ids import AgencyId
from contact_service.installing import Served, demand_room_for_another, settings_for, with_own_relays
from contact_service.keys.text import KeyTextWrong
from contact_service.pages.hosts import Agencies, Hosts
from contact_service.protocol.link import hello_bytes
from contact_service.settings import Settings
from contact_service.work import Installation, begin, read
from tests.agencies.conftest import Two
from tests.api.test_relay_link import served, until
from tests.cast import House

WEST = Agency(
    name=AgencyId("west"),
    title="West Visits",
    public_url="https://west.example",
    zone="Europe/London",
    help_name="the west team",
    help_phone="01632 960001",
    relay="relay-west",
)
FIRST = replace(WEST, name=AgencyId("agency"), public_url="https://first.example", relay="relay-1")


def asked(app: ASGIApp, *hosts: str, kind: str = "http") -> str:
    """What the application says to a request with these Host headers."""
    said: list[Message] = []

    async def send(message: Message) -> None:
        said.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    scope: Scope = {"type": kind, "headers": [(b"host", host.encode()) for host in hosts]}

    async def ask() -> None:
        await app(scope, receive, send)

    asyncio.run(ask())
    return str(said[0].get("status") or said[0].get("code") or said[0]["name"])


def named(name: str) -> ASGIApp:
    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "test", "name": name})

    return app


def test_each_agency_answers_under_its_own_host_and_the_first_for_every_other() -> None:
    by_host = {"south.example": lambda: named("south"), "north.example": lambda: named("north")}
    app = Agencies(look=lambda: Hosts(open=by_host, closed=frozenset({"old.example"})))
    assert asked(app, "north.example") == "north"
    assert asked(app, "NORTH.example:443") == "north"
    assert asked(app, "south.example") == "south"
    for hosts in (("elsewhere.example",), (), ("north.example", "south.example"), ("north.example/x",)):
        assert asked(app, *hosts) == "south"
    assert asked(app, "old.example") == "410"
    assert asked(app, "old.example", kind="websocket") == "1008"


def test_an_agency_that_is_added_answers_from_the_next_look_on_and_is_made_once() -> None:
    made: list[str] = []

    def make(name: str) -> ASGIApp:
        made.append(name)
        return named(name)

    there = {"south.example": partial(make, "south")}
    app = Agencies(look=lambda: Hosts(open=dict(there)), asked_every=0)
    assert asked(app, "north.example") == "south"
    there["north.example"] = partial(make, "north")
    assert [asked(app, "north.example") for _ in range(3)] == ["north"] * 3
    assert made == ["south", "north"]


def test_when_every_agency_is_closed_nothing_answers_under_any_name() -> None:
    found = [Hosts(open={"south.example": lambda: named("south")})]
    app = Agencies(look=lambda: found[-1], asked_every=0)
    assert asked(app, "127.0.0.1") == "south"
    found.append(Hosts(open={}, closed=frozenset({"south.example"})))
    assert [asked(app, host) for host in ("south.example", "127.0.0.1", "elsewhere.example")] == ["410"] * 3


def test_the_sockets_of_an_agency_end_when_it_is_closed() -> None:
    async def waits(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        found.append(Hosts(open={}, closed=frozenset({"south.example"})))
        await asyncio.Event().wait()

    found = [Hosts(open={"south.example": lambda: waits})]
    app = Agencies(look=lambda: found[-1], asked_every=0.02)
    said: list[Message] = []

    async def talk() -> None:
        async def send(message: Message) -> None:
            said.append(message)

        scope: Scope = {"type": "websocket", "headers": [(b"host", b"south.example")]}
        await asyncio.wait_for(app(scope, _nothing, send), 20)

    asyncio.run(talk())
    assert [one["type"] for one in said] == ["websocket.accept", "websocket.close"]
    assert said[-1]["code"] == 1008


async def _nothing() -> Message:
    return {"type": "websocket.connect"}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "West"},
        {"name": "west/contact"},
        {"name": ""},
        {"public_url": "http://west.example"},
        {"public_url": "https://west.example/w"},
        {"public_url": "https://"},
        {"relay": "relay/1"},
    ],
)
def test_a_name_an_address_or_a_relay_that_cannot_be_one_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        demand_sound(replace(WEST, **change))  # type: ignore[arg-type]
    demand_sound(WEST)


def another(installation: Installation, agency: Agency) -> Installation:
    return replace(installation, agency=agency.name)


def test_another_agency_has_what_is_its_own_and_no_single_sign_on_of_the_first() -> None:
    first = Settings.model_validate(
        {
            "agency": "south",
            "oidc_issuer": "https://login.south.example",
            "relays": "relay-south=x,relay-west=y",
        }
    )
    own = settings_for(first, replace(WEST, zone="America/New_York"))
    assert (own.agency, own.zone, own.relays) == ("west", "America/New_York", "relay-west=y")
    assert (own.public_url, own.help_phone) == (WEST.public_url, WEST.help_phone)
    assert own.oidc_issuer == ""


def test_the_relay_of_an_agency_may_come_with_the_agency_and_the_settings_have_the_last_word() -> None:
    first = Settings.model_validate({"agency": "south", "relays": "relay-south=x"})
    with_key = replace(WEST, relay_key="y")
    assert settings_for(first, with_key).relays == "relay-west=y"
    assert relays_of(first, with_key) == ["relay-south"]
    said = Settings.model_validate({"agency": "south", "relays": "relay-south=x,relay-west=z"})
    assert settings_for(said, with_key).relays == "relay-west=z"
    with pytest.raises(KeyTextWrong):
        demand_sound(with_key)


def test_an_agency_is_added_once_with_a_key_of_its_own_and_a_line_in_its_own_log(house: House) -> None:
    west = another(house.installation, WEST)
    with begin(west, actor.COMMAND_LINE) as work:
        add_agency(work, WEST, of_settings=FIRST)
    with read(house.installation, actor.NOBODY) as work:
        assert [one.name for one in agencies(work)] == ["west"]
    with house.installation.engine.connect() as connection:
        roots = connection.execute(text("SELECT agency, key_id FROM agency_root")).all()
        assert {agency for agency, _ in roots} == {"agency", "west"}
        assert len({key for _, key in roots}) == 2
        logs = set(connection.execute(text("SELECT log FROM audit_head")).scalars())
    assert "tests.example/west/contact" in logs
    for clash in (WEST, replace(WEST, name=AgencyId("agency")), replace(WEST, name=AgencyId("else"))):
        taken = another(house.installation, clash)
        with pytest.raises(AgencyTaken), begin(taken, actor.COMMAND_LINE) as work:
            add_agency(work, clash, of_settings=FIRST)


def test_an_agency_with_visits_ahead_is_not_closed_and_one_without_is(house: House) -> None:
    visit = house.approved()
    with pytest.raises(VisitsAhead), house.as_actor(actor.COMMAND_LINE) as work:
        close_agency(work, FIRST)
    with house.reading(house.cast.priya) as work:
        assert not is_closed(work)
    with house.installation.engine.begin() as connection:
        over = text("UPDATE visit SET state = 'cancelled' WHERE id = :id")
        connection.execute(over, {"id": visit.id})
    for _ in range(2):
        with house.as_actor(actor.COMMAND_LINE) as work:
            close_agency(work, FIRST)
    with house.reading(house.cast.priya) as work:
        assert is_closed(work)
        assert [(one.host, one.closed_at is None) for one in agencies(work)] == [("first.example", False)]
    with house.installation.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM staff_session")).scalar_one() == 0


def test_a_second_agency_needs_postgresql_and_a_role_that_the_wall_binds(house: House) -> None:
    wanted = AgenciesNotApart if house.installation.engine.dialect.name == "postgresql" else OneAgencyOnly
    with pytest.raises(wanted):
        demand_room_for_another(house.installation)


@pytest.mark.postgresql
def test_the_role_of_the_application_has_room_for_another(two: Two) -> None:
    demand_room_for_another(two.south.installation)


def relays_of(first: Settings, *known: Agency) -> list[str]:
    """The names of the relays that the first agency is served with."""
    own = with_own_relays(first, known).relays
    return [pair.partition("=")[0].strip() for pair in own.split(",") if pair]


CLOSED = replace(WEST, closed_at=utc_now())
SEVERAL = Settings.model_validate({"relays": "relay-1=x, relay-2=y, relay-west =z"})


def test_a_single_agency_keeps_all_its_relays_and_beside_others_the_one_its_tickets_are_for() -> None:
    assert relays_of(SEVERAL) == ["relay-1", "relay-2", "relay-west"]
    assert relays_of(SEVERAL, FIRST) == ["relay-1", "relay-2", "relay-west"]  # its own row, once it is closed
    for west in (WEST, CLOSED):
        assert relays_of(SEVERAL, west) == ["relay-1"], "relay-2 is nobody's: a misspelt name has no rooms"
        assert settings_for(SEVERAL, west).relays.strip() == "relay-west =z"
    north_first = Settings.model_validate({"relays": "relay-west=z,relay-1=x"})
    assert relays_of(north_first, CLOSED) == ["relay-1"]
    assert relays_of(Settings.model_validate({"relays": "relay-west=z"}), CLOSED) == []


@pytest.mark.parametrize(
    ("known", "let_on"),
    [
        ([], {"relay-1", "relay-2", "relay-west"}),
        ([WEST], {"relay-1"}),
        ([CLOSED], {"relay-1"}),
    ],
    ids=["alone", "beside another", "beside a closed one"],
)
def test_a_relay_of_a_closed_agency_or_of_nobody_is_not_let_on(
    house: House, known: list[Agency], let_on: set[str]
) -> None:
    keys = {name: Ed25519PrivateKey.generate() for name in ("relay-1", "relay-2", "relay-west")}
    settings = Settings.model_validate(
        {"relays": ",".join(f"{name}={public_text(keys[name])}" for name in keys)}
    )
    own = with_own_relays(settings, known)
    visit = house.waiting()
    here = Served(settings=own, installation=replace(house.installation, clock=utc_now))
    app = link_app(lambda: [here])
    told = {}
    with served(app) as base:
        for name, key in keys.items():
            with suppress(ConnectionClosed):
                told[name] = rooms_told(f"{base}/link", name, key)
    assert told.keys() == let_on
    assert all(visit.room in json.dumps(said) for said in told.values())


@pytest.fixture
def links(two: Two) -> Iterator[tuple[str, dict[str, Ed25519PrivateKey]]]:
    """The link of both agencies' relays; the settings of the first name both, as an operator writes them."""
    keys = {name: Ed25519PrivateKey.generate() for name in ("relay-1", "relay-north")}
    pairs = {name: f"{name}={public_text(key)}" for name, key in keys.items()}
    every = Settings.model_validate({"agency": "south", "relays": ",".join(pairs.values())})
    of_north = replace(WEST, name=AgencyId("north"), relay="relay-north")
    south, north = with_own_relays(every, [of_north]), settings_for(every, of_north)
    both = [
        Served(settings=south, installation=replace(two.south.installation, clock=utc_now)),
        Served(settings=north, installation=replace(two.north.installation, clock=utc_now)),
    ]
    app = link_app(lambda: both)
    with served(app) as base:
        yield f"{base}/link", keys


def public_text(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def rooms_told(url: str, name: str, key: Ed25519PrivateKey) -> dict[str, object]:
    """The first list that a relay of this name is sent; raises ``ConnectionClosed`` when it is not let on."""
    with linked(url, name, key) as socket:
        return until(socket, "rooms")


@contextmanager
def linked(url: str, name: str, key: Ed25519PrivateKey) -> Iterator[ClientConnection]:
    """The link of a relay that has said its hello."""
    with dial(url, proxy=None) as socket:
        challenge = json.loads(socket.recv(timeout=20))
        signed = key.sign(hello_bytes(name, "ab" * 16, challenge["nonce"]))
        hello = {"type": "hello", "relay": name, "boot": "ab" * 16}
        socket.send(json.dumps(hello | {"signature": base64.b64encode(signed).decode()}))
        yield socket


@pytest.mark.postgresql
def test_a_relay_is_told_the_rooms_of_its_own_agency_alone(
    two: Two, links: tuple[str, dict[str, Ed25519PrivateKey]]
) -> None:
    url, keys = links
    told = {}
    for name, key in keys.items():
        told[name] = rooms_told(url, name, key)
    with two.owner.connect() as connection:
        rooms = connection.execute(text("SELECT room, agency FROM visit")).all()
    for name, agency in (("relay-1", "south"), ("relay-north", "north")):
        said = json.dumps(told[name])
        assert {whose for room, whose in rooms if room in said} <= {agency}
        assert [room for room, whose in rooms if whose == agency and room in said]
