"""Requests that are not ours, not theirs, or not understood: one clear answer, nothing changed."""

from datetime import timedelta
from typing import Any

import pytest

from contact_service.visits.visit import Visit, VisitState
from tests.cast import House
from tests.pages.conftest import BASE, SAME, Browser, SignIn, tell_alone

# Odd ids, numbers and days are what one database answers and the other chokes on.
pytestmark = [pytest.mark.slow, pytest.mark.both]

# A refused request leaves a line of evidence, and a sign-in a session; nothing else may differ.
TRACES = frozenset(
    {"audit_head", "audit_entry", "case_key", "staff_session", "throttle", "agency_root", "resource"}
)
Dana = tuple[Browser, Visit, str]
FAMILY = ("/", "/consent/1", "/answers", "/check", "/company", "/room", "/state", "/thanks")
CROSS = [
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"sec_fetch_site": "none"},
    {"sec_fetch_site": "cross-site", "origin": BASE},
]


def decide(one: Browser, visit: Visit, csrf: str, **headers: str) -> Any:  # noqa: ANN401
    path = f"/w/approvals/{visit.id}/approve"
    return one.post(path, {"csrf": csrf, "version": visit.revision}, **headers)


@pytest.mark.parametrize("csrf", ["", "wrong", "é"])
def test_a_form_without_its_token_changes_nothing(house: House, signed_in: SignIn, csrf: str) -> None:
    visit = house.requested()
    priya = signed_in("priya")
    before = house.snapshot(leaving_out=TRACES)
    assert decide(priya, visit, csrf).status_code == 403
    assert house.snapshot(leaving_out=TRACES) == before
    assert decide(priya, visit, priya.csrf()).status_code == 303


def test_the_token_of_a_colleague_is_no_token(house: House, signed_in: SignIn) -> None:
    visit = house.requested()
    assert decide(signed_in("priya"), visit, signed_in("karim").csrf()).status_code == 403
    assert house.state(visit) is VisitState.REQUESTED


@pytest.mark.parametrize("headers", CROSS, ids=str)
def test_a_form_from_another_site_changes_nothing(
    house: House, signed_in: SignIn, headers: dict[str, str]
) -> None:
    visit = house.requested()
    priya = signed_in("priya")
    assert decide(priya, visit, priya.csrf(), **headers).status_code == 403
    assert house.state(visit) is VisitState.REQUESTED


@pytest.mark.parametrize("origin", ["https://evil.example", "null", BASE + ".evil.example"])
def test_a_browser_that_says_only_its_origin_is_judged_by_it(
    house: House, signed_in: SignIn, origin: str
) -> None:
    visit = house.requested()
    priya = signed_in("priya")
    csrf = priya.csrf()
    form = {"csrf": csrf, "version": str(visit.revision)}
    path = f"/w/approvals/{visit.id}/approve"
    answer = priya.client.post(path, data=form, headers={"origin": origin})
    assert answer.status_code == 403
    answer = priya.client.post(path, data=form, headers={"origin": BASE})
    assert answer.status_code == 303


def test_a_refused_act_is_written_down(house: House, signed_in: SignIn) -> None:
    visit = house.requested()
    karim = signed_in("karim")
    karim.post(f"/w/approvals/{visit.id}/decline", {"csrf": karim.csrf(), "version": 2, "reason": "no_staff"})
    last = house.entries("agency")[-1]
    assert last.type in ("access.refused", "move.refused")
    assert last.fields["visit"] == visit.id


def without_code(text: str) -> str:
    import re  # noqa: PLC0415

    return re.sub(r"404-[0-9a-f]{4}", "", text)


@pytest.mark.parametrize("page", ["visit", "child", "case"])
def test_what_is_not_yours_looks_like_what_is_not_there(house: House, signed_in: SignIn, page: str) -> None:
    visit = house.requested()
    with house.installation.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM case_worker")
    karim = signed_in("karim") if page != "case" else signed_in("noor")
    ids = {"visit": visit.id, "child": house.cast.mia, "case": "e" * 32}
    foreign, absent = karim.get(f"/w/{page}/{ids[page]}"), karim.get(f"/w/{page}/{'f' * 32}")
    assert foreign.status_code == absent.status_code == 404
    assert without_code(foreign.text) == without_code(absent.text)


@pytest.mark.parametrize(
    "bad", ["x", "F" * 32, "f" * 31, "f" * 33, "%00" * 32, "..%2f..%2fetc", "f" * 32 + "%0a"]
)
def test_an_id_that_is_none_is_not_there(signed_in: SignIn, bad: str) -> None:
    assert signed_in("priya").get(f"/w/visit/{bad}").status_code == 404


def test_another_persons_pages_are_not_there(dana: Dana, house: House) -> None:
    one, visit, base = dana
    tell_alone(one, base)
    other = f"/v/{house.invitation(visit, house.cast.ines).id}"
    for page in ("/", "/company", "/room", "/state", "/withdraw", "/consent/1"):
        assert one.get(base + page).status_code == 200
        foreign, absent = one.get(other + page), one.get(f"/v/{'f' * 32}{page}")
        assert foreign.status_code == absent.status_code == 404
        assert without_code(foreign.text) == without_code(absent.text)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b'{"method": 1}',
        b"\xff\xfe",
        b"{" * 5000,
        b'{"participant":"\\u0000"}',
    ],
)
def test_what_is_no_json_is_refused(house: House, signed_in: SignIn, body: bytes) -> None:
    visit = house.waiting()
    lena = signed_in("lena")
    before = house.snapshot(leaving_out=TRACES)
    headers = SAME | {"x-csrf": lena.csrf(), "content-type": "application/json"}
    answer = lena.client.post(f"/w/visit/{visit.id}/room/admit", content=body, headers=headers)
    assert answer.status_code == 422
    assert house.snapshot(leaving_out=TRACES) == before


