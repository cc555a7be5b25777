"""Before a grave act whoever sits there shows once more that it is they; what was typed is not lost meanwhile."""

import ast
import html
import json
import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from starlette.types import ASGIApp

import contact_service
from contact_service.audit.events import AGENCY_CASE
from contact_service.policy.proving import PROOF_LASTS
from tests.actions.test_factors import add_app
from tests.actions.test_passkeys import add, device
from tests.actions.test_plans_and_orders import recorded
from tests.cast import PASSWORD, House
from tests.pages.conftest import Browser, SignIn, browser, says_what_for
from tests.pages.test_orders import ORDER

TYPED = ORDER | {
    "status": "varied",
    "decided_on": "2030-05-10",
    "says": "Every second week, and “never” on <Sundays> & 'feasts'.",
}


def later(house: House, *browsers: Browser) -> None:
    """So much later that their sign-in proves nothing more, though none of them went idle."""
    for _ in range(2):
        house.clock.forward(PROOF_LASTS / 2 + timedelta(seconds=1))
        for one in browsers:
            assert one.get("/w/today").status_code == 200


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def asked_first(answer: httpx.Response) -> str:
    assert answer.status_code == 403, answer.text
    assert "Show that it is you" in answer.text
    return answer.text


def asked_to_lift(house: House, karim: Browser) -> str:
    """The address of a restriction that Karim asked to be lifted."""
    found = re.search(r"/w/restriction/[0-9a-f]{32}", karim.get(f"/w/child/{house.cast.mia}").text)
    assert found is not None
    assert karim.post(f"{found[0]}/ask-to-lift", {"csrf": karim.csrf()}).status_code == 303
    return f"{found[0]}/lift"


def last(house: House) -> tuple[str, object]:
    entry = house.entries(AGENCY_CASE)[-1]
    return entry.type, entry.fields.get("reason")


def test_a_restriction_is_lifted_after_the_approver_showed_that_it_is_they(
    house: House, signed_in: SignIn
) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    there = asked_to_lift(house, karim)
    later(house, priya)
    before = house.history()
    page = asked_first(priya.post(there, {"csrf": priya.csrf()}))
    assert house.history() == before, "nothing of it was kept"
    assert last(house) == ("access.refused", "proof_needed")
    wrong = priya.post("/w/prove", hidden(page) | {"password": "not mine"})
    assert wrong.status_code == 422
    again = hidden(wrong.text)
    onward = priya.post("/w/prove", again | {"password": PASSWORD})
    assert f'action="{there}"' in onward.text
    assert last(house)[0] == "staff.proved"
    assert priya.post(there, hidden(onward.text)).status_code == 303
    assert "restriction.ended" in house.history()


def test_what_was_typed_comes_back_letter_by_letter(house: House, signed_in: SignIn) -> None:
    order, karim = recorded(house), signed_in("karim")
    there = f"/w/child/{house.cast.mia}/order/{order}"
    later(house, karim)
    page = asked_first(karim.post(there, TYPED | {"csrf": karim.csrf()}))
    onward = karim.post("/w/prove", hidden(page) | {"password": PASSWORD})
    sent = hidden(onward.text)
    assert {name: sent[name] for name in TYPED} == TYPED
    assert karim.post(there, sent).status_code == 303
    assert TYPED["says"] in html.unescape(karim.get(there).text)


def test_a_fresh_sign_in_and_each_proof_last_a_quarter_of_an_hour(house: House, signed_in: SignIn) -> None:
    noor = signed_in("noor")
    there = f"/w/case/{house.cast.case}/history.csv"
    assert noor.get(there).status_code == 200
    later(house, noor)
    page = asked_first(noor.get(there))
    assert hidden(page)["back"] == there
    assert "@" not in page.split("<main")[1], "nothing of the history is on it"
    done = noor.post("/w/prove", hidden(page) | {"password": PASSWORD})
    assert (done.status_code, done.headers["location"]) == (303, there)
    assert noor.get(there).status_code == 200
    house.clock.forward(PROOF_LASTS - timedelta(seconds=1))
    assert noor.get(there).status_code == 200
    house.clock.forward(timedelta(seconds=1))
    asked_first(noor.get(there))


