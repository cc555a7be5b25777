"""What two people decide, no machine decides; and a no comes with its reason."""

from tests.api.conftest import Machine, Person, problem, wish
from tests.api.test_every_door import NADIA, TRACES, asked_for, on
from tests.api.test_visits_api import accepted
from tests.cast import House


def test_an_emergency_is_asked_for_by_a_person(house: House, machine: Machine, person: Person) -> None:
    soon = wish(house, starts="2030-05-14T20:00", emergency="court_directed")
    one = accepted(machine())
    before = house.snapshot(leaving_out=TRACES)
    problem(one.post("/visits", soon), 403, "person-needed")
    assert house.snapshot(leaving_out=TRACES) == before
    told = problem(
        accepted(person("karim")).post("/visits", soon | {"emergency": None}), 409, "refused-by-rules"
    )
    assert "R5" in {rule["number"] for rule in told["rules"]}
    asked = accepted(person("karim")).post("/visits", soon)
    assert asked.status_code == 201, asked.text
    assert asked.json()["emergency"] == "court_directed"


def test_a_doubt_is_cleared_with_words_by_a_person(house: House, machine: Machine, person: Person) -> None:
    one, priya = accepted(machine(owner=house.cast.karim)), person("priya")
    visit = asked_for(house, one, 14)["id"]
    assert priya.post("/policy/acceptances", {"version": 1, "act": "approve"}).status_code == 200
    assert priya.post(f"/visits/{visit}/approve", on(one, visit)).status_code == 200
    one.post(f"/children/{house.cast.mia}/approved-people/{house.cast.dana}/end")
    [doubt] = priya.get("/visits-in-doubt").json()
    assert [rule["number"] for rule in doubt["rules"]] == ["R47"]
    stands = on(one, visit, reason="visit_stands")
    problem(one.post(f"/visits/{visit}/clear-doubt", stands | {"text": "Yes."}), 403, "person-needed")
    told = problem(priya.post(f"/visits/{visit}/clear-doubt", stands), 422, "bad-input")
    assert told["field"] == "text"
    due = next(one for one in priya.get("/follow-ups").json() if one["kind"] == "in_doubt")
    way = f"/follow-ups/{due['id']}/done"
    problem(priya.post(way, {"reason": "visit_stands"}), 422, "bad-input")
    assert priya.post(f"/visits/{visit}/clear-doubt", stands | {"text": "The court asks."}).status_code == 200
    assert priya.get("/visits-in-doubt").json() == []


def test_two_who_are_kept_apart_are_not_one_person(house: House, machine: Machine, person: Person) -> None:
    one = machine(owner=house.cast.karim)
    apart = {
        "kind": "apart",
        "person": house.cast.dana,
        "other": house.cast.emil,
        "source": "agency_decision",
    }
    assert one.post(f"/children/{house.cast.mia}/restrictions", apart).status_code == 201
    merge = one.post("/merges", {"kept": house.cast.dana, "merged": house.cast.emil})
    assert merge.status_code == 201, merge.text
    told = problem(person("priya").post(f"/merges/{merge.json()['id']}/agree"), 409, "merge-refused")
    assert told["detail"]
    assert one.get(f"/people/{house.cast.emil}").json()["name"] == "Emil Brandt"


def test_a_colleagues_languages_are_theirs_to_write(house: House, machine: Machine, person: Person) -> None:
    way = f"/staff/{house.cast.lena}/languages"
    polish = {"languages": [{"tag": "pl"}, {"tag": "bfi", "mode": "signed"}]}
    problem(machine().put(way, polish), 403, "person-needed")
    problem(person("karim").put(way, polish), 403, "not-allowed")
    problem(person("lena").put(way, {"languages": [{"tag": "!"}]}), 422, "bad-input")
    assert [known["tag"] for known in person("lena").put(way, polish).json()] == ["bfi", "pl"]
    assert person("priya").put(way, {"languages": []}).json() == []


def test_a_reason_that_punishes_is_returned(house: House, machine: Machine) -> None:
    visit, one = house.approved(), machine()
    body = {"revision": visit.revision, "reason": "child_ill", "remark": "As a punishment for his behaviour."}
    told = problem(one.post(f"/visits/{visit.id}/cancel", body), 422, "bad-input")
    assert "“As a punishment”" in told["detail"]
    assert one.get(f"/visits/{visit.id}").json()["state"] == "approved"


def test_what_another_system_calls_somebody_leads_to_one_person(house: House, machine: Machine) -> None:
    one, named = machine(), {"system": "caseworks", "reference": "P-1042"}
    way = f"/cases/{house.cast.case}/people"
    made = one.post(way, NADIA | {"external_ref": named}).json()["id"]
    assert one.get("/people/by-reference", **named).json()["id"] == made
    taken = one.post(way, NADIA | {"external_ref": named})
    assert taken.status_code in (409, 422), taken.text
    assert one.get(way).text.count("Nadia Ferrer") == 1


def test_a_restriction_rests_on_an_order_of_its_own_case(house: House, machine: Machine) -> None:
    body = {"kind": "no_contact", "person": house.cast.rosa, "source": "court_order", "order": "f" * 32}
    one = machine()
    before = house.snapshot(leaving_out=TRACES)
    told = problem(one.post(f"/children/{house.cast.mia}/restrictions", body), 422, "bad-input")
    assert told["field"] == "order"
    assert house.snapshot(leaving_out=TRACES) == before
