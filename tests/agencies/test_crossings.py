"""Nothing that one agency may ask, by page, API, link or socket, tells of the other or touches it."""

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine, select, text
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.api.v1.application import routes
from contact_service.app import agencies_app
from contact_service.database import metadata
from contact_service.installing import Present, Served
from contact_service.people.actions.members import put_on_caseload
from contact_service.settings import Settings
from contact_service.staff_door import STAFF_COOKIE
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import VisitState
from contact_service.wall import BESIDE
from tests.agencies.conftest import ADDRESSES, NORTH, SOUTH, Two
from tests.api.conftest import EVERY_SCOPE, Api, made
from tests.cast import PASSWORD, House
from tests.pages.conftest import SAME, Browser, browser, says_what_for
from tests.pages.naming import HOLDS_AN_ID, Asking, base, names_the_same, naming
from tests.pages.test_access_matrix import SCRIPTED, ask, ids_of, staff_routes

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
NOBODY = "f" * 32
ALL_OF = 'SELECT * FROM "TABLE_" WHERE agency = %s'
STAFF = ("karim", "priya", "lena", "noor", "ola")
PAGES = [(method, path) for method, path in staff_routes() if "{" in path and path != "/w/sign-out"]
OPERATIONS = {route.operation_id or route.name: route for route in routes() if "{" in route.path}


@dataclass(frozen=True, kw_only=True)
class Site:
    """Both agencies behind one door, somebody of the south signed in, and ids of the north."""

    two: Two
    app: ASGIApp
    staff: dict[str, Browser]
    tokens: dict[str, str]
    machine: Api
    foreign: dict[str, str]
    own: dict[str, str]


def settings_of(agency: str) -> Settings:
    key = base64.b64encode(bytes(32)).decode()
    return Settings.model_validate(
        {
            "agency": agency,
            "public_url": ADDRESSES[agency],
            "ticket_key": base64.b64encode(secrets.token_bytes(32)).decode(),
            "relays": f"relay-{agency}={key}",
            "request_limits_times": 1000,
        }
    )


def doors(two: Two) -> ASGIApp:
    houses = {SOUTH: two.south, NORTH: two.north}
    served = tuple(
        Served(settings=settings_of(name), installation=house.installation) for name, house in houses.items()
    )
    return agencies_app(lambda: Present(served=served))


def ids(house: House) -> dict[str, str]:
    with house.reading(house.cast.karim) as work:
        live = visits_in(work, (VisitState.LIVE,))[0]
    return ids_of(house, live, entry_id=secrets.token_hex(16), offer_id=secrets.token_hex(16))


