from datetime import timedelta

from contact_service.identity.account import IDLE_LIMIT
from tests.cast import PASSWORD, House
from tests.pages.conftest import Browser, SignIn


def test_a_wrong_password_says_nothing_about_which_part_was_wrong(stranger: Browser) -> None:
    form = {"email": "karim@demo.example", "password": "not the right words"}
    wrong = stranger.post("/w/sign-in", form)
    unknown = stranger.post("/w/sign-in", form | {"email": "karin@demo.example"})
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.text.replace("karim", "karin") == unknown.text
    assert "set-cookie" not in wrong.headers


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(stranger: Browser) -> None:
    answer = stranger.post("/w/sign-in", {"email": "karim@demo.example", "password": PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-staff=")
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "domain" not in cookie


def test_an_expired_session_leads_back_to_the_sign_in(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    csrf = karim.csrf()
    house.clock.forward(IDLE_LIMIT)
    for answer in (karim.get("/w/today"), karim.post("/w/sign-out", {"csrf": csrf})):
        assert (answer.status_code, answer.headers["location"]) == (303, "/w/sign-in")
    script = karim.client.get("/w/today", headers={"accept": "application/json"})
    assert script.status_code == 401


def test_a_used_page_keeps_the_session(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    for _ in range(4):
        house.clock.forward(IDLE_LIMIT - timedelta(seconds=1))
        assert karim.get("/w/today").status_code == 200


def test_signing_out_forgets_the_session_here_and_there(signed_in: SignIn) -> None:
    karim = signed_in("karim")
    cookies = dict(karim.client.cookies)
    answer = karim.post("/w/sign-out", {"csrf": karim.csrf()})
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    karim.client.cookies.update(cookies)
    assert karim.get("/w/today").status_code == 303
