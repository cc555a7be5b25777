"""Who says through the API from where somebody takes part and when they can, and which spans it answers about."""

import pytest

from contact_service.pools import actions
from tests.api.conftest import Machine, Person, problem
from tests.api.test_every_door import TRACES
from tests.cast import House

WEEKLY = {"zone": "Europe/London", "days": ["saturday"], "earliest": 540, "latest": 1020}
AWAY = {"zone": "Europe/London", "first": "2030-08-05", "last": "2030-08-16"}


def kept(house: House) -> str:
    with house.work(house.cast.karim) as work:
        return actions.add_pool(work, "HMP Example", 1, zone="Europe/London")


@pytest.mark.parametrize("who", ["noor", "lena"])
def test_who_plans_no_visits_says_not_from_where_somebody_takes_part_nor_when(
    house: House, person: Person, who: str
) -> None:
    house.approved()  # so that whoever supervises reaches the case
    link, way = {"pool": kept(house), "first": "2030-08-05"}, f"/people/{house.cast.dana}"
    planner, other = person("priya"), person(who)
    ends = [
        f"{way}/{name}/{planner.post(f'{way}/{name}', body).json()['id']}/end"
        for name, body in (("pools", link), ("hours", WEEKLY), ("absences", AWAY))
    ]
    spring = link | {"first": "2030-05-01", "last": "2030-06-01"}
    begins: list[tuple[str, object]] = [
        (f"{way}/pools", spring),
        (f"{way}/hours", WEEKLY),
        (f"{way}/absences", AWAY),
    ]
    before = house.snapshot(leaving_out=TRACES)
    for path, body in begins:
        answer = other.post(path, body)
        assert answer.status_code in (403, 404), (path, answer.text)
    for path in ends:
        answer = other.post(path)
        assert answer.status_code in (403, 404), (path, answer.text)
    assert house.snapshot(leaving_out=TRACES) == before
    for path in ends:
        assert planner.post(path).status_code == 200


def test_a_machine_that_writes_about_people_says_from_where_they_take_part(
    house: House, machine: Machine
) -> None:
    one, way = machine(), f"/people/{house.cast.dana}/pools"
    made = one.post(way, {"pool": kept(house), "first": "2030-08-05"})
    assert made.status_code == 201, made.text
    assert one.post(f"{way}/{made.json()['id']}/end").status_code == 200


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("0001-01-01T00:00:00Z", "0001-01-20T00:00:00Z", "first"),
        ("1999-12-31T00:00:00Z", "2000-01-20T00:00:00Z", "first"),
        ("9999-12-10T00:00:00Z", "9999-12-31T23:59:59Z", "last"),
        ("2200-12-31T00:00:00Z", "2201-01-02T00:00:00Z", "last"),
        ("2030-05-01T00:00:00", "2030-05-02T00:00:00Z", "last"),
    ],
)
def test_what_is_taken_is_answered_for_years_that_a_clock_knows(
    house: House, machine: Machine, first: str, last: str, field: str
) -> None:
    way = f"/pools/{kept(house)}/taken"
    told = problem(machine().get(way, first=first, last=last), 422, "bad-input")
    assert told["field"] == field