def test_unknown_fields_are_refused(house: House, signed_in: SignIn, dana: Dana) -> None:
    one, visit, base = dana
    lena = signed_in("lena")
    csrf = lena.csrf()
    unknown = {"participant": "f" * 32, "more": 1}
    assert lena.send(f"/w/visit/{visit.id}/room/look", unknown, x_csrf=csrf).status_code == 422
    form = {"csrf": csrf, "version": visit.revision, "reason": "child_ill", "more": "1"}
    assert lena.post(f"/w/visit/{visit.id}/cancel", form).status_code == 422
    mine = house.invitation(visit, house.cast.dana).csrf
    assert (
        one.send(f"{base}/check", {"camera": "ok", "microphone": "ok", "x": 1}, x_csrf=mine).status_code
        == 422
    )
    assert house.visit(visit.id).state is VisitState.WAITING


@pytest.mark.parametrize("camera", ["", "fine", "OK", "ok\n", "\0"])
def test_a_check_result_that_is_no_code_is_refused(house: House, dana: Dana, camera: str) -> None:
    one, visit, base = dana
    csrf = house.invitation(visit, house.cast.dana).csrf
    answer = one.send(f"{base}/check", {"camera": camera, "microphone": "ok"}, x_csrf=csrf)
    assert answer.status_code == 422


@pytest.mark.parametrize("nonce", ["", "x", "\0", "é", "A" * 43])
def test_a_number_that_was_never_given_opens_nothing(house: House, dana: Dana, nonce: str) -> None:
    one, visit, base = dana
    csrf = house.invitation(visit, house.cast.dana).csrf
    answer = one.send(f"{base}/ticket", {"nonce": nonce, "signature": "AAAA"}, x_csrf=csrf)
    assert answer.status_code == 409
    assert "ticket" not in answer.json()


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
@pytest.mark.parametrize("path", ["/w/sign-in", "/v/open"])
def test_a_body_over_a_megabyte_is_too_large(stranger: Browser, path: str, declared: bool) -> None:  # noqa: FBT001
    big = b"x" * 1_000_001
    body = big if declared else [big[at : at + 65_536] for at in range(0, len(big), 65_536)]
    kind = "application/json" if path == "/v/open" else "application/x-www-form-urlencoded"
    answer = stranger.client.post(path, content=body, headers=SAME | {"content-type": kind})
    assert answer.status_code == 413


BOOKINGS: list[dict[str, object]] = [
    {"date": "2030-02-30"},
    {"date": "tomorrow"},
    {"date": "99999-01-01"},
    {"date": "0001-01-01"},
    {"date": "9999-12-31", "time": "23:59"},
    {"time": "25:00"},
    {"time": "\0"},
    {"minutes": "9" * 5000},
    {"minutes": "-30"},
    {"minutes": "1e9"},
    {"level": "secret"},
    {"people": ["f" * 32]},
    {"visit_supervisor": "\0"},
    {"duty": "'; DROP TABLE visit"},
    {"once": "\0" * 32},
    {"date": "2031-03-30", "time": "01:30"},
]


@pytest.mark.parametrize("wrong", BOOKINGS, ids=lambda wrong: ascii(wrong)[:40])
def test_a_form_that_cannot_be_is_shown_again_and_books_nothing(
    house: House, signed_in: SignIn, wrong: dict[str, object]
) -> None:
    karim = signed_in("karim")
    form: dict[str, object] = {
        "csrf": karim.csrf(),
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "date": "2030-05-15",
        "time": "16:00",
        "minutes": "30",
        "level": "supervised",
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
    }
    before = house.snapshot(leaving_out=TRACES)
    assert karim.post("/w/book", form | wrong).status_code in (409, 422)
    assert house.snapshot(leaving_out=TRACES) == before


def test_an_old_page_decides_nothing(house: House, signed_in: SignIn) -> None:
    visit = house.requested()
    priya = signed_in("priya")
    for version in (visit.revision - 1, visit.revision + 1, 10**30):
        form = {"csrf": priya.csrf(), "version": version}
        assert priya.post(f"/w/approvals/{visit.id}/approve", form).status_code == 409
    assert house.state(visit) is VisitState.REQUESTED


def test_reading_pages_changes_nothing(house: House, signed_in: SignIn, dana: Dana) -> None:
    one, visit, base = dana
    tell_alone(one, base)
    browsers = {name: signed_in(name) for name in ("karim", "priya", "lena", "noor")}
    pages = ["/w/today", f"/w/visit/{visit.id}", f"/w/child/{house.cast.mia}", "/v", "/healthz"]
    family = [base + page for page in FAMILY]
    before = house.snapshot(leaving_out=TRACES)
    for page in pages:
        for reader in browsers.values():
            reader.get(page)
            reader.client.head(page)
    for page in [*family, f"{base}/withdraw"]:
        assert one.get(page).status_code == 200
        one.client.head(page)
    assert house.snapshot(leaving_out=TRACES) == before
    house.clock.forward(timedelta(seconds=1))


@pytest.mark.parametrize(
    "path", ["/docs", "/redoc", "/openapi.json", "/demo", "/demo/messages", "/link", "/.env"]
)
def test_nothing_tells_how_the_product_is_made(stranger: Browser, path: str) -> None:
    assert stranger.get(path).status_code == 404
