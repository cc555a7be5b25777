"""Visits over the JSON API: asked for by machines, decided by people."""

from datetime import timedelta

from contact_service.ids import VisitId
from contact_service.proposals.actions import choosing, replying
from contact_service.proposals.proposal import Answer, WhyNot
from contact_service.service_accounts.scope import Scope
from contact_service.visits.visit import VisitState
from tests.api.conftest import Api, Machine, Person, problem, wish
from tests.cast import House

ASKS = (Scope.VISITS_REQUEST, Scope.VISITS_READ)


def accepted(one: Api) -> Api:
    """Whoever runs it has read the policy."""
    assert one.post("/policy/acceptances", {"version": 1, "act": "book"}).status_code == 200
    return one


def test_a_machine_asks_and_the_evidence_says_that_it_was_one(house: House, machine: Machine) -> None:
    one = accepted(machine(*ASKS))
    answer = one.post("/visits", wish(house))
    assert answer.status_code == 201, answer.text
    visit = answer.json()
    assert visit["state"] == "requested"
    read = one.get(f"/visits/{visit['id']}").json()
    assert read | visit == read  # and who comes only if they can
    asked = next(e for e in reversed(house.entries()) if e.type == "visit.requested")
    assert asked.fields["actor"]["role"] == "service_account+worker"
    assert asked.fields["actor"]["authentication"] == "token"


def test_a_machine_that_has_not_accepted_the_policy_is_refused_by_its_rule(
    house: House, machine: Machine
) -> None:
    told = problem(machine(*ASKS).post("/visits", wish(house)), 409, "refused-by-rules")
    assert [rule["number"] for rule in told["rules"]] == ["R30"]
    assert house.history()[-1] == "booking.refused"


def test_every_rule_that_says_no_is_told(house: House, machine: Machine) -> None:
    one = accepted(machine(*ASKS))
    answer = one.post("/visits", wish(house, people=[house.cast.viktor], level="unsupervised"))
    told = problem(answer, 409, "refused-by-rules")
    assert {"R1", "R2", "R10"} <= {rule["number"] for rule in told["rules"]}
    assert all(rule["reason"] and rule["code"] for rule in told["rules"])


def test_a_machine_never_decides(house: House, machine: Machine) -> None:
    visit = house.requested()
    one = machine()
    for act, more in (("approve", {}), ("decline", {"reason": "no_staff"})):
        answer = one.post(f"/visits/{visit.id}/{act}", {"revision": visit.revision} | more)
        problem(answer, 403, "person-needed")
    assert house.state(visit) is VisitState.REQUESTED
    assert house.entries("agency")[-1].type == "access.refused"


