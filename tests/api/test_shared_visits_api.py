"""Visits that children share, over the JSON API: asked for child by child, and a record for each."""

from dataclasses import replace

import pytest

from contact_service.clearances.actions import ask
from contact_service.demo.brother import Brother
from contact_service.people.actions.members import change_details
from contact_service.people.queries.members import details_of
from contact_service.pools.actions import add_pool
from contact_service.protocol.link import EventKind
from contact_service.visits.actions.clearing import set_desk
from contact_service.visits.actions.pooling import link
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import VisitState
from tests.api.conftest import Api, Machine, Person, problem, wish
from tests.cast import NOON, House

pytestmark = pytest.mark.slow  # each opens a second case first; the quick gate has them in a history


def sharing(brother: Brother) -> list[dict[str, str]]:
    return [{"child": brother.finn, "caregiver": brother.tomas}]


def reader(person: Person) -> Api:
    one = person("karim")
    one.post("/policy/acceptances", {"version": 1, "act": "book"})
    return one


def test_it_is_asked_for_and_read_with_every_child(house: House, brother: Brother, person: Person) -> None:
    one = reader(person)
    visit = one.post("/visits", wish(house, sharing=sharing(brother))).json()
    assert [(c["child"], c["case"], c["caregiver"]) for c in visit["children"]] == [
        (house.cast.mia, house.cast.case, house.cast.ines),
        (brother.finn, brother.case, brother.tomas),
    ]
    span = {"first": "2030-05-15T00:00:00Z", "last": "2030-05-16T00:00:00Z"}
    for child, case in ((house.cast.mia, house.cast.case), (brother.finn, brother.case)):
        found = one.get("/visits", **span, child=child).json()
        assert [(v["id"], v["child"], v["case"]) for v in found] == [(visit["id"], child, case)]
    assert one.get("/visits", **span, child=house.cast.jonas).json() == []


def test_who_reaches_one_case_reads_it_from_there(house: House, brother: Brother, person: Person) -> None:
    visit = house.requested(sharing=brother.shares)
    seen = person("sade").get(f"/visits/{visit.id}").json()
    assert (seen["child"], seen["case"]) == (brother.finn, brother.case)
    assert [(c["child"], c["caregiver"]) for c in seen["children"]] == [
        (brother.finn, brother.tomas),
        (house.cast.mia, None),
    ]
    assert house.cast.ines not in {p["person"] for p in seen["participants"]}


def test_a_brothers_case_is_told_in_short_of_a_child_who_is_not_theirs(
    house: House, brother: Brother, person: Person
) -> None:
    with house.work(house.cast.karim) as work:
        known = details_of(work, house.cast.mia)
        change_details(
            work, house.cast.mia, replace(known, support="Counts to ten first.", aliases=("Mimi",))
        )
    for name, case, support, aliases in (
        ("sade", brother.case, "", []),
        ("karim", house.cast.case, "Counts to ten first.", ["Mimi"]),
    ):
        listed = person(name).get(f"/cases/{case}/people").json()
        mia = next(one for one in listed if one["id"] == house.cast.mia)
        assert (mia["name"], mia["support"], mia["aliases"]) == ("Mia Marlowe", support, aliases)


def test_what_is_not_there_is_not_taken(house: House, brother: Brother, person: Person) -> None:
    one = reader(person)
    for other in ({"child": "0" * 32}, {"child": house.cast.dana}):
        answer = one.post("/visits", wish(house, sharing=[{"caregiver": brother.tomas} | other]))
        problem(answer, 404, "not-found")
    twice = one.post("/visits", wish(house, sharing=sharing(brother) * 2))
    assert twice.status_code == 422
    with house.reading(house.cast.karim) as work:
        assert visits_in(work, tuple(VisitState)) == []


