"""The page of one visit in doubt: what can be done, one press each, and one more to say that it is meant."""

import re
from html import unescape

import pytest

from contact_service.visits.visit import Visit, VisitState
from tests.actions.test_repairing import another, away
from tests.cast import House
from tests.pages.conftest import Browser, SignIn


def doubted(house: House) -> tuple[Visit, str]:
    visit = house.approved()
    another(house)
    away(house, house.cast.lena)
    return visit, f"/w/visit/{visit.id}/repair"


def offers(page: str) -> list[str]:
    """The addresses behind the offers, as a browser would ask for them."""
    found = re.findall(
        r'name="to" value="([^"]+)"><input type="hidden" name="supervisor" value="([^"]+)"', page
    )
    return [f"to={unescape(to).replace('+', '%2B')}&supervisor={supervisor}" for to, supervisor in found]


def meant(browser: Browser, here: str, page: str) -> tuple[int, str]:
    """The second press."""
    fields = dict(re.findall(r'name="(version|to|supervisor|duty)" value="([^"]+)"', page))
    answer = browser.post(here, {"csrf": browser.csrf(), "text": "Lena is away."} | fields)
    return answer.status_code, answer.text


def test_a_worker_lets_somebody_else_watch_with_two_presses(house: House, signed_in: SignIn) -> None:
    visit, here = doubted(house)
    karim = signed_in("karim")
    assert f'href="{here}"' in karim.get(f"/w/visit/{visit.id}").text
    page = karim.get(here).text
    assert "Lena Voss is away that day." in page
    sure = karim.get(f"{here}/sure?{offers(page)[0]}").text
    assert "Let somebody else watch this visit?" in sure
    assert "Sami Lind" in sure
    assert meant(karim, here, sure)[0] == 303
    changed = house.visit(visit.id)
    assert changed.state is VisitState.REQUESTED
    assert changed.starts_at == visit.starts_at
    assert changed.supervisor != visit.supervisor
    assert "Lena is away." in signed_in("priya").get("/w/approvals").text
    assert karim.get(here).status_code == 409


def test_a_worker_names_another_duty_person_of_those_on_duty_throughout(
    house: House, signed_in: SignIn
) -> None:
    visit = house.approved()
    away(house, house.cast.priya)
    here = f"/w/visit/{visit.id}/repair"
    karim = signed_in("karim")
    page = karim.get(here).text
    assert "Priya" in page.partition("Another duty person")[2][:200]
    [offer] = [
        f"to={unescape(to).replace('+', '%2B')}&supervisor={supervisor}&duty={duty}"
        for to, supervisor, duty in re.findall(
            r'name="to" value="([^"]+)"><input type="hidden" name="supervisor" value="([^"]+)">'
            r'<input type="hidden" name="duty" value="([^"]+)"',
            page,
        )
        if duty == house.cast.karim
    ]
    sure = karim.get(f"{here}/sure?{offer}").text
    assert "Name another duty person for this visit?" in sure
    assert meant(karim, here, sure)[0] == 303
    changed = house.visit(visit.id)
    assert (changed.supervisor, changed.duty) == (visit.supervisor, house.cast.karim)
    assert changed.starts_at == visit.starts_at


def test_the_form_offers_as_duty_person_whoever_is_on_duty_then_and_says_who_is_not(
    house: House, signed_in: SignIn
) -> None:
    visit = house.approved()
    away(house, house.cast.priya)
    karim = signed_in("karim")
    form = karim.get(f"/w/visit/{visit.id}/change").text
    duty = form.partition('name="duty"')[2].partition("</select>")[0]
    assert f'value="{house.cast.karim}"' in duty
    assert re.search(rf'value="{house.cast.priya}" selected>[^<]*not on duty then', duty)
    away(house, house.cast.karim)
    again = (
        karim.get(f"/w/visit/{visit.id}/change").text.partition('name="duty"')[2].partition("</select>")[0]
    )
    assert f'value="{house.cast.karim}"' not in again


def test_a_worker_moves_it_to_a_time_that_is_offered(house: House, signed_in: SignIn) -> None:
    visit, here = doubted(house)
    karim = signed_in("karim")
    sure = karim.get(f"{here}/sure?{offers(karim.get(here).text)[-1]}").text
    assert "Move this visit?" in sure
    assert meant(karim, here, sure)[0] == 303
    assert house.visit(visit.id).starts_at != visit.starts_at