def test_an_approver_approves_by_session_and_the_family_is_invited(
    house: House, machine: Machine, person: Person
) -> None:
    visit = accepted(machine(*ASKS, owner=house.cast.ola)).post("/visits", wish(house)).json()
    answer = person("priya").post(f"/visits/{visit['id']}/approve", {"revision": visit["revision"]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "approved"


def test_nobody_approves_what_the_machine_they_answer_for_has_asked_for(
    house: House, machine: Machine, person: Person
) -> None:
    visit = accepted(machine(*ASKS, owner=house.cast.priya)).post("/visits", wish(house)).json()
    answer = person("priya").post(f"/visits/{visit['id']}/approve", {"revision": visit["revision"]})
    told = problem(answer, 409, "refused-by-rules")
    assert [rule["code"] for rule in told["rules"]] == ["own_request"]


def test_a_visit_is_changed_withdrawn_and_cancelled_as_last_read(house: House, machine: Machine) -> None:
    one = accepted(machine(*ASKS))
    visit = one.post("/visits", wish(house)).json()
    later = {k: v for k, v in wish(house, starts="2030-05-15T17:00").items() if k != "child"}
    changed = one.post(f"/visits/{visit['id']}/change", later | {"revision": visit["revision"]}).json()
    assert changed["starts_at"] == "2030-05-15T16:00:00Z"
    stale = one.post(f"/visits/{visit['id']}/withdraw", {"revision": visit["revision"]})
    problem(stale, 409, "conflict")
    gone = one.post(f"/visits/{visit['id']}/withdraw", {"revision": changed["revision"]})
    assert gone.json()["state"] == "withdrawn"
    again = one.post(f"/visits/{visit['id']}/withdraw", {"revision": gone.json()["revision"]})
    problem(again, 409, "illegal-move")
    booked = house.approved()
    off = one.post(f"/visits/{booked.id}/cancel", {"revision": booked.revision, "reason": "child_ill"})
    assert off.json()["state"] == "cancelled"


def test_visits_are_listed_by_time_child_and_state(house: House, machine: Machine) -> None:
    visit, one = house.requested(), machine(*ASKS)
    span = {"first": "2030-05-15T00:00:00Z", "last": "2030-05-16T00:00:00Z"}
    assert [v["id"] for v in one.get("/visits", **span).json()] == [visit.id]
    assert one.get("/visits", **span, child=house.cast.jonas).json() == []
    assert one.get("/visits", **span, state="approved").json() == []
    problem(one.get("/visits", first="2030-01-01T00:00:00Z", last="2031-01-01T00:00:00Z"), 422, "bad-input")


def test_why_not_names_the_smallest_change(house: House, machine: Machine) -> None:
    asked = {
        "child": house.cast.mia,
        "person": [house.cast.dana, house.cast.ines],
        "starts": "2030-05-15T16:00",
    }
    one = machine(Scope.VISITS_READ)
    assert one.get("/visits/why-not", **asked).json()["may_be_booked"] is True
    told = one.get("/visits/why-not", **asked, level="unsupervised").json()
    assert told["may_be_booked"] is False
    assert [rule["number"] for rule in told["rules"]] == ["R7"]
    assert told["change"]["level"] == "supervised"


def test_what_waits_is_shown_to_machines_and_approvers_and_to_nobody_else(
    house: House, machine: Machine, person: Person
) -> None:
    visit = house.requested()
    for one in (machine(Scope.VISITS_READ), person("priya")):
        assert [v["id"] for v in one.get("/approvals").json()["visits"]] == [visit.id]
    problem(person("karim").get("/approvals"), 403, "not-allowed")


def test_a_case_off_the_caseload_is_not_there(house: House, machine: Machine) -> None:
    visit, one = house.requested(), machine(*ASKS, caseload=False)
    problem(one.get(f"/visits/{visit.id}"), 404, "not-found")
    problem(one.post("/visits", wish(house)), 404, "not-found")
    reaches = machine(*ASKS, Scope.ALL_CASES, caseload=False, name="Everywhere")
    assert reaches.get(f"/visits/{visit.id}").status_code == 200


def test_several_times_are_asked_for_approved_together_and_chosen_by_the_family(
    house: House, machine: Machine, person: Person
) -> None:
    one = accepted(machine(*ASKS, owner=house.cast.ola))
    body = wish(house, starts="2030-05-22T16:00", or_at=["2030-05-23T16:00"], asked=[house.cast.dana])
    visit = one.post("/visits", body).json()
    assert visit["times"] == ["2030-05-22T15:00:00Z", "2030-05-23T15:00:00Z"]
    priya = person("priya")
    assert [v["id"] for v in priya.get("/approvals").json()["visits"]] == [visit["id"]]
    answer = priya.post(f"/visits/{visit['id']}/approve", {"revision": visit["revision"]})
    assert (answer.json()["state"], len(answer.json()["times"])) == ("requested", 2)
    assert priya.get("/approvals").json()["visits"] == []
    with house.as_family(house.cast.dana) as work:
        choosing.choose(work, VisitId(visit["id"]), 2)
    booked = one.get(f"/visits/{visit['id']}").json()
    assert (booked["state"], booked["times"], booked["starts_at"]) == ("approved", [], visit["times"][1])


def test_times_that_are_no_choice_are_a_problem_of_the_request(house: House, machine: Machine) -> None:
    one = accepted(machine(*ASKS))
    nobody = wish(house, starts="2030-05-22T16:00", or_at=["2030-05-23T16:00"])
    problem(one.post("/visits", nobody), 422, "bad-input")
    too_many = nobody | {"or_at": ["2030-05-23T16:00"] * 4, "asked": [house.cast.dana]}
    assert one.post("/visits", too_many).status_code == 422


def test_who_cannot_come_is_told_with_the_time_they_would_rather_have(house: House, machine: Machine) -> None:
    visit = house.approved(wall_start=house.wish().wall_start.replace(day=22))
    other = visit.starts_at + timedelta(days=1)
    with house.as_family(house.cast.dana) as work:
        replying.answer(work, visit.id, Answer.CANNOT, WhyNot.WORK)
        assert replying.ask_other_time(work, visit.id, other) is None
    [reply] = accepted(machine(*ASKS)).get(f"/visits/{visit.id}/replies").json()
    assert (reply["person"], reply["answer"], reply["why"]) == (house.cast.dana, "cannot", "work")
    assert reply["wants"] == other.isoformat().replace("+00:00", "Z")


def test_a_visit_supervisor_says_whose_visits_she_must_not_watch(house: House, person: Person) -> None:
    lena = person("lena")
    new = {"child": house.cast.mia, "person": house.cast.dana, "kind": "kin"}
    mine = f"/staff/{house.cast.lena}/conflicts"
    problem(lena.post(mine, new), 404, "not-found")
    house.approved()
    problem(lena.post(mine, new | {"person": house.cast.viktor}), 422, "bad-input")
    assert lena.post(mine, new).status_code == 201
