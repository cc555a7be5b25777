"""A visit that not everybody has to come to, over the JSON API: found, and decided when it is asked for."""

import pytest

from contact_service.plans.hours import Weekday, Window
from contact_service.proposals.queries import proposal_of
from contact_service.visits.actions import staffing
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import VisitState
from contact_service.working_hours.actions import add_family_absence, add_family_hours
from tests.actions.test_busy_times import ics
from tests.actions.test_quorum import apart
from tests.actions.test_suiting import another_supervisor
from tests.api.conftest import Api, Person, problem, wish
from tests.cast import House
from tests.siblings import Sibling, siblings_of_mia

pytestmark = pytest.mark.slow  # each opens three cases first


@pytest.fixture
def three(house: House) -> list[Sibling]:
    """Leo, Noor and Sam; Sam's carer can come on Saturdays alone."""
    found = siblings_of_mia(house, "Leo", "Noor", "Sam")
    saturdays = Window(days=(Weekday.SATURDAY,), earliest=8 * 60, latest=20 * 60)
    with house.work(house.cast.karim) as work:
        add_family_hours(work, found[2].carer, saturdays, zone="Europe/London")
    return found


@pytest.fixture
def karim(person: Person) -> Api:
    one = person("karim")
    one.post("/policy/acceptances", {"version": 1, "act": "book"})
    return one


def asked(house: House, three: list[Sibling], quorum: int = 2, **changes: object) -> dict[str, object]:
    """Wednesday at four."""
    sharing = [{"child": one.child, "caregiver": one.carer} for one in three]
    optional = [one.child for one in three]
    return wish(house, sharing=sharing, optional=optional, quorum=quorum, **changes)


def nothing_booked(house: House) -> bool:
    with house.reading(house.cast.karim) as work:
        return visits_in(work, tuple(VisitState)) == []


def test_each_time_says_who_would_be_there(house: House, three: list[Sibling], karim: Api) -> None:
    found = karim.get(
        "/visits/times",
        child=house.cast.mia,
        person=[house.cast.dana, house.cast.ines],
        sharing=[f"{one.child}:{one.carer}" for one in three],
        optional=[one.child for one in three],
        quorum=2,
    ).json()
    leo, noor, sam = (one.child for one in three)
    assert {(*one["coming"],) for one in found["offers"]} == {(leo, noor, sam), (leo, noor)}
    for one in found["offers"]:
        assert one["left_out"] == ([] if sam in one["coming"] else [sam])
        assert ("all_can_come" in one["reasons"]) == (sam in one["coming"])


def test_a_day_with_too_few_says_how_many_could(house: House, three: list[Sibling], karim: Api) -> None:
    found = karim.get(
        "/visits/times",
        child=house.cast.mia,
        person=[house.cast.dana, house.cast.ines],
        sharing=[f"{one.child}:{one.carer}" for one in three],
        optional=[one.child for one in three],
        quorum=3,
    ).json()
    assert found["without"]
    assert {one["can_come"] for one in found["without"] if one["day"] != "2030-05-14"} <= {2}


def test_it_is_booked_with_exactly_those_who_can(house: House, three: list[Sibling], karim: Api) -> None:
    answer = karim.post("/visits", asked(house, three))
    assert answer.status_code == 201, answer.text
    there = [one["child"] for one in answer.json()["children"]]
    assert there == [house.cast.mia, three[0].child, three[1].child]
    assert three[2].carer not in {one["person"] for one in answer.json()["participants"]}
    assert [e.fields["facts"]["left_out"] for e in house.entries() if e.type == "visit.requested"] == [1]


def test_who_has_another_visit_is_left_out_too(house: House, three: list[Sibling], karim: Api) -> None:
    """Leo and Noor meet at that hour, watched by somebody else."""
    leo, noor, _ = three
    house.requested(
        child=leo.child, people=(noor.child,), caregiver=leo.carer, supervisor=another_supervisor(house)
    )
    told = problem(karim.post("/visits", asked(house, three, quorum=1)), 409, "refused-by-rules")
    assert {rule["code"] for rule in told["rules"]} == {"has_another_visit"}
    there = karim.post("/visits", asked(house, three, quorum=0)).json()["children"]
    assert [one["child"] for one in there] == [house.cast.mia]


def test_too_few_by_their_hours_is_said_and_books_nothing(
    house: House, three: list[Sibling], karim: Api
) -> None:
    told = problem(karim.post("/visits", asked(house, three, quorum=3)), 422, "too-few-can-come")
    assert told["field"] == "quorum"
    assert told["detail"].startswith("At least 3 of these must come, and 2 can then: Leo, Noor, Sam.")
    assert nothing_booked(house)


def test_too_few_by_a_rule_is_a_refusal_that_is_written_down(
    house: House, three: list[Sibling], karim: Api
) -> None:
    apart(house, three[0].child, three[1].child)
    told = problem(karim.post("/visits", asked(house, three)), 409, "refused-by-rules")
    assert {rule["code"] for rule in told["rules"]} == {"apart"}
    assert nothing_booked(house)
    assert house.last_entry()["type"] == "booking.refused"
    one = karim.post("/visits", asked(house, three, quorum=1)).json()
    assert len(one["children"]) == 2


