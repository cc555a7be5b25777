"""The page on which a visit that is near or runs is handed to somebody else."""

import re

from contact_service.notifications.message import MessageKind
from contact_service.visits.visit import VisitState
from tests.actions.test_repairing import another
from tests.cast import House
from tests.pages.conftest import Browser, SignIn


def pressed(browser: Browser, here: str, page: str, **chosen: str) -> tuple[int, str]:
    fields = dict(re.findall(r'name="((?:supervisor|duty)_before)" value="([^"]+)"', page))
    kept = {"visit_supervisor": fields["supervisor_before"], "duty": fields["duty_before"]}
    answer = browser.post(here, {"csrf": browser.csrf()} | fields | kept | chosen)
    return answer.status_code, answer.text


def test_a_worker_hands_a_running_visit_over_and_the_new_supervisor_is_written_to_and_opens_the_room(
    house: House, signed_in: SignIn
) -> None:
    sami = another(house)
    visit = house.live()
    here = f"/w/visit/{visit.id}/hand-over"
    lena = signed_in("lena")
    assert lena.get(f"/w/visit/{visit.id}/room").status_code == 200
    karim = signed_in("karim")
    assert f'href="{here}"' in karim.get(f"/w/visit/{visit.id}").text
    page = karim.get(here).text
    assert "Sami Lind" in page
    assert "nobody in the room sees or hears anybody" in page
    assert pressed(karim, here, page, visit_supervisor=sami)[0] == 303
    assert house.state(visit) is VisitState.SUPERVISOR_LOST
    told = [one for one in house.messages(visit) if one.kind is MessageKind.HANDED_OVER]
    assert [one.account for one in told] == [sami]
    assert lena.get(f"/w/visit/{visit.id}/room/state").status_code in (403, 404)
    assert lena.get(f"/w/visit/{visit.id}/room").status_code in (403, 404)
    assert "Supervision was handed over" in karim.get(f"/w/visit/{visit.id}").text


def test_what_the_rules_refuse_is_said_with_the_rule_and_what_was_chosen_stays(
    house: House, signed_in: SignIn
) -> None:
    visit = house.live()
    here = f"/w/visit/{visit.id}/hand-over"
    karim = signed_in("karim")
    page = karim.get(here).text
    assert "Nobody else is free now" in page
    status, told = pressed(karim, here, page)
    assert status == 409
    assert "These two have it already." in told


def test_an_old_page_hands_nothing_over(house: House, signed_in: SignIn) -> None:
    sami, noa = another(house), another(house, "Noa Berg")
    visit = house.live()
    here = f"/w/visit/{visit.id}/hand-over"
    karim = signed_in("karim")
    page = karim.get(here).text
    assert pressed(karim, here, page, visit_supervisor=sami)[0] == 303
    assert pressed(karim, here, page, visit_supervisor=noa)[0] == 409
    assert house.visit(visit.id).supervisor == sami


def test_it_is_offered_neither_early_nor_to_those_who_may_not(house: House, signed_in: SignIn) -> None:
    early = house.approved()
    karim = signed_in("karim")
    assert "/hand-over" not in karim.get(f"/w/visit/{early.id}").text
    assert karim.get(f"/w/visit/{early.id}/hand-over").status_code == 403
    visit = house.opened(early)
    for name in ("lena", "noor"):
        assert "/hand-over" not in signed_in(name).get(f"/w/visit/{visit.id}").text
        assert signed_in(name).get(f"/w/visit/{visit.id}/hand-over").status_code == 403
    assert signed_in("priya").get(f"/w/visit/{visit.id}/hand-over").status_code == 200
