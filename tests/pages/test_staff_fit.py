"""The page of which visits somebody can watch: who may say what, and that nobody else learns why."""

import re
from datetime import date, timedelta

import pytest

from contact_service import actor
from contact_service.errors import NotAllowed
from contact_service.ids import AccountId
from contact_service.suitability.actions import NewConflict
from contact_service.suitability.fit import ConflictKind, Gender
from contact_service.suitability.queries import fit_of
from contact_service.visits.actions import attending, recording, running, suiting
from contact_service.visits.visit import Latch, VisitState
from tests.actions.test_suiting import WOMAN, another_supervisor, asks, names_trainings
from tests.cast import BOOT, House
from tests.pages.conftest import Browser, SignIn

SIGNS = {"name": ["sign language"], "until": ["2031-01-31"]}


def send(browser: Browser, path: str, **form: object) -> tuple[int, str]:
    answer = browser.post(path, {"csrf": browser.csrf(), "once": "", **form})
    return answer.status_code, answer.text


def here(account: AccountId) -> str:
    return f"/w/staff/{account}"


def cousin(house: House, **changes: object) -> dict[str, object]:
    told = {"child": house.cast.mia, "person": house.cast.dana, "kind": "kin", "words": "They are cousins."}
    return told | changes


def watchers(browser: Browser, house: House, *people: str) -> tuple[list[str], str]:
    """Whom the booking form offers for a visit with these people, and what it says of others."""
    form = {
        "child": house.cast.mia,
        "people": [house.cast.ines, *people],
        "minutes": "30",
        "level": "supervised",
    }
    status, page = send(browser, "/w/book/filled", **form)
    assert status == 200
    [select] = re.findall(r'<select[^>]* id="visit_supervisor".*?</select>', page, re.DOTALL)
    hint = re.search(r'id="visit_supervisor-hint"[^>]*>(.*?)</div>', page, re.DOTALL)
    return re.findall(r'value="[0-9a-f]{32}"[^>]*>([^<]+)<', select), hint[1].strip() if hint else ""


@pytest.mark.rule("R59")
def test_a_worker_says_that_somebody_cannot_watch_and_only_managers_read_why(
    house: House, signed_in: SignIn
) -> None:
    karim, priya, path = signed_in("karim"), signed_in("priya"), here(house.cast.lena)
    assert watchers(karim, house, house.cast.dana) == (["Lena Voss"], "")
    assert send(karim, f"{path}/conflicts", **cousin(house))[0] == 303
    for browser, told in ((karim, False), (signed_in("lena"), False), (priya, True)):
        page = browser.get(path).text
        assert ("cousins" in page) is told
        assert ("Related to them" in page) is told
    names, words = watchers(karim, house, house.cast.dana)
    assert names == []
    assert words.startswith("Lena Voss cannot watch this visit. Nobody on the staff suits this visit.")
    assert "cousin" not in words
    assert "You said so." not in signed_in("lena").get(path).text
    # Whoever does not come makes no conflict.
    assert watchers(karim, house)[0] == ["Lena Voss"]
    [end] = re.findall(rf'action="({path}/conflicts/[0-9a-f]+/end)"', priya.get(path).text)
    assert send(karim, end)[0] == 403
    assert send(priya, end)[0] == 303
    assert send(priya, end)[0] == 404
    assert watchers(karim, house, house.cast.dana)[0] == ["Lena Voss"]


def test_who_manages_staff_learns_nothing_of_a_case_out_of_reach_and_may_end_what_is_there(
    house: House, signed_in: SignIn
) -> None:
    path = here(house.cast.lena)
    assert send(signed_in("karim"), f"{path}/conflicts", **cousin(house))[0] == 303
    house.clock.at += timedelta(days=40)
    ola = signed_in("ola")
    page = ola.get(path).text
    assert "Somebody of a case that you do not work with" in page
    for secret in ("Related to them", "cousins", "Dana", "(since"):
        assert secret not in page.replace("because they are related", "").partition('id="add"')[0], secret
    [end] = re.findall(rf'action="({path}/conflicts/[0-9a-f]+/end)"', page)
    assert send(ola, end)[0] == 303
    assert "Somebody of a case" not in ola.get(path).text
    assert watchers(signed_in("karim"), house, house.cast.dana)[0] == ["Lena Voss"]


