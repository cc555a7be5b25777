"""Every operation of the API once as it is meant, and then as it is not; and every page's act is among them."""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from contact_service.api.v1.application import routes
from contact_service.app import _PAGES
from contact_service.visits.actions import ending
from contact_service.visits.visit import EndReason, Visit
from tests.api.conftest import Api, Machine, Person, problem, wish
from tests.cast import House

# A refused request leaves a line of evidence; nothing else may differ.
TRACES = frozenset({"audit_head", "audit_entry", "case_key", "agency_root", "staff_session", "throttle"})
NOBODY = "f" * 32
NADIA = {"name": "Nadia Ferrer", "known_as": "Nadia", "role": "family_member"}
NAMED = {"system": "caseworks", "reference": "N-1"}


def operations() -> dict[str, APIRoute]:
    return {route.operation_id or route.name: route for route in routes()}


# ---- every act of a staff page is an operation, or stands here with its reason

PAGES = {
    "/w/approvals/{visit}/approve": "approveVisit",
    "/w/approvals/{visit}/decline": "declineVisit",
    "/w/approvals/{visit}/stands": "clearDoubt",
    "/w/book": "requestVisit",
    "/w/child/{child}/consent": "recordConsent",
    "/w/child/{child}/deciding": "recordRight",
    "/w/child/{child}/deciding/{right}/end": "endRight",
    "/w/child/{child}/home": "place",
    "/w/child/{child}/home/{placement}/end": "endPlacement",
    "/w/child/{child}/order/{order}": "recordOrder",
    "/w/child/{child}/order/{order}/discharge": "recordOrder",
    "/w/child/{child}/orders": "recordOrder",
    "/w/child/{child}/people": "addPerson",
    "/w/child/{child}/people/known": "relate",
    "/w/child/{child}/person/{person}/approve": "approvePerson",
    "/w/child/{child}/person/{person}/channel": "addChannel",
    "/w/child/{child}/person/{person}/channel/{channel}": "changeChannel",
    "/w/child/{child}/person/{person}/channel/{channel}/end": "endChannel",
    "/w/child/{child}/person/{person}/details": "changePerson",
    "/w/child/{child}/person/{person}/end-approval": "endApproval",
    "/w/child/{child}/person/{person}/merge": "proposeMerge",
    "/w/child/{child}/person/{person}/relation": "relate",
    "/w/child/{child}/plan": "proposePlan",
    "/w/child/{child}/plan/review": "proposePlan",
    "/w/child/{child}/quiet": "addQuietHours",
    "/w/child/{child}/quiet/{quiet}/end": "endQuietHours",
    "/w/child/{child}/restriction": "restrict",
    "/w/follow-up/{follow_up}/done": "followUpDone",
    "/w/languages/{account}": "setLanguages",
    "/w/merge/{merge}/agree": "agreeToMerge",
    "/w/merge/{merge}/decline": "declineMerge",
    "/w/plan/{plan}/approve": "approvePlan",
    "/w/plan/{plan}/decline": "declinePlan",
    "/w/policy/accept": "acceptPolicy",
    "/w/policy/write": "proposePolicy",
    "/w/policy/{version}/decline": "declinePolicy",
    "/w/policy/{version}/publish": "publishPolicy",
    "/w/restriction/{restriction}/ask-to-lift": "askToLift",
    "/w/restriction/{restriction}/go-on": "goOnByOrder",
    "/w/restriction/{restriction}/lift": "liftRestriction",
    "/w/visit/{visit}/ask-again": "askAgain",
    "/w/visit/{visit}/cancel": "cancelVisit",
    "/w/visit/{visit}/change": "changeVisit",
    "/w/visit/{visit}/record": "submitRecord",
    "/w/visit/{visit}/send-again": "sendAgain",
    "/w/visit/{visit}/sign-off": "signOff",
    "/w/visit/{visit}/withdraw": "withdrawVisit",
    "/w/why": "explainVisit",
    "/w/book/times": "findTimes",
}
ON_THE_PAGE_ALONE = {
    "/w/book/filled": "fills a form and changes nothing",
    "/w/sign-in": "a machine has a token",
    "/w/sign-out": "a machine's token is revoked on the command line",
} | {
    f"/w/visit/{{visit}}/room/{act}": "the visit supervisor's eyes and hands, during the visit"
    for act in ("admit", "end", "look", "note", "resume", "ticket", "unlook", "unmute")
}


