"""What children are owed over the JSON API: the figures of the ledger, and deciding is for people."""

from contact_service.plans.terms import Frequency, Period
from contact_service.service_accounts.scope import Scope
from contact_service.visits.queries.owing import ledger_of
from tests.api.conftest import Machine, Person, problem
from tests.cast import House
from tests.owed.lives import promise, weekly
from tests.owed.test_deciding import meeting, missed


def test_the_api_tells_what_the_ledger_holds(house: House, machine: Machine) -> None:
    promise(house, weekly(house.cast.dana, Frequency(per=Period.WEEK, least=1)))
    visit = missed(house, house.cast.dana)
    house.clock.forward(visit.ends_at - visit.starts_at)
    one = machine(Scope.VISITS_READ)
    told = one.get(f"/children/{house.cast.mia}/owed").json()
    with house.reading(house.cast.karim) as work:
        found = ledger_of(work, house.cast.mia)
    [account] = [a for a in told["accounts"] if a["person"] == house.cast.dana]
    [kept] = [a for a in found.kept if a.person == house.cast.dana]
    assert account["visits"][0]["cause"] == "caregiver"
    assert account["visits"][0]["rule"] == "always_owed"
    assert [p["missing"] for p in account["periods"]] == [p.missing for p in kept.periods]
    assert [row["child"] for row in one.get("/owed").json()][-1] in {house.cast.mia, house.cast.jonas}


def test_a_machine_keeps_what_is_said_and_decides_nothing(house: House, machine: Machine) -> None:
    visit = missed(house, house.cast.ines)
    one = machine()
    about = {"child": house.cast.mia, "person": house.cast.dana}
    assert one.post(f"/visits/{visit.id}/side-reasons", about | {"reason": "ill"}).status_code == 200
    answer = one.post(f"/visits/{visit.id}/owed", about | {"owed": True, "reason": "wants_another"})
    problem(answer, 403, "person-needed")
    assert meeting(house, visit).still_owed is None


def test_a_machine_with_another_case_reads_nothing(house: House, machine: Machine) -> None:
    one = machine(Scope.VISITS_READ, caseload=False)
    problem(one.get(f"/children/{house.cast.mia}/owed"), 404, "not-found")
    assert one.get("/owed").json() == []
    problem(machine(Scope.PLANS_READ, name="Plans").get("/owed"), 403, "scope-missing")


def test_a_reason_of_the_other_answer_is_not_taken(house: House, person: Person) -> None:
    visit = missed(house, house.cast.ines)
    about = {"child": house.cast.mia, "person": house.cast.dana}
    karim = person("karim")
    answer = karim.post(f"/visits/{visit.id}/owed", about | {"owed": True, "reason": "no_reason_given"})
    assert answer.status_code == 422
    early = karim.post(f"/visits/{visit.id}/owed", about | {"owed": False, "reason": "no_reason_given"})
    assert early.status_code == 422
    assert "22 May 2030" in early.text
    assert person("lena").get("/owed").status_code == 403