@pytest.mark.rule("R59")
def test_a_visit_supervisor_says_of_herself_whose_visits_she_must_not_watch(
    house: House, signed_in: SignIn
) -> None:
    path, asked = here(house.cast.lena), f"?child={house.cast.mia}"
    lena = signed_in("lena")
    assert "You work with no case yet" in lena.get(path).text
    assert lena.get(path + asked).status_code == 404
    assert send(lena, f"{path}/conflicts", **cousin(house))[0] == 404
    visit = house.approved()
    assert f'value="{house.cast.mia}"' in lena.get(path).text
    page = lena.get(path + asked).text
    assert f'value="{house.cast.dana}"' in page
    assert f'value="{house.cast.viktor}"' not in page
    # Of a colleague she says nothing, and of somebody she never met neither.
    assert send(lena, f"{here(house.cast.karim)}/conflicts", **cousin(house))[0] == 403
    assert send(lena, f"{path}/conflicts", **cousin(house, person=house.cast.viktor))[0] == 422
    assert send(lena, f"{path}/conflicts", **cousin(house))[0] == 303
    mine = lena.get(path).text
    assert "You said so." in mine
    assert "Dana" in mine
    assert "/end" not in mine
    assert watchers(signed_in("karim"), house, house.cast.dana)[0] == []
    assert f"/w/visit/{visit.id}" in signed_in("priya").get("/w/approvals").text


def test_whoever_watched_no_visit_for_half_a_year_knows_the_child_no_more(
    house: House, signed_in: SignIn
) -> None:
    visit = house.approved()
    path = here(house.cast.lena)
    for days, known in ((182, True), (184, False)):
        house.clock.at = visit.starts_at + timedelta(days=days)
        assert (f'value="{house.cast.mia}"' in signed_in("lena").get(path).text) is known


@pytest.mark.rule("R60")
def test_only_those_are_offered_who_are_what_the_plan_asks(house: House, signed_in: SignIn) -> None:
    asks(house, WOMAN)
    wanda = another_supervisor(house, "Wanda")
    karim = signed_in("karim")
    asked = "The plan asks for a woman."
    names, words = watchers(karim, house, house.cast.dana)
    assert (names, words.startswith(asked)) == ([], True)
    with house.work(wanda) as work:
        suiting.state_gender(work, wanda, Gender.WOMAN)
    assert watchers(karim, house, house.cast.dana) == (["Wanda"], asked)
    assert watchers(karim, house) == (["Lena Voss", "Wanda"], "")


def test_everybody_says_of_themselves_whether_they_are_a_woman_or_a_man(
    house: House, signed_in: SignIn
) -> None:
    lena, path = signed_in("lena"), here(house.cast.lena)
    assert signed_in("noor").get(path).status_code == 403
    assert send(lena, f"{path}/gender", gender="woman")[0] == 303
    assert 'value="woman" selected' in lena.get(path).text
    assert 'value="woman"' not in signed_in("priya").get(path).text
    assert send(signed_in("priya"), f"{path}/gender", gender="man")[0] == 403
    assert send(lena, f"{path}/gender", gender="both")[0] == 422
    assert send(lena, f"{path}/gender", gender="")[0] == 303
    with house.reading(house.cast.lena) as work:
        assert fit_of(work, house.cast.lena).gender is None


@pytest.mark.rule("R60")
def test_those_who_manage_staff_keep_trainings_and_others_read_their_own(
    house: House, signed_in: SignIn
) -> None:
    names_trainings(house, "sign language")
    priya, lena, path = signed_in("priya"), signed_in("lena"), here(house.cast.lena)
    assert send(priya, f"{path}/trainings", **SIGNS)[0] == 303
    assert "sign language, until 31 January 2031" in lena.get(path).text
    assert "sign language" not in signed_in("karim").get(path).text
    assert send(lena, f"{path}/trainings", **SIGNS)[0] == 403
    house.clock.at = house.clock.at.replace(year=2032)
    assert send(signed_in("priya"), f"{path}/trainings", name=["sign language"], until=[""])[0] == 303
    with house.reading(house.cast.priya) as work:
        assert fit_of(work, house.cast.lena).trainings == {}


def test_what_cannot_be_is_said_where_it_was_typed_and_keeps_nothing(house: House, signed_in: SignIn) -> None:
    names_trainings(house, "sign language")
    priya, path = signed_in("priya"), here(house.cast.lena)
    before = house.snapshot()
    for last, form, words in (
        ("conflicts", cousin(house, person=""), "Choose whose visits."),
        ("conflicts", cousin(house, kind=""), "Choose why."),
        ("conflicts", cousin(house, kind="other", words=" "), "Write why, in a few words."),
        ("conflicts", cousin(house, words="a" * 501), "Write at most 500 characters."),
        ("conflicts", cousin(house, person="f" * 32), "Choose somebody of this case"),
        ("trainings", SIGNS | {"until": ["soon"]}, "Choose a date."),
        ("trainings", SIGNS | {"until": []}, "Choose a date."),
        ("trainings", SIGNS | {"name": ["juggling"]}, "names no training"),
    ):
        status, page = send(priya, f"{path}/{last}", **form)
        assert (status, words in page) == (422, True), (last, form)
    assert house.snapshot() == before
    assert send(priya, f"{path}/conflicts", **cousin(house, child="f" * 32))[0] == 404
    assert priya.get(f"{path}?child={'f' * 32}").status_code == 404


