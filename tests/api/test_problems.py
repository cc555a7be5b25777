"""What is wrong is told in problem details with stable types, and nothing beyond is told."""

import re
from typing import Any

import httpx
import pytest

from contact_service.api.v1.application import routes, who_of
from contact_service.api.v1.problems import STATUSES, name_of
from contact_service.errors import (
    BadInput,
    Conflict,
    ContactServiceError,
    IllegalMove,
    NotAllowed,
    NotFound,
    NotSignedIn,
)
from contact_service.service_accounts.scope import Scope
from tests.api.conftest import SAME, Api, Machine, Person, problem, public_app, wish
from tests.api.test_every_door import TRACES
from tests.cast import House

CONSENT = {"purpose": "take_part", "state": "given", "method": "by_decision_holder", "text_version": 1}


# ---- what the caller sends


def test_an_unknown_relationship_is_named(house: House, machine: Machine) -> None:
    path = f"/children/{house.cast.mia}/relationships/{house.cast.dana}"
    answer = machine().put(path, {"relation": "godmother", "word": "godmother"})
    told = problem(answer, 422, "unknown-relationship")
    assert told["errors"][0]["pointer"] == "/relation"
    assert "godmother" not in answer.text


def test_overlapping_placements_are_named(house: House, machine: Machine) -> None:
    one, path = machine(), f"/children/{house.cast.mia}/placements"
    stay = {"carer": house.cast.ines, "first_on": "2030-01-01", "last_on": "2030-01-31"}
    assert one.post(path, stay).status_code == 201
    told = problem(
        one.post(path, stay | {"first_on": "2030-01-31", "last_on": None}), 422, "placements-overlap"
    )
    assert told["field"] == "first_on"


def test_an_order_before_birth_is_named(house: House, machine: Machine) -> None:
    order = {"about": "contact", "decided_on": "2018-03-13", "starts_on": "2030-01-01"}
    order |= {"court": "Family Court", "reference": "NM1"}
    problem(machine().post(f"/children/{house.cast.mia}/orders", order), 422, "before-birth")


PLAN = {"people": [], "review_on": "2030-08-01"}
ORDER = {"about": "contact", "decided_on": "2030-03-01", "starts_on": "2030-03-01"}
STOP = {"kind": "no_contact", "person": "a" * 32, "source": "court_order"}


def test_a_plan_that_is_wrong_in_a_hundred_places_is_refused_and_the_evidence_has_room_for_it(
    house: House, machine: Machine
) -> None:
    one, path = machine(), f"/children/{house.cast.mia}/plans"
    terms = {"person": house.cast.dana, "level": "monitored", "minutes": 1}
    frequency = {"per": "week", "least": 7}
    demands = {"trainings": ["nobody has this", "nor this", "nor that"]}
    people = [terms | {"frequency": frequency, "supervisor": demands} for _ in range(50)]
    told = problem(one.post(path, PLAN | {"people": people}), 409, "refused-by-rules")
    assert len(told["rules"]) >= 100
    kept = house.last_entry()
    assert kept["type"] == "plan.refused"
    codes = [str(one) for one in kept["facts"].values()]  # type: ignore[attr-defined]
    assert len(codes) == len(set(codes)) > 1


@pytest.mark.parametrize("at", ["9999-12-31", "0001-01-01", "1899-12-31", "2201-01-01"])
@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("plans", PLAN, "review_on"),
        ("orders", ORDER, "decided_on"),
        ("restrictions", STOP, "starts_at"),
        ("restrictions", STOP, "ends_at"),
        ("visits", {}, "starts"),
    ],
)
def test_a_year_with_a_slip_is_no_date(
    house: House, machine: Machine, at: str, path: str, body: dict[str, Any], field: str
) -> None:
    one, before = machine(), house.snapshot(leaving_out=TRACES)
    zone = "Z" if field.endswith("_at") else ""
    written = f"{at}T23:30:00{zone}" if field in ("starts", "starts_at", "ends_at") else at
    where = "/visits" if path == "visits" else f"/children/{house.cast.mia}/{path}"
    sent = (wish(house) if path == "visits" else body) | {field: written}
    told = problem(one.post(where, sent), 422, "body-not-valid")
    assert f"/{field}" in {error["pointer"] for error in told["errors"]}
    assert house.snapshot(leaving_out=TRACES) == before


@pytest.mark.parametrize("at", ["2030-05-15T16:00:30", "2030-05-15T16:00:00.5"])
def test_a_visit_starts_at_a_minute(house: House, machine: Machine, at: str) -> None:
    told = problem(machine().post("/visits", wish(house) | {"starts": at}), 422, "body-not-valid")
    assert "/starts" in {error["pointer"] for error in told["errors"]}


