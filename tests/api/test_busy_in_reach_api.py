"""Over the JSON API nobody learns when somebody out of their reach is busy, nor who the carer of such a child is."""

import pytest
from sqlalchemy import text

from contact_service.demo.brother import Brother
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import staffing
from tests.actions.test_busy_times import ics
from tests.api.conftest import Api, Machine, Person, wish
from tests.api.test_busy_api import asked
from tests.api.test_visits_api import accepted
from tests.cast import House
from tests.pages.test_busy_then import LONDON
from tests.series.asked import WEDNESDAY, Serial
from tests.waiting.listed import Listed

MOST_OF_MAY = "DTSTART:20300513T080000Z\nDTEND:20300529T200000Z"


def all_away(house: House, brother: Brother) -> None:
    """Both children, their mother and both carers are busy for most of May."""
    with house.work(house.cast.karim) as work:
        for one in (house.cast.mia, house.cast.ines, house.cast.dana, brother.finn, brother.tomas):
            staffing.read_family_file(work, one, ics(MOST_OF_MAY), zone=LONDON)


def who(busy: list[dict[str, str]]) -> set[str]:
    return {one["person"] for one in busy}


@pytest.mark.slow
def test_of_a_longer_series_nobody_learns_when_the_carer_of_a_child_out_of_reach_is_busy(
    house: House, brother: Brother, person: Person, machine: Machine
) -> None:
    series = Serial(house=house).asked(sharing=brother.shares, last=WEDNESDAY)
    all_away(house, brother)
    cast = house.cast
    every = {cast.mia, cast.ines, cast.dana, brother.finn, brother.tomas}
    for one, seen in (
        (person("karim"), every),
        (person("sade"), every - {cast.mia, cast.ines}),
        (machine(), every - {brother.finn, brother.tomas}),
    ):
        [more] = accepted(one).get(f"/series/{series.id}/longer", last="2030-05-22").json()
        assert who(more["busy"]) == seen


@pytest.mark.slow
def test_a_series_names_no_carer_of_a_child_out_of_reach(
    house: House, brother: Brother, person: Person, machine: Machine
) -> None:
    series = Serial(house=house).asked(sharing=brother.shares, last=WEDNESDAY)
    ines, tomas = house.cast.ines, brother.tomas
    for one, mias, finns in (
        (person("karim"), ines, tomas),
        (person("sade"), None, tomas),
        (machine(), ines, None),
    ):
        told = one.get(f"/series/{series.id}").json()
        assert told["caregiver"] == mias
        assert told["sharing"] == [{"child": brother.finn, "caregiver": finns}]


@pytest.mark.slow
def test_the_waiting_list_names_no_carer_of_a_child_out_of_reach(
    house: House, brother: Brother, person: Person, machine: Machine
) -> None:
    house.requested()
    cast = house.cast
    Listed(house=house).add(child=cast.mia, caregiver=cast.ines, sharing=brother.shares)
    everybody = {cast.dana, cast.ines, brother.finn, brother.tomas}
    for one, hidden in (
        (person("karim"), set()),
        (person("sade"), {cast.ines}),
        (machine(), {brother.tomas}),
    ):
        [entry] = one.get("/waiting-list").json()
        assert set(entry["people"]) == everybody - hidden


def test_a_machine_that_may_only_read_visits_learns_of_no_busy_time(house: House, machine: Machine) -> None:
    visit = house.requested()
    with house.work(house.cast.karim) as work:
        staffing.read_family_file(work, house.cast.dana, ics(MOST_OF_MAY), zone=LONDON)

    def told(one: Api) -> tuple[set[str], set[str], bool]:
        why = one.get("/visits/why-not", **asked(house)).json()["busy"]
        return who(why["times"]), who(one.get(f"/visits/{visit.id}").json()["busy"]), bool(why["mark"])

    books = machine(Scope.VISITS_READ, Scope.VISITS_REQUEST, name="Books")
    assert told(books) == ({house.cast.dana}, {house.cast.dana}, True)
    assert told(machine(Scope.VISITS_READ, name="Reads")) == (set(), set(), False)


@pytest.mark.slow
def test_a_shared_visit_is_booked_with_the_busy_times_of_every_child_known(
    house: House, brother: Brother, person: Person
) -> None:
    one = accepted(person("karim"))
    all_away(house, brother)
    why = one.get("/visits/why-not", **asked(house), sharing=f"{brother.finn}:{brother.tomas}").json()
    assert brother.tomas in who(why["busy"]["times"])
    shared = {"sharing": [{"child": brother.finn, "caregiver": brother.tomas}]}
    answer = one.post("/visits", wish(house, known=why["busy"]["mark"], **shared))
    assert answer.status_code == 201, answer.text
    visit = answer.json()
    assert who(visit["busy"]) == who(why["busy"]["times"])
    assert all(busy["known"] for busy in visit["busy"])


@pytest.mark.slow
def test_a_series_tells_nobody_by_which_clock_a_child_out_of_reach_lives(
    house: House, brother: Brother, person: Person, machine: Machine
) -> None:
    series = Serial(house=house).asked(sharing=brother.shares, last=WEDNESDAY)
    with house.installation.engine.begin() as connection:
        there = {"case": house.cast.case, "zone": "Pacific/Chatham"}
        connection.execute(text('UPDATE "case" SET zone = :zone WHERE id <> :case'), there)
    for one, told in ((person("karim"), True), (machine(), False)):
        answer = accepted(one).get(f"/series/{series.id}/longer", last="2030-05-22")
        assert answer.status_code == 200
        assert ("Chatham" in answer.text) is told


@pytest.mark.slow
def test_by_no_wall_time_beside_an_instant_one_learns_where_a_child_out_of_reach_lives(
    house: House, brother: Brother, person: Person
) -> None:
    """Mia lives in London, where it is four; Finn by the clock of an island, where it is a quarter to four at night."""
    series = Serial(house=house).asked(sharing=brother.shares, last=WEDNESDAY)
    with house.installation.engine.begin() as connection:
        there = {"case": house.cast.case, "zone": "Pacific/Chatham"}
        connection.execute(text('UPDATE "case" SET zone = :zone WHERE id <> :case'), there)
    for one, zone, wall in (
        (person("karim"), "Europe/London", "2030-05-15T16:00:00"),
        (person("sade"), "Pacific/Chatham", "2030-05-16T03:45:00"),
    ):
        accepted(one)
        told = one.get(f"/series/{series.id}").json()
        assert (told["zone"], told["clock"], told["first"]) == (zone, wall[11:16], wall[:10])
        assert [each["original"] for each in told["instances"]] == [wall]
        assert [each["starts_at"][:16] for each in told["instances"]] == ["2030-05-15T15:00"]
        [more] = one.get(f"/series/{series.id}/longer", last="2030-05-22").json()
        assert more["wall"][11:] == wall[11:]
    onward = {
        "instance": series.instances[0].id,
        "people": [house.cast.dana],
        "visit_supervisor": house.cast.lena,
    }
    onward |= {"duty": house.cast.priya, "weekday": "wednesday", "clock": "16:00"}
    assert person("sade").get(f"/series/{series.id}/onward", **onward).status_code == 403