def test_an_app_is_asked_for_its_code_once_and_wrong_ones_are_counted(app: ASGIApp, house: House) -> None:
    phone = add_app(house, house.cast.noor)
    noor = browser(app)
    noor.post("/w/sign-in", {"email": "noor@demo.example", "password": PASSWORD})
    assert noor.post("/w/sign-in/code", {"code": phone.code(house)}).status_code == 303
    says_what_for(noor)
    later(house, noor)
    there = f"/w/case/{house.cast.case}/history.csv"
    form = hidden(asked_first(noor.get(there))) | {"password": PASSWORD}
    for wrong in ("", "000000", phone.codes[0]):
        answer = noor.post("/w/prove", form | {"code": wrong})
        assert answer.status_code == 422
        assert "This code is not right" in answer.text
        assert last(house) == ("staff.sign_in_failed", "wrong_code")
    asked_first(noor.get(there))
    code = phone.code(house)
    assert noor.post("/w/prove", form | {"code": code}).status_code == 303
    assert noor.get(there).status_code == 200
    assert noor.post("/w/prove", form | {"code": code}).status_code == 422, "once"
    for _ in range(7):
        house.clock.forward(timedelta(minutes=1))
        assert noor.post("/w/prove", form | {"code": "000000"}).status_code == 422
    house.clock.forward(timedelta(minutes=1))
    spent = noor.post("/w/prove", form | {"code": phone.code(house)})
    assert "Too many wrong codes" in spent.text


def test_whoever_has_a_passkey_shows_it_and_no_password_stands_in(house: House, app: ASGIApp) -> None:
    own, theirs = device(), device()
    add(house, house.cast.noor, own)
    add(house, house.cast.karim, theirs)
    noor = browser(app)
    said = own.sign(noor.send("/w/sign-in/passkey/ask", {}).json())
    assert noor.send("/w/sign-in/passkey", {"passkey": said}).status_code == 200
    says_what_for(noor)
    there = f"/w/case/{house.cast.case}/history.csv"
    assert noor.get(there).status_code == 200
    later(house, noor)
    page = asked_first(noor.get(there))
    assert "Use your passkey" in page
    assert "Your password" not in page
    csrf = noor.csrf("/w/account")
    assert noor.post("/w/prove", {"csrf": csrf, "password": PASSWORD}).status_code == 422
    asked_first(noor.get(there))
    asked = noor.send("/w/prove/passkey/ask", {}, x_csrf=csrf).json()
    other = noor.send("/w/prove/passkey", {"passkey": theirs.sign(asked)}, x_csrf=csrf)
    assert (other.status_code, last(house)[1]) == (409, "passkey_refused")
    assert noor.send("/w/prove/passkey", {"passkey": own.sign(asked)}, x_csrf=csrf).status_code == 409, (
        "used up"
    )
    sign_in = noor.send("/w/sign-in/passkey/ask", {}).json()
    assert noor.send("/w/prove/passkey", {"passkey": own.sign(sign_in)}, x_csrf=csrf).status_code == 409
    asked_first(noor.get(there))
    asked = noor.send("/w/prove/passkey/ask", {}, x_csrf=csrf).json()
    assert noor.send("/w/prove/passkey", {"passkey": own.sign(asked)}, x_csrf=csrf).status_code == 200
    assert noor.get(there).status_code == 200


def test_a_proof_counts_in_its_own_session_alone(house: House, signed_in: SignIn) -> None:
    here, elsewhere = signed_in("noor"), signed_in("noor")
    later(house, here, elsewhere)
    there = f"/w/case/{house.cast.case}/history.csv"
    here.post("/w/prove", {"csrf": here.csrf("/w/account"), "password": PASSWORD})
    assert here.get(there).status_code == 200
    asked_first(elsewhere.get(there))


def test_the_api_asks_too_and_says_so_by_name(house: House, signed_in: SignIn) -> None:
    noor = signed_in("noor")
    there = f"/api/v1/cases/{house.cast.case}/history"
    assert noor.get(there).status_code == 200
    later(house, noor)
    refused = noor.get(there)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:contact-service:problem:proof-needed")
    assert "entries" not in refused.text
    noor.post("/w/prove", {"csrf": noor.csrf("/w/account"), "password": PASSWORD})
    assert noor.get(there).status_code == 200


def test_an_order_changed_over_the_api_is_not_kept_without_proof(house: House, signed_in: SignIn) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    there = asked_to_lift(house, karim).split("/")[3]
    later(house, priya)
    headers = {"x_csrf": priya.csrf(), "idempotency_key": "lift-it-now-1"}
    before = house.history()
    refused = priya.send(f"/api/v1/restrictions/{there}/lift", {}, **headers)
    assert (refused.status_code, refused.json()["type"][-12:]) == (403, "proof-needed")
    assert house.history() == before
    priya.post("/w/prove", {"csrf": priya.csrf("/w/account"), "password": PASSWORD})
    done = priya.send(f"/api/v1/restrictions/{there}/lift", {}, **headers)
    assert done.status_code == 200, done.text