def sign_in(app: ASGIApp, name: str, base: str = "") -> Browser:
    one = browser(app)
    answer = one.post(f"{base}/w/sign-in", {"email": f"{name}@demo.example", "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    if name == "noor":
        says_what_for(one, base)
    return one


@pytest.fixture(scope="module")
def site(two: Two) -> Site:
    app = doors(two)
    staff = {name: sign_in(app, name) for name in STAFF}
    account = made(two.south, *EVERY_SCOPE)
    with two.south.as_actor(actor.COMMAND_LINE) as work:
        put_on_caseload(work, two.south.cast.case, account.account)
    return Site(
        two=two,
        app=app,
        staff=staff,
        tokens={name: one.csrf() for name, one in staff.items()},
        machine=Api(app, {"Authorization": f"Bearer {account.token}"}),
        foreign=ids(two.north),
        own=ids(two.south),
    )


def plain(text: str, *, of: str) -> str:
    """What a page says but for what is drawn anew each time, and for the address that was asked for."""
    for secret in re.findall(r'(?:nonce|csrf)"?(?: value)?="([^"]+)"', text):
        text = text.replace(secret, "drawn")
    text = re.sub(r"\b\d{3}-[0-9a-f]{4}\b", "a code for the log", text)
    return text.replace(of, "here")


def filled(path: str, known: dict[str, str]) -> str:
    return re.sub(r"\{\w+\}", lambda match: known.get(match[0], NOBODY), path)


def unknown(known: dict[str, str]) -> dict[str, str]:
    return {name: NOBODY if len(value) == 32 else value for name, value in known.items()}


@pytest.mark.parametrize(("method", "path"), PAGES, ids=str)
def test_a_page_answers_for_ids_of_the_other_agency_as_for_nobodys(
    site: Site, method: str, path: str
) -> None:
    ghosts = unknown(site.foreign)
    if "/new-link/" in path:  # its form goes by the participant in the path
        ghosts["{participant}"] = site.foreign["{participant}"]
    theirs, nobodys = filled(path, site.foreign), filled(path, ghosts)
    if theirs == nobodys:
        pytest.skip("the path names nothing that an agency owns")
    before = rows_of(site.two.owner, NORTH)
    for name in STAFF:
        one, token = site.staff[name], site.tokens[name]
        if method == "GET":
            a, b = one.get(theirs), one.get(nobodys)
            assert (a.status_code, plain(a.text, of=theirs)) == (b.status_code, plain(b.text, of=nobodys))
            assert a.status_code in (403, 404, 422), (name, a.text)
        else:
            answers = [ask(site.two.north, one, method, way, token) for way in (theirs, nobodys)]
            assert answers[0] == answers[1] != "200", name
            assert answers[0] in ("403", "404", "409", "422", "303"), name
    made_for_the_form = path.endswith("/calendars")  # `ask` makes a calendar in the north to name it
    assert made_for_the_form or rows_of(site.two.owner, NORTH) == before


@pytest.mark.timeout(300)
def test_an_id_of_the_other_agency_in_a_form_is_nobodys(site: Site) -> None:
    foreign = {kind: an_id(site.two.owner, kind) for kinds in HOLDS_AN_ID.values() for kind in kinds}
    asking = {name: Asking(one=site.staff[name], csrf=site.tokens[name]) for name in ("karim", "lena")}
    before = rows_of(site.two.owner, NORTH)
    asked = 0
    for field in naming():
        path = filled(field.path, site.own)
        body = base(site.two.south, path)
        for kind in HOLDS_AN_ID[field.name]:
            own = site.two.south.cast.mia
            who = asking["lena" if SCRIPTED.search(path) else "karim"]
            assert names_the_same(who, path, body, field, foreign[kind] or NOBODY, own), field
            asked += foreign[kind] is not None
    assert asked > 80
    assert rows_of(site.two.owner, NORTH) == before


def an_id(owner: Engine, table: str) -> str | None:
    """Something of that kind that the north has and the south has not."""
    rows = metadata.tables[table]
    with owner.connect() as connection:
        ids = [
            set(connection.execute(select(rows.c.id).where(text("agency = :of")), {"of": agency}).scalars())
            for agency in (NORTH, SOUTH)
        ]
    return next(iter(ids[0] - ids[1]), None)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_answers_for_ids_of_the_other_agency_as_for_nobodys(site: Site, operation: str) -> None:
    route: APIRoute = OPERATIONS[operation]
    before = rows_of(site.two.owner, NORTH)
    for method in route.methods or ():
        for name, value in site.foreign.items():
            if name in route.path and len(value) == 32:
                own = site.own | {name: value}
                a = called(site.machine, method, filled(route.path, own))
                b = called(site.machine, method, filled(route.path, own | {name: NOBODY}))
                assert (a.status_code, plain(a.text, of=value)) == (b.status_code, plain(b.text, of=NOBODY))
                assert a.status_code in (403, 404, 409, 422), a.text
    assert rows_of(site.two.owner, NORTH) == before


def called(one: Api, method: str, path: str) -> httpx.Response:
    if method == "GET":
        return one.get(path)
    return one.ask(method, path, json={}, headers={"Idempotency-Key": secrets.token_hex(8)})


def rows_of(owner: Engine, agency: str) -> dict[str, tuple[int, int | None]]:
    """How many rows of each table are this agency's, and how often each was changed."""
    found = {}
    with owner.connect() as connection:
        for table in sorted(metadata.tables.keys() - BESIDE.keys()):
            query = f'SELECT count(*), max(xmin::text::bigint) FROM "{table}" WHERE agency = %s'  # noqa: S608
            count, newest = connection.exec_driver_sql(query, (agency,)).one()
            found[table] = (count, newest)
    return found


def test_no_page_of_one_agency_holds_an_id_of_the_other(site: Site) -> None:
    foreign = every_id(site.two.owner, NORTH) - every_id(site.two.owner, SOUTH)
    assert len(foreign) > 100
    seen = 0
    for method, path in staff_routes():
        if method == "GET":
            for name in STAFF:
                answer = site.staff[name].get(filled(path, site.own))
                seen += answer.status_code == 200
                assert not foreign & set(re.findall(r"[0-9a-f]{32}", answer.text)), path
    for operation in routes():
        if "GET" in (operation.methods or ()):
            answer = site.machine.get(filled(operation.path, site.own))
            seen += answer.status_code == 200
            assert not foreign & set(re.findall(r"[0-9a-f]{32}", answer.text)), operation.path
    assert seen > 100


def every_id(owner: Engine, agency: str) -> set[str]:
    with owner.connect() as connection:
        text = "".join(
            str(row)
            for table in sorted(metadata.tables.keys() - BESIDE.keys() - {"audit_entry"})
            for row in connection.exec_driver_sql(ALL_OF.replace("TABLE_", table), (agency,))
        )
    return set(re.findall(r"[0-9a-f]{32}", text))


def test_a_sign_in_and_a_token_of_one_agency_are_nothing_to_the_other(site: Site) -> None:
    theirs = ADDRESSES[NORTH]
    one = sign_in(site.app, "priya")
    assert one.get("/w/today").status_code == 200
    cookie = one.client.cookies.get(STAFF_COOKIE)
    stolen = browser(site.app)
    headers = {"cookie": f"{STAFF_COOKIE}={cookie}"}
    answer = stolen.client.get(f"{theirs}/w/today", headers=headers)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/w/sign-in")
    token = site.machine.headers["Authorization"]
    assert stolen.client.get(f"{theirs}/api/v1/me", headers={"Authorization": token}).status_code == 401
    assert site.machine.get("/me").status_code == 200


def test_a_link_of_one_agency_opens_no_door_of_the_other(site: Site) -> None:
    north = site.two.north
    visit = north.approved(people=(north.cast.dana,), wall_start=later(north))
    secret = north.secret(visit, north.cast.dana)
    answers = [
        opened(site.app, base, said) for base in ADDRESSES.values() for said in (secret, "x" * len(secret))
    ]
    assert answers[0] == answers[1]


def later(house: House) -> datetime:
    """Two days on, at three: nobody has anything then."""
    return (house.clock.at + timedelta(days=2)).replace(hour=15, minute=0, tzinfo=None)


def opened(app: ASGIApp, base: str, secret: str) -> tuple[int, str]:
    one = browser(app)
    found = re.search(r'"?nonce"?[^0-9]{1,12}(\d{8,12}\.[0-9a-f]{64})', one.get(f"{base}/v").text)
    assert found is not None
    said = SAME | {"origin": base}
    body = {"secret": secret, "nonce": found[1], "device_key": "k"}
    answer = one.client.post(f"{base}/v/open", json=body, headers=said)
    return answer.status_code, plain(answer.text, of=base)
