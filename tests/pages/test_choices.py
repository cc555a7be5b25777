"""A worker offers times, an approver agrees, the family presses one; who cannot come says so and asks for another."""

import html
import re
from datetime import timedelta

import pytest
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.audit.events import AGENCY_CASE
from contact_service.invitations.actions import inviting
from contact_service.jobs.choices import ask_for_the_silent, lapse_choices
from contact_service.proposals.queries import choice_secret
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit, VisitState
from contact_service.work import read
from tests.cast import House, Phone
from tests.pages.conftest import Browser, SignIn, browser, open_link
from tests.pages.test_times import hidden, wanted
from tests.proposals.helpers import FRIDAY, choice, opened


def secret(house: House, visit: Visit) -> str:
    with read(house.installation, actor.SCHEDULE) as work:
        return choice_secret(work, visit.id, house.cast.dana)


def said(page: str) -> str:
    """The words of a page, tags left out."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


def places(page: str) -> list[str]:
    return re.findall(r'name="place" value="(\d)"', page)


def instants(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'name="starts_at" value="([^"]+)"', page)]


def test_from_the_times_that_fit_to_the_booked_visit(house: House, signed_in: SignIn, app: ASGIApp) -> None:
    karim, priya, dana = signed_in("karim"), signed_in("priya"), browser(app)
    found = karim.post("/w/book/times", wanted(house, karim)).text
    offered = [html.unescape(one) for one in re.findall(r'name="times" value="([^"]+)"', found)]
    form = {
        name: value
        for name, value in hidden(found).items()
        if name not in ("date", "time", "visit_supervisor")
    }
    asked = karim.post(
        "/w/book/propose", form | {"times": offered[1:4], "asked": [house.cast.dana], "visit_supervisor": ""}
    )
    assert asked.status_code == 303, said(asked.text)
    visit = house.visit(asked.headers["location"].rpartition("/")[2])  # type: ignore[arg-type]
    page = said(karim.get(f"/w/visit/{visit.id}").text)
    assert "One of these times" in page
    assert "An approver decides first." in page
    waiting = said(priya.get("/w/approvals").text)
    assert "one of 3 times" in waiting
    assert "Approve these times" in waiting
    yes = priya.post(
        f"/w/approvals/{visit.id}/approve", {"csrf": priya.csrf("/w/approvals"), "version": visit.revision}
    )
    assert yes.status_code == 303
    assert "one of 3 times" not in said(priya.get("/w/approvals").text)
    assert "They have a link, and until" in said(karim.get(f"/w/visit/{visit.id}").text)
    link = secret(house, visit)
    assert open_link(dana, link, Phone()).json() == {"post": "/v/choice"}
    chosen = dana.post("/v/choice", {"secret": link})
    assert places(chosen.text) == ["1", "2", "3"]
    assert said(chosen.text).count("(BST)") == 3  # by whose clock
    booked = dana.post("/v/choice/take", {"secret": link, "place": "2"})
    assert "Your visit is booked" in said(booked.text)
    assert house.state(visit) is VisitState.APPROVED
    assert house.visit(visit.id).starts_at == choice(house, visit).times[1].starts_at
    assert "A time is chosen" in said(dana.post("/v/choice", {"secret": link}).text)
    assert "A time is chosen" in said(dana.post("/v/choice/take", {"secret": link, "place": "1"}).text)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"times": ["2030-05-17T16:00|s"]}, "Choose two or three times."),
        ({"times": []}, "Choose two or three times."),
        ({"times": ["soon|s", "2030-05-17T16:00|s"]}, "Choose two or three times."),
        (
            {"times": ["2030-05-17T16:00|a", "2030-05-18T16:00|b"]},
            "No visit supervisor is free at all of these times.",
        ),
        ({"asked": []}, "Choose who of the visit is asked to choose a time."),
    ],
)
def test_what_cannot_be_a_choice_comes_back_with_the_form(
    house: House, signed_in: SignIn, changes: dict[str, object], told: str
) -> None:
    karim = signed_in("karim")
    lena = house.cast.lena
    form = wanted(house, karim) | {
        "times": [f"2030-05-17T16:00|{lena}", f"2030-05-18T16:00|{lena}"],
        "asked": [house.cast.dana],
    }
    answer = karim.post("/w/book/propose", form | changes)
    assert answer.status_code == 422
    assert told in said(answer.text)


def test_times_that_come_too_soon_to_be_chosen_ask_for_nothing(house: House, signed_in: SignIn) -> None:
    karim, lena = signed_in("karim"), house.cast.lena
    soon, later = ([f"2030-05-{day}|{lena}", f"2030-05-18T16:00|{lena}"] for day in ("15T13:30", "17T16:00"))
    form = wanted(house, karim) | {"asked": [house.cast.dana], "once": "b" * 32}
    before = house.snapshot()
    answer = karim.post("/w/book/propose", form | {"times": soon})
    assert answer.status_code == 422
    assert "The first time comes too soon for the family to choose. Choose later times." in said(answer.text)
    assert house.snapshot() == before
    assert karim.post("/w/book/propose", form | {"times": later}).status_code == 303


def test_a_choice_that_is_over_says_so_and_the_job_ends_it(house: House, app: ASGIApp) -> None:
    visit, dana = opened(house), browser(app)
    until = choice(house, visit).answer_by
    assert until is not None
    house.clock.at = until
    for path, more in (("/v/choice", {}), ("/v/choice/take", {"place": "1"})):
        answer = dana.post(path, {"secret": secret(house, visit)} | more)
        assert "This choice is over" in said(answer.text)
    for _ in range(2):
        lapse_choices(house.installation)
    assert house.state(visit) is VisitState.LAPSED
    assert "This choice is over" in said(dana.post("/v/choice", {"secret": secret(house, visit)}).text)


@pytest.mark.parametrize(
    "path", ["/v/choice", "/v/choice/take", "/v/answer", "/v/answer/say", "/v/answer/other"]
)
def test_a_wrong_secret_opens_nothing_and_is_counted(house: House, app: ASGIApp, path: str) -> None:
    more = {"/v/choice/take": {"place": "1"}, "/v/answer/say": {"answer": "coming"}}.get(path, {})
    more = more or ({"starts_at": "2030-05-20T15:00:00+00:00"} if path.endswith("other") else {})
    before = len(house.entries(AGENCY_CASE))
    answers = {browser(app).post(path, {"secret": wrong} | more).text for wrong in ("x", "x" * 43, "A" * 43)}
    assert len(answers) == 1
    assert "This link does not work now" in said(answers.pop())
    assert [entry.type for entry in house.entries(AGENCY_CASE)[before:]] == ["door.refused"] * 3
    refused = browser(app).post(path, {"secret": "x" * 43} | more, sec_fetch_site="cross-site")
    assert refused.status_code == 403


@pytest.fixture
def visit(house: House) -> Visit:
    return house.approved(wall_start=FRIDAY)


def answers(one: Browser, link: str, answer: str, why: str = "") -> str:
    return one.post("/v/answer/say", {"secret": link, "answer": answer, "why": why}).text


def test_before_its_time_a_link_asks_whether_one_comes(
    house: House, app: ASGIApp, signed_in: SignIn, visit: Visit
) -> None:
    dana, link = browser(app), house.secret(visit, house.cast.dana)
    early = open_link(dana, link, Phone()).json()
    assert (early["title"], early["post"]) == ("Your visit is not open yet", "/v/answer")
    assert "Will you be there?" in said(dana.post("/v/answer", {"secret": link}).text)
    assert "We know now that you come." in said(answers(dana, link, "coming"))
    assert "You have told us that you come." in said(dana.post("/v/answer", {"secret": link}).text)
    assert "Comes" in said(signed_in("karim").get(f"/w/visit/{visit.id}").text)


def test_who_cannot_come_asks_for_another_time_and_the_worker_changes_the_visit_to_it(
    house: House, app: ASGIApp, signed_in: SignIn, visit: Visit
) -> None:
    dana, karim = browser(app), signed_in("karim")
    link = house.secret(visit, house.cast.dana)
    page = answers(dana, link, "cannot", "work")
    offered = instants(page)
    assert len(offered) == 3
    assert said(page).count("(BST)") == 3
    assert "Would one of these times suit you?" in said(page)
    kept = dana.post("/v/answer/other", {"secret": link, "starts_at": offered[0]}).text
    assert "We have asked for this time" in said(kept)
    again = said(dana.post("/v/answer/other", {"secret": link, "starts_at": offered[1]}).text)
    assert "Your worker calls you, or writes to you." in again
    todo = said(karim.get("/w/today").text)
    assert "Dana says that they cannot come." in todo
    shown = karim.get(f"/w/visit/{visit.id}").text
    assert "Dana Marlowe cannot come." in said(shown) or "Dana cannot come." in said(shown)
    assert "They say: “I have to work”." in said(shown)
    assert "is kept until" in said(shown)
    way = html.unescape(re.findall(r'href="([^"]+/change\?to=[^"]+)"', shown)[0])
    form = karim.get(way).text
    wall = choice_of(form)
    assert wall == offered[0][:10]


def test_no_other_time_is_shown_to_somebody_who_has_not_said_that_they_cannot_come(
    house: House, app: ASGIApp, visit: Visit
) -> None:
    dana, link = browser(app), house.secret(visit, house.cast.dana)
    form = {"secret": link, "starts_at": "2030-05-21T15:00:00+00:00"}
    for before in ("", "coming"):
        if before:
            answers(dana, link, before)
        page = dana.post("/v/answer/other", form).text
        assert instants(page) == []
        assert "Will you be there?" in said(page)
    assert len(instants(answers(dana, link, "cannot"))) == 3


def choice_of(form: str) -> str:
    """The date that stands in the booking form."""
    found: str = re.findall(r'name="date"[^>]*value="([\d-]+)"', form)[0]
    return found


def test_nothing_of_why_others_cannot_is_told(house: House, app: ASGIApp, visit: Visit) -> None:
    dana = browser(app)
    page = said(answers(dana, house.secret(visit, house.cast.dana), "cannot", "ill"))
    for name in ("Mia", "Ines", "Lena", "Karim A", "school"):
        assert name not in page


@pytest.mark.parametrize(("answer", "why"), [("maybe", ""), ("", ""), ("cannot", "because")])
def test_an_answer_that_is_none_changes_nothing(
    house: House, app: ASGIApp, visit: Visit, answer: str, why: str
) -> None:
    before = [one for one in house.history() if one.startswith("invitation.")]
    page = answers(browser(app), house.secret(visit, house.cast.dana), answer, why)
    assert "This link does not work now" in said(page)
    assert [one for one in house.history() if one.startswith("invitation.")] == before


@pytest.mark.parametrize("typed", ["", "soon", "2030-05-20T16:00"])
def test_an_other_time_that_is_no_instant_is_told(
    house: House, app: ASGIApp, visit: Visit, typed: str
) -> None:
    dana, link = browser(app), house.secret(visit, house.cast.dana)
    answers(dana, link, "cannot")
    answer = dana.post("/v/answer/other", {"secret": link, "starts_at": typed})
    assert answer.status_code == 422


def test_a_link_that_was_revoked_answers_to_nothing(house: House, app: ASGIApp, visit: Visit) -> None:
    dana, link = browser(app), house.secret(visit, house.cast.dana)
    house.clock.at = visit.starts_at + timedelta(minutes=1)
    assert "This link does not work now" in said(dana.post("/v/answer", {"secret": link}).text)


def test_the_job_asks_for_nobody_where_the_policy_has_no_cut_off(house: House, visit: Visit) -> None:
    house.clock.at = visit.starts_at - timedelta(hours=1)
    before = house.history()
    ask_for_the_silent(house.installation)
    assert house.history() == before


def test_a_used_link_tells_nothing_of_a_visit_that_was_moved_or_called_off(
    house: House, app: ASGIApp
) -> None:
    visit, dana = opened(house), browser(app)
    link = secret(house, visit)
    dana.post("/v/choice/take", {"secret": link, "place": "1"})
    with house.work(house.cast.karim) as work:
        inviting.change(work, visit.id, house.wish(wall_start=FRIDAY + timedelta(days=7)))
    with house.work(house.cast.priya) as work:
        inviting.approve(work, visit.id)
    moved = said(dana.post("/v/choice", {"secret": link}).text)
    assert "This choice is over" in moved
    assert "24 May" not in moved
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.STAFF_UNAVAILABLE)
    assert "This choice is over" in said(dana.post("/v/choice", {"secret": link}).text)