def test_a_form_with_a_password_is_not_held_and_leads_back_to_its_page(house: House, app: ASGIApp) -> None:
    add_app(house, house.cast.karim)
    phone = add_app(house, house.cast.ola)
    ola = browser(app)
    ola.post("/w/sign-in", {"email": "ola@demo.example", "password": PASSWORD})
    assert ola.post("/w/sign-in/code", {"code": phone.code(house)}).status_code == 303
    later(house, ola)
    page = f"/w/staff/{house.cast.karim}/sign-in"
    held = hidden(asked_first(ola.post(f"{page}/reset", {"csrf": ola.csrf(page), "password": PASSWORD})))
    assert (held["act"], json.loads(held["held"]), held["back"]) == ("", [], page)
    done = ola.post("/w/prove", held | {"password": PASSWORD, "code": phone.code(house)})
    assert (done.status_code, done.headers["location"]) == (303, page)
    assert ola.post(f"{page}/reset", {"csrf": ola.csrf(page), "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/", "//evil.example", "/w//evil.example", "/w/../v/x", "javascript:alert(1)",
        "/w/today\\@evil.example", "/w/today\nLocation:x", "/v/0", "/api/v1/me", "", "/w/today#<script>",
    ],
)  # fmt: skip
def test_nobody_is_sent_to_another_place_from_here(signed_in: SignIn, elsewhere: str) -> None:
    karim = signed_in("karim")
    form = {"csrf": karim.csrf(), "password": PASSWORD, "back": elsewhere, "act": elsewhere}
    answer = karim.post("/w/prove", form | {"held": '[["a", "b"]]'})
    assert (answer.status_code, answer.headers["location"]) == (303, "/w/today")
    page = karim.client.get("/w/prove", params={"back": elsewhere})
    assert hidden(page.text)["back"] == "/w/today"


@pytest.mark.parametrize("held", ["", "{}", "[1]", '[["a"]]', '[["a", 1]]', "[" * 5000, "null", '["ab"]'])
def test_a_held_form_that_is_none_is_left_out(signed_in: SignIn, held: str) -> None:
    karim = signed_in("karim")
    form = {"csrf": karim.csrf(), "password": PASSWORD, "act": "/w/policy/accept", "held": held}
    answer = karim.post("/w/prove", form)
    assert answer.status_code == 200
    assert set(hidden(answer.text)) == {"csrf"}


def test_another_site_and_another_session_prove_nothing(house: House, signed_in: SignIn) -> None:
    noor, karim = signed_in("noor"), signed_in("karim")
    later(house, noor, karim)
    for csrf, said in (
        ("", {}),
        (karim.csrf(), {}),
        (noor.csrf("/w/account"), {"sec_fetch_site": "cross-site"}),
    ):
        assert noor.post("/w/prove", {"csrf": csrf, "password": PASSWORD}, **said).status_code == 403
    asked_first(noor.get(f"/w/case/{house.cast.case}/history.csv"))


def test_ending_and_stopping_wait_for_no_proof(house: House, signed_in: SignIn) -> None:
    karim, ola = signed_in("karim"), signed_in("ola")
    later(house, karim, ola)
    stop = {"csrf": karim.csrf(), "person": house.cast.dana, "kind": "no_contact", "reason": ""}
    assert "Show that it is you" not in karim.post(f"/w/child/{house.cast.mia}/restriction", stop).text
    page = f"/w/staff/{house.cast.lena}/sign-in"
    form = {"csrf": ola.csrf(page), "password": PASSWORD}
    assert ola.post(f"{page}/disable", form).status_code == 303


def test_behind_the_doors_of_the_staff_nobody_opens_a_work_that_asks_for_no_proof() -> None:
    """``begin`` is for nobody in particular and for families; everybody of the staff goes through ``acting``."""
    package = Path(contact_service.__file__).parent
    opened = {
        (file.name, ast.unparse(call.args[1]))
        for file in (*(package / "pages").rglob("*.py"), *(package / "api" / "v1").rglob("*.py"))
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "begin"
    }
    assert {one for one in opened if one[1] != "actor.NOBODY"} == {
        ("access.py", "who"),
        ("choices.py", "who"),
    }
    access = (package / "pages" / "access.py").read_text(encoding="utf-8")
    assert access.count("begin(site.installation, who)") == 1, "that of a guest"