def test_whatever_a_page_can_do_the_api_can_do_too() -> None:
    acts = {
        route.path
        for page in _PAGES
        for route in page.router.routes
        if isinstance(route, APIRoute) and "POST" in (route.methods or ()) and route.path.startswith("/w/")
    }
    assert acts == PAGES.keys() | ON_THE_PAGE_ALONE.keys()
    assert set(PAGES.values()) <= operations().keys()


# ---- one story that goes through every door


@dataclass(frozen=True)
class Passed:
    """A door that opened: for whom, where, with what, and with which answer."""

    one: Api
    method: str
    way: str
    body: dict[str, Any]
    key: str
    answer: httpx.Response

    def again(self, *, way: str = "", key: str = "", **members: object) -> httpx.Response:
        """Ask the same, or nearly the same, once more."""
        more = {"headers": {"Idempotency-Key": key or self.key}, "json": self.body | members}
        return self.one.ask(self.method, way or self.way, **(more if self.method != "GET" else {}))


@dataclass
class Walk:
    """Calls doors by their names, and keeps how each was opened."""

    passed: dict[str, "Passed"] = field(default_factory=dict)

    def __call__(
        self,
        one: Api,
        operation: str,
        body: dict[str, Any] | None = None,
        *,
        path: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401  JSON
        route = operations()[operation]
        method, way = min(route.methods or ()), route.path.format(**(path or {}))
        key = f"walk-{operation}"
        if method == "GET":
            answer = one.ask(method, way, params=query)
        else:
            answer = one.ask(method, way, json=body or {}, headers={"Idempotency-Key": key})
        assert answer.status_code in (200, 201), (operation, answer.status_code, answer.text)
        self.passed[operation] = Passed(one, method, way, body or {}, key, answer)
        return answer.json()


def people(walk: Walk, house: House, one: Api, priya: Api) -> None:
    """A case, and somebody new in it whom an approver lets the child meet."""
    case, child = {"case": house.cast.case}, {"child": house.cast.mia}
    walk(one, "listCases")
    made = walk(one, "openCase", {"zone": "Europe/London"})
    walk(one, "referToCase", NAMED, path={"case": made["id"]})
    assert walk(one, "findCase", query=NAMED)["id"] == made["id"]
    nadia = walk(one, "addPerson", NADIA, path=case)["id"]
    who = {"person": nadia}
    walk(one, "changePerson", {"name": "Nadia Ferrer", "known_as": "Nadia", "preferred": "Ms F."}, path=who)
    walk(one, "relate", {"relation": "kin", "word": "aunt"}, path=child | who)
    walk(one, "referToPerson", NAMED, path=who)
    assert walk(one, "findPerson", query=NAMED)["id"] == nadia
    assert walk(one, "readPerson", path=who)["preferred"] == "Ms F."
    assert len(walk(one, "listPeople", path=case)) >= 3
    channel = walk(one, "addChannel", {"kind": "email", "value": "nadia@demo.example"}, path=who)["id"]
    walk(one, "changeChannel", {"use": "never"}, path=who | {"channel": channel})
    assert walk(one, "listChannels", path=who)[0]["use"] == "never"
    walk(one, "endChannel", path=who | {"channel": channel})
    walk(priya, "approvePerson", path=child | who)
    assert nadia in [known["id"] for known in walk(one, "listApproved", path=child)]
    walk(one, "endApproval", path=child | who)
    one_person_twice(walk, house, one, priya, nadia)


def one_person_twice(walk: Walk, house: House, one: Api, priya: Api, nadia: str) -> None:
    """Two records that are one person, and two that are not."""
    case = house.cast.case
    twin, other = (
        one.post(f"/cases/{case}/people", NADIA | {"name": name}).json()["id"]
        for name in ("N. Ferrer", "Nada")
    )
    merge = walk(one, "proposeMerge", {"kept": nadia, "merged": twin})["id"]
    assert [m["id"] for m in walk(one, "listMerges", path={"case": case})] == [merge]
    walk(priya, "agreeToMerge", path={"merge": merge})
    wrong = one.post("/merges", {"kept": nadia, "merged": other}).json()["id"]
    walk(priya, "declineMerge", path={"merge": wrong})


def home_and_rights(walk: Walk, house: House, one: Api) -> None:
    """Where the child lives, and who decides for the child."""
    cast, child = house.cast, {"child": house.cast.mia}
    stay = walk(one, "place", {"carer": cast.ines, "first_on": "2030-01-01"}, path=child)["id"]
    walk(one, "endPlacement", {"last_on": "2030-04-01"}, path=child | {"placement": stay})
    assert walk(one, "listPlacements", path=child)[0]["last_on"] == "2030-04-01"
    right = {"person": cast.dana, "matters": ["contact"], "basis": "parental_responsibility"}
    held = walk(one, "recordRight", right | {"first_on": "2030-01-01"}, path=child)["id"]
    walk(one, "endRight", {"last_on": "2030-04-01"}, path=child | {"right": held})
    assert held in [known["id"] for known in walk(one, "listRights", path=child)]


def plans_and_orders(walk: Walk, house: House, one: Api, priya: Api) -> None:
    """What the court and the plan say, and the hours that are kept free."""
    child = {"child": house.cast.mia}
    order = {"about": "refusal_allowed", "decided_on": "2030-05-01", "starts_on": "2030-05-01"}
    kept = walk(one, "recordOrder", order | {"court": "Family Court", "reference": "NM1"}, path=child)["id"]
    assert walk(one, "readOrder", path={"order": kept})[0]["reference"] == "NM1"
    assert [known["id"] for known in walk(one, "listOrders", path=child)] == [kept]
    terms = [
        {"person": person, "level": "supervised", "minutes": 45}
        for person in (house.cast.dana, house.cast.emil)
    ]
    plan = {"people": terms, "review_on": "2030-08-01"}
    first = walk(one, "proposePlan", plan, path=child)["id"]
    walk(priya, "declinePlan", path={"plan": first})
    second = one.post(f"/children/{house.cast.mia}/plans", plan).json()["id"]
    walk(priya, "approvePlan", path={"plan": second})
    assert walk(one, "readPlan", path={"plan": second})["state"] == "approved"
    assert walk(one, "listPlans", path=child)[0]["id"] == second
    quiet = {"kind": "school", "days": ["monday"], "earliest": 540, "latest": 900}
    hours = walk(one, "addQuietHours", quiet, path=child)["id"]
    assert hours in [known["id"] for known in walk(one, "listQuietHours", path=child)]
    walk(one, "endQuietHours", path=child | {"quiet": hours})


def restrictions(walk: Walk, house: House, one: Api, priya: Api, karim: Api) -> None:
    """Kept, lifted by two, and an urgent stop that goes on by an order."""
    cast, child = house.cast, {"child": house.cast.mia}
    apart = {"kind": "no_contact", "person": cast.rosa, "source": "agency_decision"}
    found = walk(one, "restrict", apart, path=child)["id"]
    assert found in [known["id"] for known in walk(one, "listRestrictions", path={"case": cast.case})]
    walk(karim, "askToLift", path={"restriction": found})
    walk(priya, "liftRestriction", path={"restriction": found})
    order = one.get(f"/children/{cast.mia}/orders").json()[0]["id"]
    urgent = {"kind": "suspended", "person": cast.rosa, "source": "agency_decision", "reason": "safety"}
    stop = one.post(f"/children/{cast.mia}/restrictions", urgent).json()["id"]
    walk(priya, "goOnByOrder", {"order": order}, path={"restriction": stop})


def consents_and_policy(walk: Walk, house: House, one: Api, everybody: dict[str, Api]) -> None:
    """What people agreed to, and the agency's own rules."""
    cast, ola = house.cast, everybody["ola"]
    assert walk(one, "listConsentTexts")
    said = {"purpose": "take_part", "state": "given", "method": "by_decision_holder", "text_version": 1}
    said |= {"person": cast.mia, "holder_authority": "agency"}
    walk(one, "recordConsent", said, path={"child": cast.mia})
    assert walk(one, "listConsents", path={"person": cast.mia})[0]["state"] == "given"
    text = {"text": "title: Ours\nlimits:\n  early_entry: 20 min\n"}
    first = walk(one, "proposePolicy", text)["version"]
    walk(ola, "declinePolicy", path={"version": first})
    second = one.post("/policy/versions", text).json()["version"]
    walk(ola, "publishPolicy", path={"version": second})
    assert walk(one, "readPolicy")["version"] == second
    assert walk(one, "readPolicyVersion", path={"version": second})["state"] == "published"
    assert len(walk(one, "listPolicyVersions")) >= 2
    walk(one, "acceptPolicy", {"version": second, "act": "book"})
    for name, act in (("karim", "book"), ("priya", "approve")):
        everybody[name].post("/policy/acceptances", {"version": second, "act": act})


def asked_for(house: House, one: Api, hour: int) -> dict[str, Any]:
    answer = one.post("/visits", wish(house, starts=f"2030-05-20T{hour:02}:00"))
    assert answer.status_code == 201, answer.text
    visit: dict[str, Any] = answer.json()
    return visit


def on(one: Api, visit: str, **more: object) -> dict[str, Any]:
    """The body of an act on a visit as it stands."""
    return {"revision": one.get(f"/visits/{visit}").json()["revision"]} | more


def visits_asked_for(walk: Walk, house: House, one: Api, priya: Api) -> None:
    """Asked for, changed, taken back, declined, approved."""
    span = {"first": "2030-05-20T00:00:00Z", "last": "2030-05-21T00:00:00Z"}
    who = {"child": house.cast.mia, "person": [house.cast.dana, house.cast.ines]}
    assert walk(one, "explainVisit", query=who | {"starts": "2030-05-20T16:00"})["may_be_booked"] is True
    assert walk(one, "findTimes", query=who)["offers"]
    first = walk(one, "requestVisit", wish(house, starts="2030-05-20T16:00"))["id"]
    later = {k: v for k, v in wish(house, starts="2030-05-20T17:00").items() if k != "child"}
    walk(one, "changeVisit", on(one, first, **later), path={"visit": first})
    assert [v["id"] for v in walk(priya, "listApprovals")["visits"]] == [first]
    walk(one, "withdrawVisit", on(one, first), path={"visit": first})
    second = asked_for(house, one, 12)["id"]
    walk(priya, "declineVisit", on(one, second, reason="no_staff"), path={"visit": second})
    third = asked_for(house, one, 13)["id"]
    walk(priya, "approveVisit", on(one, third), path={"visit": third})
    assert walk(one, "readVisit", path={"visit": third})["state"] == "approved"
    assert third in [v["id"] for v in walk(one, "listVisits", query=span)]
    walk(one, "sendAgain", on(one, third), path={"visit": third})


def visits_stopped(walk: Walk, house: House, one: Api, everybody: dict[str, Api]) -> None:
    """Put in doubt, called off, suspended by a restriction, asked for again, and what somebody must do then."""
    cast, priya, karim = house.cast, everybody["priya"], everybody["karim"]
    doubted = asked_for(house, one, 14)["id"]
    priya.post(f"/visits/{doubted}/approve", on(one, doubted))
    one.post(f"/children/{cast.mia}/approved-people/{cast.dana}/end")
    assert doubted in [doubt["visit"] for doubt in walk(priya, "listDoubts")]
    stands = on(one, doubted, reason="visit_stands", text="The court asks.")
    walk(priya, "clearDoubt", stands, path={"visit": doubted})
    walk(one, "cancelVisit", on(one, doubted, reason="child_ill"), path={"visit": doubted})
    priya.post(f"/children/{cast.mia}/approved-people/{cast.dana}/approve")
    stopped = asked_for(house, one, 9)["id"]
    priya.post(f"/visits/{stopped}/approve", on(one, stopped))
    bar = {"kind": "no_contact", "person": cast.dana, "source": "agency_decision"}
    bar["id"] = one.post(f"/children/{cast.mia}/restrictions", bar).json()["id"]
    assert one.get(f"/visits/{stopped}").json()["state"] == "suspended"
    walk(one, "askAgain", on(one, stopped), path={"visit": stopped})
    karim.post(f"/restrictions/{bar['id']}/ask-to-lift")
    assert priya.post(f"/restrictions/{bar['id']}/lift").status_code == 200
    due = walk(karim, "listFollowUps")[0]["id"]
    walk(karim, "followUpDone", {"reason": "spoken_to_them"}, path={"follow_up": due})


def record(walk: Walk, house: House, one: Api, everybody: dict[str, Api], visit: Visit) -> None:
    """After a visit: the record, its sign-off, the history."""
    way = {"visit": visit.id}
    walk(everybody["lena"], "submitRecord", {"outcome": "completed", "what_happened": "They drew."}, path=way)
    revision = one.get(f"/visits/{visit.id}").json()["revision"]
    walk(everybody["priya"], "signOff", {"revision": revision}, path=way)
    assert walk(one, "readRecord", path=way)["what_happened"] == "They drew."
    assert walk(one, "readHistory", path={"case": house.cast.case})


def held_visit(house: House) -> Visit:
    """A visit that took place and waits for its record."""
    visit = house.live()
    house.clock.forward(visit.ends_at - house.clock.at)
    with house.work(house.cast.lena) as work:
        return ending.end(work, visit.id, EndReason.COMPLETED)


def story(house: House, machine: Machine, person: Person) -> Walk:
    held = held_visit(house)
    walk, one = Walk(), machine(owner=house.cast.karim)
    everybody = {name: person(name) for name in ("karim", "priya", "lena", "ola")}
    walk(one, "whoAmI")
    walk(one, "listStaff", query={"role": "worker"})
    walk(everybody["lena"], "setLanguages", {"languages": [{"tag": "en"}]}, path={"account": house.cast.lena})
    people(walk, house, one, everybody["priya"])
    home_and_rights(walk, house, one)
    plans_and_orders(walk, house, one, everybody["priya"])
    restrictions(walk, house, one, everybody["priya"], everybody["karim"])
    consents_and_policy(walk, house, one, everybody)
    visits_asked_for(walk, house, one, everybody["priya"])
    visits_stopped(walk, house, one, everybody)
    record(walk, house, one, everybody, held)
    return walk


@pytest.mark.slow
def test_every_door_opens_to_whom_it_is_for(house: House, machine: Machine, person: Person) -> None:
    walk = story(house, machine, person)
    assert walk.passed.keys() == operations().keys()
    refused_without_change(house, walk)


def refused_without_change(house: House, walk: Walk) -> None:
    """The same doors again: with a member that is none, with ids that are nobody's, with a key that was used."""
    before = house.snapshot(leaving_out=TRACES)
    for operation, door in walk.passed.items():
        if door.method != "GET":
            told = problem(door.again(key=f"more-{operation}", colour="blue"), 422, "body-not-valid")
            assert [error["pointer"] for error in told["errors"]] == ["/colour"], operation
        for own in re.findall(r"[0-9a-f]{32}", door.way):
            way = door.way.replace(own, NOBODY)
            problem(door.again(way=way, key=f"nobody-{operation}-{own}"), 404, "not-found")
        if door.method == "POST":
            again = door.again()
            assert again.json() == door.answer.json(), operation
            assert again.headers["idempotency-replayed"] == "true"
    assert house.snapshot(leaving_out=TRACES) == before
