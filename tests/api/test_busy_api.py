"""Who of a family is busy at a visit, over the JSON API: said before and with the booking, kept when it was known."""

import pytest

from contact_service.visits.actions.doubting import doubt_all_visits
from contact_service.visits.queries.doubting import doubts
from tests.actions.test_busy_times import DENTIST
from tests.api.conftest import Machine, problem, wish
from tests.api.test_visits_api import accepted
from tests.cast import House
from tests.pages.test_busy_then import LONGER, approve, bring

FROM, UNTIL = "2030-05-15T14:30:00Z", "2030-05-15T15:30:00Z"


def times(house: House, *, known: bool = False) -> list[dict[str, object]]:
    return [{"person": house.cast.dana, "since": FROM, "until": UNTIL, "known": known}]


def asked(house: House) -> dict[str, object]:
    return {
        "child": house.cast.mia,
        "person": [house.cast.dana, house.cast.ines],
        "starts": "2030-05-15T16:00",
    }


def in_doubt(house: House) -> int:
    with house.work(house.cast.priya) as work:
        doubt_all_visits(work)
    with house.reading(house.cast.priya) as work:
        return len(doubts(work))


def test_a_busy_time_is_said_before_and_with_the_booking(house: House, machine: Machine) -> None:
    one = accepted(machine())
    assert one.get("/visits/why-not", **asked(house)).json()["busy"] == {"times": [], "mark": ""}
    bring(house, DENTIST)
    told = one.get("/visits/why-not", **asked(house)).json()
    assert told["may_be_booked"] is True
    assert told["busy"]["times"] == times(house)
    visit = one.post("/visits", wish(house)).json()
    assert visit["busy"] == times(house)
    assert one.get(f"/visits/{visit['id']}").json()["busy"] == times(house)
    approve(house, visit["id"])
    assert in_doubt(house) == 1


def test_what_the_caller_knew_puts_the_visit_in_doubt_no_more(house: House, machine: Machine) -> None:
    one = accepted(machine())
    bring(house, DENTIST)
    mark = one.get("/visits/why-not", **asked(house)).json()["busy"]["mark"]
    visit = one.post("/visits", wish(house, known=mark)).json()
    assert visit["busy"] == times(house, known=True)
    approve(house, visit["id"])
    assert in_doubt(house) == 0


def test_with_the_mark_of_other_busy_times_nothing_is_booked(house: House, machine: Machine) -> None:
    one = accepted(machine())
    bring(house, DENTIST)
    mark = one.get("/visits/why-not", **asked(house)).json()["busy"]["mark"]
    bring(house, LONGER)
    before = house.snapshot()
    told = problem(one.post("/visits", wish(house, known=mark)), 422, "bad-input")
    assert told["field"] == "known"
    assert house.snapshot() == before
    nobody = wish(house, starts="2030-05-16T16:00", known=mark)
    problem(one.post("/visits", nobody), 422, "bad-input")


@pytest.mark.parametrize(("sent", "known"), [((0,), [True, False]), ((1, 0), [True, True])])
def test_of_several_times_those_are_known_whose_own_mark_was_sent(
    house: House, machine: Machine, sent: tuple[int, ...], known: list[bool]
) -> None:
    one, days = accepted(machine()), ("2030-05-18T16:00", "2030-05-20T16:00")
    bring(house, *(f"DTSTART:203005{day}T140000Z\nDTEND:203005{day}T160000Z" for day in (18, 20)))
    marks = [
        one.get("/visits/why-not", **asked(house) | {"starts": day}).json()["busy"]["mark"] for day in days
    ]
    choice = wish(house, starts=days[0], or_at=[days[1]], asked=[house.cast.dana])
    before = house.snapshot()
    problem(one.post("/visits", choice | {"known": f"{marks[0]},{'0' * 16}"}), 422, "bad-input")
    assert house.snapshot() == before
    visit = one.post("/visits", choice | {"known": ",".join(marks[each] for each in sent)}).json()
    assert [busy["known"] for busy in visit["busy"]] == known


def test_of_several_times_those_at_which_somebody_is_busy_are_in_the_answer(
    house: House, machine: Machine
) -> None:
    one = accepted(machine())
    bring(house, "DTSTART:20300520T140000Z\nDTEND:20300520T160000Z")
    starts = {"starts": "2030-05-18T16:00", "or_at": ["2030-05-20T16:00"], "asked": [house.cast.dana]}
    answer = one.post("/visits", wish(house, **starts))
    assert answer.status_code == 201, answer.text
    assert [busy["since"] for busy in answer.json()["busy"]] == ["2030-05-20T14:00:00Z"]


def test_each_visit_of_a_series_says_who_is_busy(house: House, machine: Machine) -> None:
    bring(house, DENTIST)
    wanted = {
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
        "weekday": "wednesday",
        "clock": "16:00",
        "first": "2030-05-15",
        "last": "2030-05-22",
    }
    checked = accepted(machine()).get("/series/check", **wanted).json()
    assert [instance["busy"] for instance in checked] == [times(house), []]