def test_each_child_has_a_record(house: House, brother: Brother, person: Person) -> None:
    visit = house.shared(brother)
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    lena, priya, here = person("lena"), person("priya"), f"/visits/{visit.id}"
    body = {"outcome": "completed", "what_happened": "They drew."}
    problem(lena.post(f"{here}/record", body), 404, "not-found")
    for child, state in ((house.cast.mia, "ended"), (brother.finn, "recorded")):
        answer = lena.post(f"{here}/record", body | {"child": child})
        assert answer.status_code == 200, answer.text
        assert (answer.json()["child"], answer.json()["state"]) == (child, state)
    assert person("sade").get(f"{here}/record").json()["child"] == brother.finn
    problem(person("sade").get(f"{here}/record", child=house.cast.mia), 404, "not-found")
    for child in (house.cast.mia, brother.finn):
        revision = priya.get(here).json()["revision"]
        signed = priya.post(f"{here}/sign-off", {"revision": revision, "child": child})
        assert signed.status_code == 200, signed.text
    assert house.state(visit) is VisitState.SIGNED_OFF


@pytest.mark.rule("R68")
def test_a_place_is_asked_about_the_other_child_by_those_alone_who_work_with_whoever_is_there(
    house: House, brother: Brother, person: Person, machine: Machine
) -> None:
    sade, elsewhere = person("sade"), machine()
    made = sade.post("/pools", {"name": "Hill House", "units": 2, "zone": "Europe/London"}).json()["id"]
    desk = {"desk": "desk@hill-house.example"}
    assert sade.post(f"/pools/{made}/desk", desk).status_code == 200
    there = {"pool": made, "first": "2030-05-14", "last": None}
    assert sade.post(f"/people/{brother.tomas}/pools", there).status_code == 201
    asks = {"pool": made, "child": house.cast.mia, "reference": "HH 7"}
    for who in (brother.finn, brother.tomas):
        path = f"/people/{who}/clearances"
        problem(elsewhere.post(path, asks), 404, "not-found")  # it has Mia's case alone
        problem(elsewhere.get(path), 404, "not-found")
        asked = sade.post(path, asks).json()["id"]
        said = {"answer": "granted", "reference": "HH 8", "last": "2030-12-31"}
        assert sade.post(f"{path}/{asked}/answer", said).status_code == 200
        assert [(one["id"], one["child"], one["answer"]) for one in sade.get(path).json()] == [
            (asked, house.cast.mia, "granted")
        ]
    another = asks | {"child": house.cast.jonas}
    problem(sade.post(f"/people/{brother.finn}/clearances", another), 422, "bad-input")


@pytest.mark.rule("R68")
def test_a_worker_of_one_child_reads_of_no_clearance_of_the_other_side(
    house: House, brother: Brother, person: Person
) -> None:
    with house.work(house.cast.karim) as work:
        ines_in = add_pool(work, "Hill House", 2, zone="Europe/London")
        set_desk(work, ines_in, "desk@hill-house.example")
        link(work, house.cast.ines, ines_in, NOON.date(), None)
        link(work, house.cast.dana, ines_in, NOON.date(), None)
        asked = ask(work, house.cast.mia, brother.finn, ines_in)
        about_mia = ask(work, house.cast.dana, house.cast.mia, ines_in)
    sade = person("sade")
    hers = f"/people/{house.cast.dana}/clearances"  # the mother of both is in Finn's case too
    assert [one["id"] for one in person("karim").get(hers).json()] == [about_mia]
    assert sade.get(hers).json() == []
    for who in (house.cast.mia, house.cast.ines):
        problem(sade.get(f"/people/{who}/clearances"), 404, "not-found")
    said = {"answer": "granted", "reference": "HH 8", "last": None}
    problem(sade.post(f"/people/{house.cast.mia}/clearances/{asked}/answer", said), 404, "not-found")


@pytest.mark.rule("R68")
def test_what_is_taken_of_a_place_names_a_shared_visit_to_those_alone_whose_side_is_there(
    house: House, brother: Brother, person: Person
) -> None:
    with house.work(house.cast.karim) as work:
        made = add_pool(work, "Mill Lane", 2, zone="Europe/London")
        link(work, house.cast.ines, made, NOON.date(), None)
    visit = house.approved(sharing=brother.shares)
    day = {"first": "2030-05-15T00:00:00Z", "last": "2030-05-16T00:00:00Z"}
    for who, named in (("karim", visit.id), ("sade", None)):
        [taken] = person(who).get(f"/pools/{made}/taken", **day).json()
        assert taken["visit"] == named, who
