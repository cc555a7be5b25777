"""The week on a page: what is booked, day by day; a plan that is watched, stopped, accepted, mended."""

import re
import time
from datetime import timedelta

import pytest

from contact_service.agency_week.actions.keeping import start_run
from contact_service.agency_week.run import LOST_AFTER, Asked
from contact_service.demo.cast import ZONE
from contact_service.demo.household import furnish
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import VisitState
from contact_service.working_hours.actions import add_absence
from contact_service.working_hours.hours import AbsenceKind
from tests.agency_week.town import MONDAY, Town, build_town
from tests.cast import House
from tests.pages.conftest import Browser, SignIn


@pytest.fixture
def town(house: House) -> Town:
    return build_town(house, families=3, supervisors=1)


def planned(one: Browser, **form: object) -> str:
    """Press the button, and wait until the draft is there; returns its address."""
    answer = one.post("/w/week/plan", {"csrf": one.csrf(), "week": MONDAY.isoformat(), "seconds": "1"} | form)
    assert answer.status_code == 303, answer.text
    return waited_for(one, answer.headers["location"])


def waited_for(one: Browser, address: str) -> str:
    for _ in range(300):
        if "refresh" not in one.get(address).headers:
            return address
        time.sleep(0.1)
    raise AssertionError(address)


def chosen(page: str) -> list[str]:
    return re.findall(r'name="chosen" value="([0-9a-f]{32})"', page)


def requests(house: House) -> int:
    with house.reading(house.cast.priya) as work:
        return len(visits_in(work, [VisitState.REQUESTED]))