def test_a_consent_without_the_right_is_named_and_one_with_it_is_kept(house: House, machine: Machine) -> None:
    one, path = machine(), f"/children/{house.cast.mia}/consents"
    said = CONSENT | {"person": house.cast.mia, "holder_person": house.cast.dana}
    problem(one.post(path, said), 422, "consent-without-right")
    right = {"person": house.cast.dana, "matters": ["contact"], "basis": "parental_responsibility"}
    kept = one.post(f"/children/{house.cast.mia}/rights", right | {"first_on": "2030-01-01"})
    assert kept.status_code == 201, kept.text
    assert one.post(path, said).status_code == 201
    newest = one.get(f"/people/{house.cast.mia}/consents").json()[0]
    assert (newest["state"], newest["method"]) == ("given", "by_decision_holder")


def test_a_no_counts_whoever_brings_it(house: House, machine: Machine) -> None:
    said = CONSENT | {"person": house.cast.mia, "holder_person": house.cast.dana, "state": "declined"}
    assert machine().post(f"/children/{house.cast.mia}/consents", said).status_code == 201


def test_an_unknown_text_version_is_named(house: House, machine: Machine) -> None:
    said = CONSENT | {"person": house.cast.mia, "holder_authority": "agency", "text_version": 7}
    problem(machine().post(f"/children/{house.cast.mia}/consents", said), 422, "unknown-text-version")


def test_a_policy_with_unknown_keys_comes_back_with_their_lines(house: House, machine: Machine) -> None:  # noqa: ARG001
    told = problem(
        machine().post("/policy/versions", {"text": "title: Ours\nlimts:\n  x: 1\n"}), 422, "policy-not-valid"
    )
    assert [fault["line"] for fault in told["faults"]] == [2]
    assert "limts" in told["faults"][0]["detail"]


def test_an_unknown_member_is_refused_with_its_place(house: House, machine: Machine) -> None:
    answer = machine().post("/visits", wish(house, colour="blue", minutes="long"))
    told = problem(answer, 422, "body-not-valid")
    assert {error["pointer"] for error in told["errors"]} == {"/colour", "/minutes"}
    assert "blue" not in answer.text
    assert "long" not in answer.text.replace("too long", "")


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b'{"zone": NaN}', b'"x"'])
def test_what_is_no_body_is_a_problem_and_no_fault_of_ours(
    house: House,  # noqa: ARG001
    machine: Machine,
    content: bytes,
) -> None:
    said = {"Idempotency-Key": "nobody-0001", "Content-Type": "application/json"}
    answer = machine().ask("POST", "/cases", content=content, headers=said)
    assert answer.status_code in (400, 422)
    problem(answer, answer.status_code, "body-not-valid")


def test_a_body_that_is_too_large_is_refused(house: House, machine: Machine) -> None:  # noqa: ARG001
    problem(machine().post("/policy/versions", {"text": "x" * 1_000_001}), 413, "too-large")


@pytest.mark.parametrize("odd", ["a%0Ab", "%0A", "%E2%80%A8", "a%0D%0A/b"])
def test_an_address_with_a_line_break_is_nowhere_and_told_so_as_every_other(
    house: House,  # noqa: ARG001
    machine: Machine,
    odd: str,
) -> None:
    one, when = machine(), {"first": "2030-05-01T00:00:00Z", "last": "2030-05-02T00:00:00Z"}
    problem(one.get(f"/pools/{odd}/taken", **when), 404, "not-found")
    problem(one.get(f"/{odd}"), 404, "not-found")


def test_an_id_that_is_none_is_not_there(house: House, machine: Machine) -> None:  # noqa: ARG001
    one = machine()
    problem(one.get("/people/..%2f..%2fetc"), 404, "not-found")
    problem(one.get("/people/0"), 404, "not-found")
    problem(one.get("/nothing"), 404, "not-found")


def test_a_method_that_an_address_does_not_know_is_told_which_it_knows(
    house: House, machine: Machine
) -> None:
    one = machine()
    for method, path, known in (
        ("DELETE", "/cases", "GET, POST"),
        ("OPTIONS", f"/people/{house.cast.dana}", "GET, PUT"),
        ("PUT", f"/visits/{'f' * 32}/withdraw", "POST"),
    ):
        answer = one.ask(method, path)
        told = problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == known
        assert known.replace(", ", " and ") in told["detail"]


@pytest.mark.parametrize("number", [0, "1900000000", 1e9, True, "-1"])
def test_a_number_is_no_day_and_no_time(house: House, machine: Machine, number: object) -> None:
    one, path = machine(), f"/children/{house.cast.mia}"
    for where, body in (
        (
            "/rights",
            {"person": house.cast.dana, "basis": "delegated", "matters": ["contact"], "first_on": number},
        ),
        ("/restrictions", STOP | {"starts_at": number}),
    ):
        told = problem(one.post(path + where, body), 422, "body-not-valid")
        assert any("write it like 2030-05-20" in wrong["detail"] for wrong in told["errors"]), told
    problem(one.get("/plan-runs", week=number), 422, "body-not-valid")
    told = problem(one.post("/visits", wish(house, starts=number)), 422, "body-not-valid")
    assert [wrong["pointer"] for wrong in told["errors"]] == ["/starts"]