def test_who_is_away_that_day_is_left_out(house: House, three: list[Sibling], karim: Api) -> None:
    with house.work(house.cast.karim) as work:
        days = (house.clock.at.date(), house.clock.at.date().replace(day=31))
        add_family_absence(work, three[0].child, days, zone="Europe/London")
    there = karim.post("/visits", asked(house, three, quorum=1)).json()["children"]
    assert [one["child"] for one in there] == [house.cast.mia, three[1].child]


def test_who_must_be_there_decides(house: House, three: list[Sibling], karim: Api) -> None:
    apart(house, house.cast.mia, house.cast.dana)
    told = problem(karim.post("/visits", asked(house, three, quorum=0)), 409, "refused-by-rules")
    assert "apart" in {rule["code"] for rule in told["rules"]}
    assert nothing_booked(house)


def test_a_wrong_question_is_a_problem_at_its_member(house: House, three: list[Sibling], karim: Api) -> None:
    for changes, field in (
        ({"quorum": 4}, "quorum"),
        ({"optional": [house.cast.mia], "quorum": 0}, "optional"),
        ({"optional": ["0" * 32], "quorum": 0}, "optional"),
        ({"optional": [], "quorum": 1}, "quorum"),
        ({"or_at": ["2030-05-22T16:00"], "asked": [three[0].carer]}, "asked"),
    ):
        body = asked(house, three) | changes
        answer = karim.post("/visits", body)
        assert answer.status_code == 422, changes
        assert answer.json()["field"] == field
    assert karim.post("/visits", asked(house, three) | {"quorum": -1}).status_code == 422
    assert nothing_booked(house)


def test_who_is_left_out_for_being_busy_does_not_stand_in_the_way_of_the_mark(
    house: House, three: list[Sibling], karim: Api
) -> None:
    """Sam comes on Saturdays alone, and is busy then; so is Dana, who must be there."""
    busy = ics("DTSTART:20300518T140000Z\nDTEND:20300518T160000Z")
    with house.work(house.cast.karim) as work:
        for person in (house.cast.dana, three[2].child):
            staffing.read_family_file(work, person, busy, zone="Europe/London")
    saturday = {"starts": "2030-05-18T16:00"}
    why = karim.get(
        "/visits/why-not",
        child=house.cast.mia,
        person=[house.cast.dana, house.cast.ines],
        sharing=[f"{one.child}:{one.carer}" for one in three],
        **saturday,
    ).json()["busy"]
    assert {one["person"] for one in why["times"]} == {house.cast.dana, three[2].child}
    body = asked(house, three, 1) | saturday
    assert karim.post("/visits", body | {"known": "0" * 16}).status_code == 422
    answer = karim.post("/visits", body | {"known": why["mark"]})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["left_out"] == [three[2].child]
    assert [(one["person"], one["known"]) for one in made["busy"]] == [(house.cast.dana, True)]


def test_each_of_several_times_keeps_those_who_can_come_then(
    house: House, three: list[Sibling], karim: Api
) -> None:
    body = asked(house, three) | {"starts": "2030-05-17T16:00", "or_at": ["2030-05-18T16:00"]}
    answer = karim.post("/visits", body | {"asked": [house.cast.dana]})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert len(made["times"]) == 2
    with house.reading(house.cast.karim) as work:
        proposal = proposal_of(work, made["id"])
    assert proposal is not None
    assert [one.left_out for one in proposal.times] == [(three[2].child,), ()]
    read = karim.get(f"/visits/{made['id']}").json()
    assert read["left_out_then"] == [{"starts_at": made["times"][0], "left_out": [three[2].child]}]


def test_a_change_asks_anew_who_can_come_and_the_visit_says_who_does(
    house: House, three: list[Sibling], karim: Api
) -> None:
    """On a Saturday Sam can come too, whose carer cannot on a Wednesday; his own visit stands in nobody's way."""
    leo, noor, sam = (one.child for one in three)
    visit = karim.post("/visits", asked(house, three)).json()["id"]
    read = karim.get(f"/visits/{visit}").json()
    assert (read["optional"], read["left_out"], read["quorum"]) == ([leo, noor], [sam], 2)
    body = {name: value for name, value in asked(house, three).items() if name != "child"}

    def changed(**changes: object) -> dict[str, object]:
        revision = karim.get(f"/visits/{visit}").json()["revision"]
        answer = karim.post(f"/visits/{visit}/change", body | {"revision": revision} | changes)
        assert answer.status_code == 200, answer.text
        found: dict[str, object] = karim.get(f"/visits/{visit}").json()
        return found

    again = changed(starts="2030-05-15T16:15")
    assert (again["optional"], again["left_out"]) == ([leo, noor], [sam])
    saturday = changed(starts="2030-05-18T16:00")
    assert (saturday["optional"], saturday["left_out"], saturday["quorum"]) == ([leo, noor, sam], [], 2)
    fewer = changed(starts="2030-05-18T16:00", sharing=body["sharing"][:2], optional=[], quorum=0)  # type: ignore[index]
    assert (fewer["optional"], fewer["left_out"], fewer["quorum"]) == ([leo, noor], [sam], 2)


def test_a_change_with_too_few_changes_nothing(house: House, three: list[Sibling], karim: Api) -> None:
    visit = karim.post("/visits", asked(house, three)).json()
    before = house.snapshot()
    body = {name: value for name, value in asked(house, three, quorum=3).items() if name != "child"}
    answer = karim.post(f"/visits/{visit['id']}/change", body | {"revision": visit["revision"]})
    assert answer.status_code == 422
    assert answer.json()["field"] == "quorum"
    assert house.snapshot() == before