def test_a_week_is_planned_seen_and_accepted(house: House, town: Town, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    address = planned(karim)
    page = karim.get(address).text
    visits = chosen(page)
    assert (
        len(visits) == 8
    )  # 2 + 1 + 1 with mothers, three with fathers, brother and sister once, and none twice
    assert page.count("supervises, Karim Aziz is on duty.") == 8
    assert "8 of 8 visits have a place." in page
    assert "Weights, from version 1 of the agency’s policy" in page
    assert requests(house) == 0
    form = {"csrf": karim.csrf(), "run": address.rpartition("/")[2], "week": MONDAY.isoformat()}
    done = karim.post(f"{address}/accept", form | {"chosen": visits[:3]})
    assert "3 visits were asked for" in done.text
    assert requests(house) == 3
    again = karim.post(f"{address}/accept", form | {"chosen": visits})
    assert again.status_code == 200, again.text
    assert requests(house) == 8
    assert chosen(karim.get(address).text) == []
    week = karim.get(f"/w/week?day={MONDAY}").text
    assert week.count('class="entry"') == 8
    assert karim.get(f"/w/week?day={MONDAY}&child={town.families[2].child}").text.count('class="entry"') == 2
    assert 'class="entry"' not in karim.get(f"/w/week?day={MONDAY - timedelta(days=7)}").text


@pytest.mark.usefixtures("town")
def test_what_stays_stays_when_the_week_is_planned_again(signed_in: SignIn) -> None:
    karim = signed_in("karim")
    first = planned(karim)
    page = karim.get(first).text
    keys = re.findall(r'name="keys" value="([^"]+)"', page)
    form = {"run": first.rpartition("/")[2], "chosen": chosen(page)[:2], "keys": keys}
    second = planned(karim, **form, after=["" if n else "17:30" for n in range(len(keys))])
    assert (
        karim.get(second).text.count("Kept, as you asked") == 1
    )  # the first is not to be before half past five
    wrong = karim.post(
        "/w/week/plan",
        {"csrf": karim.csrf(), "week": MONDAY.isoformat(), "keys": keys[:1], "after": "late"},
    )
    assert wrong.status_code == 422


@pytest.mark.usefixtures("town")
def test_a_search_is_stopped_with_the_best_so_far(signed_in: SignIn) -> None:
    priya = signed_in("priya")
    form = {"csrf": priya.csrf(), "week": MONDAY.isoformat(), "seconds": "120"}
    address = priya.post("/w/week/plan", form).headers["location"]
    page = priya.get(address)
    assert page.headers["refresh"] == "3"
    assert "Stop, and keep the best so far" in page.text
    busy = priya.post("/w/week/plan", form)
    assert busy.status_code == 409
    began = time.monotonic()
    assert priya.post(f"{address}/stop", {"csrf": priya.csrf()}).status_code == 303
    waited_for(priya, address)
    assert time.monotonic() - began < 60
    page = priya.get(address)
    assert "Stopped, with the best plan so far" in page.text
    assert "8 of 8 visits have a place." in page.text
    assert "The children’s workers ask for these visits." in page.text  # an approver asks for none


def test_a_search_whose_process_is_gone_is_shown_as_stopped(house: House, signed_in: SignIn) -> None:
    with house.work(house.cast.priya) as work:
        run = start_run(work, Asked(week=MONDAY), zone=ZONE)
    priya = signed_in("priya")
    assert priya.get(f"/w/week/plan/{run}").headers["refresh"] == "3"
    house.clock.forward(LOST_AFTER)
    page = priya.get(f"/w/week/plan/{run}")
    assert "refresh" not in page.headers
    assert "the program that searched is gone. Plan again.</b>" in page.text
    assert "Nothing is to be planned" not in page.text
    assert "The same again gives the same plan" not in page.text
    accepted = signed_in("karim").post(f"/w/week/plan/{run}/accept", {"csrf": "", "chosen": "0" * 32})
    assert accepted.status_code == 403
    waited_for(priya, planned(priya))  # and another may begin


def test_a_supervisor_sees_the_visits_that_are_theirs_and_plans_none(house: House, signed_in: SignIn) -> None:
    visit = house.approved()
    lena, karim = signed_in("lena"), signed_in("karim")
    for one in (lena, karim):
        page = one.get(f"/w/week?day={visit.starts_at:%Y-%m-%d}").text
        assert page.count('class="entry"') == 1
        assert "Mia" in page
        assert "16:00" in page
    assert "Plan a week" not in lena.get("/w/week").text
    assert lena.get("/w/week/plan").status_code == 403
    assert (
        'class="entry"' not in lena.get(f"/w/week?day={visit.starts_at:%Y-%m-%d}&supervisor={'0' * 32}").text
    )
    assert lena.get("/w/week?day=never").status_code == 200
    assert signed_in("ola").get("/w/week").text.count('class="entry"') == 0


@pytest.mark.usefixtures("town", "sade")
def test_who_works_with_none_of_the_children_reads_that_they_are_not_shown(signed_in: SignIn) -> None:
    address = planned(signed_in("karim"))
    page = signed_in("sade").get(address).text
    assert "8 visits of this plan are of children you do not work with, and are not shown." in page
    assert "Nothing is to be planned" not in page
    assert "Child 0" not in page
    mine = signed_in("karim").get(address).text
    assert "not shown" not in mine
    assert "Times are those of the agency: Europe/London." in mine


def test_a_mended_week_says_when_a_visit_was_and_what_still_stands(
    house: House, town: Town, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    first = planned(karim)
    form = {"csrf": karim.csrf(), "run": first.rpartition("/")[2], "week": MONDAY.isoformat()}
    karim.post(f"{first}/accept", form | {"chosen": chosen(karim.get(first).text)})
    assert "every visit that is booked can stay as it is." in karim.get(planned(karim, kind="repair")).text
    with house.reading(house.cast.karim) as work:
        watching = [visit.supervisor for visit in visits_in(work, [VisitState.REQUESTED])]
    # Whoever watches most is ill, and then everybody who could stand in for them.
    busiest = max(watching, key=watching.count)
    others = {house.cast.lena, *town.supervisors} - {busiest}
    for ill, said in ([busiest], "Before: "), (others, "It still stands for "):
        with house.work(house.cast.priya) as work:
            for one in ill:
                add_absence(work, one, (MONDAY, MONDAY + timedelta(days=6)), AbsenceKind.ILL, zone=ZONE)
        page = karim.get(planned(karim, kind="repair")).text
        assert said in page
        assert "can stay as it is" not in page


@pytest.mark.usefixtures("town")
def test_an_auditor_finds_the_plans_of_a_week_and_plans_none(signed_in: SignIn) -> None:
    karim = signed_in("karim")
    address = planned(karim)
    assert f'href="/w/week/plan?week={MONDAY}"' in karim.get(f"/w/week?day={MONDAY}").text
    noor = signed_in("noor")
    assert f'href="/w/week/plan?week={MONDAY}"' in noor.get(f"/w/week?day={MONDAY}").text
    page = noor.get(f"/w/week/plan?week={MONDAY}").text
    assert address in page
    assert "Asked for by Karim Aziz" in page
    assert "Plan this week" not in page
    assert "Mend this week" not in page
    assert "Nobody has planned this week." in noor.get("/w/week/plan?week=2030-06-03").text


def test_the_demo_has_a_week_to_plan_and_contact_that_is_promised(house: House, signed_in: SignIn) -> None:
    furnish(house.installation, house.cast)
    karim = signed_in("karim")
    page = karim.get(planned(karim)).text
    assert page.count("<b><bdi>Mia</bdi></b>") >= 2
    assert "Court order." in page
    owed = karim.get(f"/w/child/{house.cast.mia}/owed").text
    assert "at least 1 a fortnight" in owed
    assert 'class="chart"' in owed


@pytest.mark.parametrize(
    ("week", "said"),
    [
        ("2030-05-06", "This week is over. Choose one that is not."),
        ("0001-01-01", "This week is over. Choose one that is not."),
        ("2032-05-17", "Choose a week within the next two years."),
        ("9999-12-27", "Choose a week within the next two years."),
    ],
)
def test_a_week_that_is_over_or_years_ahead_is_not_planned(signed_in: SignIn, week: str, said: str) -> None:
    karim = signed_in("karim")
    for kind in ("plan", "repair"):
        answer = karim.post("/w/week/plan", {"csrf": karim.csrf(), "week": week, "kind": kind})
        assert answer.status_code == 422, answer.headers
        assert said in answer.text