@pytest.mark.parametrize(
    ("path", "body", "pointer", "word"),
    [
        ("/visits", {"minutes": True}, "/minutes", "a number"),
        ("/visits/{visit}/cancel", {"revision": False}, "/revision", "a number"),
        ("/people/{dana}/channels", {"confirmed": 1}, "/confirmed", "true or false"),
        ("/people/{dana}/channels", {"confirmed": 0.0}, "/confirmed", "true or false"),
    ],
)
def test_true_is_no_number_and_a_number_is_not_true(
    house: House, machine: Machine, path: str, body: dict[str, object], pointer: str, word: str
) -> None:
    whole = path.format(visit="f" * 32, dana=house.cast.dana)
    told = problem(machine().post(whole, body), 422, "body-not-valid")
    [wrong] = [one for one in told["errors"] if one["pointer"] == pointer]
    assert f"write {word} here" in wrong["detail"]


# ---- who asks


def test_who_nobody_knows_is_told_so_and_nothing_else(app: Any, house: House, machine: Machine) -> None:  # noqa: ANN401
    path = f"/people/{house.cast.viktor}"
    good = machine().headers["Authorization"]
    for headers in (
        {},
        {"Authorization": "Bearer csa_" + "x" * 43},
        {"Authorization": good[:-1] + ("a" if good[-1] != "a" else "b")},
        {"Authorization": good.replace("Bearer", "Basic")},
        {"Authorization": "Bearer"},
    ):
        answer = Api(app, headers).get(path)
        assert problem(answer, 401, "not-signed-in")["detail"]
        assert answer.headers["www-authenticate"] == "Bearer"


def test_a_session_proves_that_a_page_of_ours_asks(house: House, person: Person) -> None:
    karim = person("karim")
    for change in ({"X-Csrf": "other"}, {"sec-fetch-site": "cross-site"}, {"X-Csrf": ""}):
        answer = karim.post("/cases", {}, **change)
        problem(answer, 403, "not-allowed")
    assert karim.post("/cases", {}).status_code == 201
    assert karim.headers.items() >= SAME.items()
    del house


def test_each_door_asks_for_its_scope_and_no_other_opens_it(house: House, machine: Machine) -> None:
    """The matrix: every route with every scope but its own, and with none that a person must decide."""
    machines = {s: machine(*(frozenset(Scope) - {s}), name=f"All but {s}") for s in Scope}
    everything = machine(*Scope, name="Everything")
    wrong = []
    for route in routes():
        scope, changes = who_of(route)
        if scope is None and not changes:
            continue
        one = machines[scope] if scope else everything
        method = min(route.methods or ())
        path = re.sub(r"\{(\w+)\}", lambda m: "1" if m[1] == "version" else house.cast.mia, route.path)
        answer = one.ask(method, path, json={}, headers={"Idempotency-Key": "matrix-0001"})
        if answer.status_code != 403:
            wrong.append((method, path, answer.status_code))
            continue
        problem(answer, 403, "scope-missing" if scope else "person-needed")
    assert wrong == []
    assert len(routes()) > 60


# ---- the tree and the description


def every_error() -> list[type[ContactServiceError]]:
    found, waiting = [], [ContactServiceError]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += one.__subclasses__()
    return found


def test_every_named_error_that_reaches_a_caller_has_a_name_of_its_own() -> None:
    ours = (NotFound, NotSignedIn, NotAllowed, BadInput, IllegalMove, Conflict)
    names = [name_of(error) for error in every_error() if issubclass(error, ours)]
    assert len(set(names)) == len(names)
    assert all(any(issubclass(error, kind) for kind in STATUSES) for error in every_error())


def described(house: House, **settings: object) -> httpx.Response:
    return Api(public_app(house, **settings)).ask("GET", "https://visits.example/api/openapi.json")


def test_the_description_is_served_in_demo_and_development_alone(house: House) -> None:
    assert described(house).status_code == 404
    for settings in ({"openapi": True}, {"demo": True}):
        body = described(house, **settings).json()
        assert body["openapi"].startswith("3.1")
        assert len(body["paths"]) > 50
    assert described(house, openapi=True).headers["content-type"] == "application/json"
    for page in ("/api/docs", "/api/redoc", "/docs"):
        assert (
            Api(public_app(house, openapi=True)).ask("GET", f"https://visits.example{page}").status_code
            == 404
        )


def test_the_description_is_good_enough_to_make_a_client_of(house: House) -> None:
    body = described(house, openapi=True).json()
    operations = [one for path in body["paths"].values() for one in path.values()]
    ids = [one["operationId"] for one in operations]
    assert len(set(ids)) == len(ids)
    for one in operations:
        assert one["tags"]
        assert one["summary"]
        good = next(answer for status, answer in one["responses"].items() if status.startswith("2"))
        assert good["content"]["application/json"]["schema"]
        for status, answer in one["responses"].items():
            assert status.startswith("2") or "application/problem+json" in answer["content"]
    posts = [path["post"] for path in body["paths"].values() if "post" in path]
    assert all(
        any(p["name"] == "Idempotency-Key" and p["required"] for p in one["parameters"]) for one in posts
    )
    names = {
        name
        for name, schema in body["components"]["schemas"].items()
        if not schema.get("additionalProperties", True)
    }
    sent = {
        one["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for one in posts
    }
    assert sent <= names