def test_what_was_offered_and_is_taken_meanwhile_is_refused_with_the_rule_and_changes_nothing(
    house: House, signed_in: SignIn
) -> None:
    visit, here = doubted(house)
    karim = signed_in("karim")
    page = karim.get(here).text
    sure = karim.get(f"{here}/sure?{offers(page)[0]}").text
    supervisor = re.findall(r'name="supervisor" value="([^"]+)"', sure)[0]
    away(house, supervisor)
    status, told = meant(karim, here, sure)
    assert status == 409
    assert "Sami Lind is away that day." in told
    assert house.state(visit) is VisitState.APPROVED


def test_a_page_that_is_old_changes_nothing(house: House, signed_in: SignIn) -> None:
    visit, here = doubted(house)
    karim = signed_in("karim")
    sure = karim.get(f"{here}/sure?{offers(karim.get(here).text)[0]}").text
    assert meant(karim, here, sure)[0] == 303
    assert meant(karim, here, sure)[0] == 409
    assert house.visit(visit.id).state is VisitState.REQUESTED


def test_an_approver_keeps_it_with_a_reason_and_changes_nothing_else(house: House, signed_in: SignIn) -> None:
    visit, here = doubted(house)
    priya = signed_in("priya")
    page = priya.get(here).text
    assert offers(page) == []
    assert f'action="/w/approvals/{visit.id}/stands"' in page
    assert "Sami Lind" in page
    asked = {"version": house.visit(visit.id).revision, "to": "2030-05-16T15:00:00Z"}
    form = asked | {"csrf": priya.csrf(), "supervisor": house.cast.lena}
    assert priya.post(here, form).status_code == 403
    assert priya.get(f"{here}/sure?to={asked['to']}&supervisor={house.cast.lena}").status_code == 403
    stands = {
        "csrf": priya.csrf(),
        "version": asked["version"],
        "reason": "visit_stands",
        "text": "Lena comes.",
    }
    assert priya.post(f"/w/approvals/{visit.id}/stands", stands).status_code == 303
    assert priya.get(here).status_code == 409


def test_a_worker_calls_it_off_from_there_and_a_supervisor_sees_none_of_it(
    house: House, signed_in: SignIn
) -> None:
    visit, here = doubted(house)
    assert signed_in("lena").get(here).status_code == 403
    karim = signed_in("karim")
    page = karim.get(here).text
    assert f'action="/w/visit/{visit.id}/cancel"' in page
    form = {
        "csrf": karim.csrf(),
        "version": house.visit(visit.id).revision,
        "reason": "staff_unavailable",
    }
    assert karim.post(f"/w/visit/{visit.id}/cancel", form).status_code == 303
    assert house.state(visit) is VisitState.CANCELLED


def test_a_visit_that_nothing_speaks_against_is_said_to_be_so_and_nobody_was_faster(
    house: House, signed_in: SignIn
) -> None:
    answer = signed_in("karim").get(f"/w/visit/{house.approved().id}/repair")
    assert answer.status_code == 409
    assert "Nothing speaks against this visit" in answer.text
    assert "Somebody was faster" not in answer.text


@pytest.mark.parametrize(
    "to", ["9999-12-31T23:59:59-12:00", "9999-12-31T23:50:00Z", "0001-01-01T00:00:00+12:00", "soon"]
)
def test_a_start_that_no_calendar_has_is_said_to_be_wrong_and_changes_nothing(
    house: House, signed_in: SignIn, to: str
) -> None:
    visit, here = doubted(house)
    karim, asked = signed_in("karim"), to.replace("+", "%2B")
    before = house.snapshot()
    form = {"csrf": karim.csrf(), "version": visit.revision, "to": to, "supervisor": house.cast.lena}
    for answer in (
        karim.get(f"{here}/sure?to={asked}&supervisor={house.cast.lena}"),
        karim.get(f"/w/visit/{visit.id}/change?to={asked}"),
        karim.post(here, form),
    ):
        assert answer.status_code == 422
        assert "<h1" in answer.text
    assert house.snapshot() == before
    for edge in ("1970-01-01T00:00:00+14:00", "9998-12-31T23:59:59-12:00"):
        asked = edge.replace("+", "%2B")
        assert karim.get(f"{here}/sure?to={asked}&supervisor={house.cast.lena}").status_code == 200
        assert karim.get(f"/w/visit/{visit.id}/change?to={asked}").status_code == 200
        assert karim.post(here, form | {"to": edge}).status_code == 409
