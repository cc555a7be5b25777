"""Series over the JSON API: what it says of each visit, what is done once, and what is a problem."""

from typing import Any

import pytest

from contact_service.series.series import Series
from tests.api.conftest import Api, Person, problem
from tests.cast import House
from tests.pages.test_series import abroad
from tests.series.asked import Serial


@pytest.fixture
def karim(person: Person) -> Api:
    one = person("karim")
    one.post("/policy/acceptances", {"version": 1, "act": "book"})
    return one


def body(house: House, **changes: object) -> dict[str, Any]:
    """Eight Wednesdays at four."""
    return {
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
        "weekday": "wednesday",
        "clock": "16:00",
        "first": "2030-05-15",
        "last": "2030-07-03",
    } | changes


def test_a_series_asked_for_twice_under_one_key_is_one(house: House, karim: Api) -> None:
    first = karim.ask("POST", "/series", json=body(house), headers={"Idempotency-Key": "series-0001"})
    again = karim.ask("POST", "/series", json=body(house), headers={"Idempotency-Key": "series-0001"})
    assert first.status_code == 201, first.text
    assert again.json() == first.json()
    assert [one["state"] for one in first.json()["instances"]] == ["booked"] * 8
    assert len(karim.get("/series", child=house.cast.mia).json()) == 1


def test_all_or_nothing_is_a_problem_that_names_the_days_and_the_rules(house: House, karim: Api) -> None:
    Serial(house=house).often(per="month", most=3)
    told = problem(karim.post("/series", body(house, only_all=True)), 409, "series-not-all")
    assert "2030-06-26" in told["detail"]
    assert [rule["code"] for rule in told["rules"]] == ["most_per_period"]
    assert karim.get("/series", child=house.cast.mia).json() == []


def test_what_other_clocks_show_is_told_with_each_visit(house: House, person: Person) -> None:
    abroad(house)
    house.clock.at = house.clock.at.replace(month=9)
    karim = person("karim")
    karim.post("/policy/acceptances", {"version": 1, "act": "book"})
    autumn = {"people": [house.cast.emil, house.cast.ines], "first": "2030-10-23", "last": "2030-11-06"}
    checked = karim.get("/series/check", **body(house, **autumn)).json()
    shown = [one["elsewhere"][0] for one in checked]
    assert [(one["zone"], one["clock"], one["shifted"]) for one in shown] == [
        ("America/New_York", "11:00", False),
        ("America/New_York", "12:00", True),
        ("America/New_York", "11:00", False),
    ]
    assert [one["elsewhere"][0]["day"] for one in checked] == ["2030-10-23", "2030-10-30", "2030-11-06"]
    booked = karim.post("/series", body(house, **autumn))
    assert booked.status_code == 201, booked.text
    assert [one["elsewhere"] for one in booked.json()["instances"]] == [one["elsewhere"] for one in checked]


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"last": "2030-05-01"}, "series-ends-before-start"),
        ({"last": "2032-05-01"}, "series-too-long"),
        ({"every": 0}, "series-interval"),
        ({"last": "2030-05-16", "weekday": "monday"}, "series-without-visits"),
        ({"clock": "25:00"}, "body-not-valid"),
        ({"minutes": 0}, "body-not-valid"),
    ],
)
def test_what_cannot_be_a_series_has_a_name(
    house: House, karim: Api, changes: dict[str, object], name: str
) -> None:
    problem(karim.post("/series", body(house, **changes)), 422, name)


def test_a_series_that_is_over_is_not_made_longer(house: House, karim: Api) -> None:
    series: Series = Serial(house=house).asked()
    karim.post(f"/series/{series.id}/end", {"reason": "lockdown"})
    problem(karim.post(f"/series/{series.id}/extend", {"last": "2030-08-01"}), 409, "series-over")


def test_a_move_that_the_rules_refuse_is_a_problem_with_them(house: House, karim: Api) -> None:
    series = Serial(house=house).asked()
    way = f"/series/{series.id}/instances/{series.instances[2].id}/move"
    told = problem(karim.post(way, {"starts": "2030-05-22T16:00"}), 409, "refused-by-rules")
    assert {rule["number"] for rule in told["rules"]} == {"R55"}
