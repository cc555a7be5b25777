"""A plan of a week through the API: what a page shows is there too, and what would be left aside is refused."""

import time
from datetime import timedelta
from typing import Any

import pytest

from contact_service.api.v1.application import api_routes
from contact_service.demo.cast import ZONE
from contact_service.working_hours.actions import add_absence
from contact_service.working_hours.hours import AbsenceKind
from tests.agency_week.town import MONDAY, Town, build_town
from tests.api.conftest import Api, Person, problem
from tests.cast import House


@pytest.fixture
def town(house: House) -> Town:
    return build_town(house, families=3, supervisors=1)


def planned(one: Api, **more: object) -> dict[str, Any]:
    body = {"week": MONDAY.isoformat(), "steps": 50} | more
    run = one.post("/plan-runs", body).json()["id"]
    found: dict[str, Any] = {}
    for _ in range(300):
        found = one.get(f"/plan-runs/{run}").json()
        if found["state"] not in ("building", "searching"):
            return found
        time.sleep(0.1)
    raise AssertionError(found)


@pytest.mark.usefixtures("town", "sade")
def test_a_plan_says_who_made_it_by_which_policy_and_how_much_is_not_shown(person: Person) -> None:
    karim, sade = person("karim"), person("sade")
    mine = planned(karim)
    assert (mine["policy_version"], mine["zone"], mine["stop_asked"]) == (1, ZONE, False)
    assert (len(mine["visits"]), mine["hidden"]) == (8, 0)
    theirs = sade.get(f"/plan-runs/{mine['id']}").json()
    assert (theirs["visits"], theirs["hidden"]) == ([], 8)
    assert planned(sade)["started_by"] != mine["started_by"] == theirs["started_by"]


def test_a_mended_week_says_when_each_visit_was(house: House, town: Town, person: Person) -> None:
    karim = person("karim")
    asked = karim.post(f"/plan-runs/{planned(karim)['id']}/accept", {}).json()
    before = {one["visit"]: karim.get(f"/visits/{one['visit']}").json() for one in asked}
    with house.work(house.cast.priya) as work:
        for ill in (house.cast.lena, *town.supervisors):
            add_absence(work, ill, (MONDAY, MONDAY + timedelta(days=6)), AbsenceKind.ILL, zone=ZONE)
    mended = planned(karim, kind="repair")
    assert len(mended["visits"]) == 8
    for one in mended["visits"]:
        assert one["starts_at"] is None
        names = ("starts_at", "visit_supervisor", "duty")
        assert one["before"] == {name: before[one["booked"]][name] for name in names}


@pytest.mark.usefixtures("town")
def test_not_before_an_hour_is_by_the_clock_that_the_description_names(person: Person) -> None:
    karim = person("karim")
    key = planned(karim)["visits"][0]["key"]
    [later] = [v for v in planned(karim, not_before={key: 17 * 60})["visits"] if v["key"] == key]
    assert later["starts_at"] >= "2030-05-20T16:00"  # 17:00 in London
    schemas = api_routes(described=False).openapi()["components"]["schemas"]
    told = schemas["WeekBody"]["properties"]["not_before"]["additionalProperties"]["description"]
    assert told == "Minutes after midnight by the agency's clock."


@pytest.mark.parametrize(
    ("more", "member"),
    [
        ({"solver": "set-packing"}, "solver"),
        ({"kept": ["0" * 32]}, "kept"),
        ({"not_before": {"somebody": 600}}, "kept"),
    ],
)
def test_mending_refuses_what_it_would_leave_aside(person: Person, more: dict[str, Any], member: str) -> None:
    body = {"week": MONDAY.isoformat(), "kind": "repair"} | more
    refused = problem(person("karim").post("/plan-runs", body), 422, "bad-input")
    assert refused["field"] == member