@pytest.mark.rule("R60")
def test_a_plan_asks_for_a_woman_with_a_reason_and_for_trainings(house: House, signed_in: SignIn) -> None:
    names_trainings(house, "sign language", "domestic abuse")
    karim, path = signed_in("karim"), f"/w/child/{house.cast.mia}/plan"
    form = {
        "person": house.cast.dana,
        "level": "supervised",
        "minutes": "45",
        "review_on": date(2030, 7, 1).isoformat(),
        "supervisor_gender": "woman",
        "trainings": ["domestic abuse"],
    }
    for wrong, words in (
        ({}, "Choose why the visit supervisor must be a woman or a man."),
        ({"gender_reason": "x"}, "Choose why"),
        ({"supervisor_gender": "x"}, "Choose whether"),
    ):
        status, page = send(karim, path, **form | wrong)
        assert (status, words in page) == (422, True), wrong
    right = form | {"gender_reason": "harmed_before"}
    status, page = send(karim, path, **right | {"trainings": ["juggling"]})
    assert (status, "no training called “juggling”" in page) == (409, True)
    assert send(karim, path, **right)[0] == 303
    for page in (karim.get(path).text, signed_in("priya").get("/w/approvals").text):
        assert "Visit supervisor: A woman (Somebody was harmed before)" in page
        assert "Visit supervisor: trained in “domestic abuse”" in page


@pytest.mark.rule("R59")
def test_in_the_room_a_supervisor_in_conflict_reads_and_opens_nothing_and_can_still_end_it(
    house: House, signed_in: SignIn
) -> None:
    visit = house.live()
    dana, lena = house.device_in(visit, house.cast.dana), signed_in("lena")
    with house.as_actor(actor.relay("relay-1")) as work:
        attending.muted(work, visit.id, dana, Latch(boot=BOOT, generation=1))
    room, whom = f"/w/visit/{visit.id}/room", {"participant": dana.id}
    token = lena.csrf()
    assert "Dana" in lena.get(f"{room}/state").text
    assert lena.send(f"{room}/note", {"text": "They sing."}, x_csrf=token).status_code == 200
    with house.work(house.cast.karim) as work:
        kin = NewConflict(account=house.cast.lena, case=visit.case, person=None, kind=ConflictKind.KIN)
        suiting.declare_conflict(work, kin)
    for page in (room, f"{room}/state"):
        answer = lena.get(page)
        assert answer.status_code == 403
        assert "Dana" not in answer.text
    for act, body in (("unlook", whom), ("unmute", whom), ("note", {"text": "They talk."})):
        assert lena.send(f"{room}/{act}", body, x_csrf=token).status_code == 403
    with house.work(house.cast.lena) as work:
        running.unmute(work, visit.id, dana.id)
        with pytest.raises(NotAllowed):
            recording.add_note(work, visit.id, "They talk.")
    assert house.device_in(visit, house.cast.dana).muted
    ended = lena.send(f"{room}/end", {"reason": "safety"}, x_csrf=token)
    assert ended.status_code == 200
    assert "Dana" not in ended.text
    assert house.state(visit) is VisitState.ENDED


@pytest.mark.rule("R59")
def test_no_page_says_that_a_visit_with_somebody_in_conflict_takes_place_or_lets_it_stand(
    house: House, signed_in: SignIn
) -> None:
    visit, priya = house.approved(), signed_in("priya")
    with house.work(house.cast.karim) as work:
        kin = NewConflict(account=house.cast.lena, case=visit.case, person=None, kind=ConflictKind.KIN)
        suiting.declare_conflict(work, kin)
    for path in (f"/w/visit/{visit.id}", f"/w/visit/{visit.id}/repair", "/w/approvals"):
        page = priya.get(path).text
        assert "It does not take place like this" in page
        assert "It takes place unless" not in page
        assert f"/w/approvals/{visit.id}/stands" not in page
    told = {"version": str(visit.revision), "reason": "visit_stands", "text": "The court asks."}
    assert "It stands" not in priya.get(f"/w/visit/{visit.id}/repair").text
    _, page = send(priya, f"/w/approvals/{visit.id}/stands", **told)
    assert "It cannot take place with Lena Voss" in page
    assert house.history()[-1] == "approval.refused"
