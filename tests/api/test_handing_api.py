"""A visit that is near or runs is handed over by the JSON API: a person does, and a machine may look who could."""

from contact_service.notifications.message import MessageKind
from contact_service.service_accounts.scope import Scope
from contact_service.visits.visit import Visit, VisitState
from tests.actions.test_repairing import another
from tests.api.conftest import Api, Machine, Person, problem
from tests.api.test_every_door import NOBODY, TRACES
from tests.cast import House


def way(visit: Visit) -> str:
    return f"/visits/{visit.id}/hand-over"


def to(house: House, visit: Visit, supervisor: str, **changes: object) -> dict[str, object]:
    """The body that lets somebody else watch, as the visit stands."""
    now = house.visit(visit.id)
    return {"revision": now.revision, "visit_supervisor": supervisor, "duty": now.duty} | changes


def rules(answer: dict[str, object]) -> set[tuple[str, str]]:
    found = answer["rules"]
    assert isinstance(found, list)
    return {(rule["number"], rule["code"]) for rule in found}


def test_a_running_visit_is_handed_over_once_and_stops_until_the_other_one_is_there(
    house: House, person: Person
) -> None:
    sami, visit, karim = another(house), house.live(), person("karim")
    able = karim.get(way(visit)).json()
    assert able["visit_supervisors"] == [sami]
    assert visit.duty not in able["duty"]
    body = to(house, visit, sami)
    first = karim.post(way(visit), body, key="handed-over-1")
    assert (first.status_code, first.json()["visit_supervisor"]) == (200, sami)
    again = karim.post(way(visit), body, key="handed-over-1")
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert house.state(visit) is VisitState.SUPERVISOR_LOST
    told = [one.account for one in house.messages(visit) if one.kind is MessageKind.HANDED_OVER]
    assert told == [sami]


def test_whoever_read_it_before_somebody_else_was_faster_hands_nothing_over(
    house: House, person: Person
) -> None:
    sami, noa = another(house), another(house, "Noa Berg")
    visit, karim = house.live(), person("karim")
    old = to(house, visit, noa)
    assert karim.post(way(visit), to(house, visit, sami)).status_code == 200
    problem(karim.post(way(visit), old), 409, "conflict")
    assert house.visit(visit.id).supervisor == sami


def test_what_the_rules_refuse_comes_with_the_rule_and_changes_nothing(house: House, person: Person) -> None:
    visit, karim = house.live(), person("karim")
    before = house.snapshot(leaving_out=TRACES | {"idempotency_key"})
    told = problem(karim.post(way(visit), to(house, visit, visit.supervisor)), 409, "refused-by-rules")
    assert rules(told) == {("R63", "nobody_new")}
    for body in (to(house, visit, NOBODY), to(house, visit, visit.supervisor, duty=NOBODY)):
        assert karim.post(way(visit), body).status_code in (404, 409)
    assert house.snapshot(leaving_out=TRACES | {"idempotency_key"}) == before


def test_while_it_can_still_be_changed_and_after_its_end_nobody_takes_over(
    house: House, person: Person
) -> None:
    sami, visit, karim = another(house), house.approved(), person("karim")
    assert rules(problem(karim.get(way(visit)), 409, "refused-by-rules")) == {("R63", "not_yet")}
    told = problem(karim.post(way(visit), to(house, visit, sami)), 409, "refused-by-rules")
    assert ("R63", "not_yet") in rules(told)
    karim.post(f"/visits/{visit.id}/cancel", {"revision": visit.revision, "reason": "child_ill"})
    assert rules(problem(karim.get(way(visit)), 409, "refused-by-rules")) == {("R63", "not_ahead")}


def test_a_machine_may_look_who_could_and_hands_nothing_over(house: House, machine: Machine) -> None:
    sami, visit, one = another(house), house.live(), machine()
    assert one.get(way(visit)).json()["visit_supervisors"] == [sami]
    problem(one.post(way(visit), to(house, visit, sami)), 403, "person-needed")
    problem(machine(Scope.VISITS_READ, name="Reader").get(way(visit)), 403, "scope-missing")
    assert house.visit(visit.id).supervisor == visit.supervisor


def test_who_does_not_work_with_the_child_neither_looks_nor_hands_over(house: House, person: Person) -> None:
    sami, visit = another(house), house.live()

    def refused(one: Api) -> None:
        for answer in (one.get(way(visit)), one.post(way(visit), to(house, visit, sami))):
            assert answer.status_code in (403, 404), answer.text

    refused(person("lena"))
    refused(person("noor"))
    assert house.visit(visit.id).supervisor == visit.supervisor
