"""Every operation of the API once as it is meant, and then as it is not; and every page's act is among them."""

import base64
import re
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import text

from contact_service import actor
from contact_service.actor import Role
from contact_service.api.v1.application import routes
from contact_service.calendars.actions import add_calendar
from contact_service.calendars.calendar import Effect
from contact_service.identity.actions import add_account
from contact_service.jobs.waiting import offer_freed_time
from contact_service.pages import every
from contact_service.readings.reading import part_of
from contact_service.visits.actions import ending
from contact_service.visits.visit import EndReason, Visit
from tests.actions.test_repairing import another
from tests.api.conftest import Api, Machine, Person, problem, wish
from tests.cast import PASSWORD, House
from tests.photos import photo_file

# A refused request leaves a line of evidence; nothing else may differ.
TRACES = frozenset(
    {"audit_head", "audit_entry", "case_key", "agency_root", "resource", "staff_session", "throttle"}
)
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
    "/w/calendar/{calendar}/agency": "linkCalendar",
    "/w/calendar/{calendar}/days": "addCalendarDays",
    "/w/calendar/{calendar}/days/{entry}/strike": "strikeCalendarDays",
    "/w/calendar/{calendar}/holidays": "addPublicHolidays",
    "/w/calendar/{calendar}/link/{link}/end": "unlinkCalendar",
    "/w/calendar/{calendar}/ramadan": "addRamadan",
    "/w/calendars": "addCalendar",
    "/w/calendars/{calendar}/end": "endCalendar",
    "/w/child/{child}/calendars": "linkCalendar",
    "/w/child/{child}/calendars/{link}/end": "unlinkCalendar",
    "/w/child/{child}/consent": "recordConsent",
    "/w/child/{child}/deciding": "recordRight",
    "/w/child/{child}/deciding/{right}/end": "endRight",
    "/w/child/{child}/home": "place",
    "/w/child/{child}/home/{placement}/end": "endPlacement",
    "/w/child/{child}/order/{order}": "recordOrder",
    "/w/child/{child}/order/{order}/discharge": "recordOrder",
    "/w/child/{child}/orders": "recordOrder",
    "/w/child/{child}/owed/{visit}/decide": "decideOwed",
    "/w/child/{child}/owed/{visit}/said": "keepSideReason",
    "/w/child/{child}/people": "addPerson",
    "/w/child/{child}/people/known": "relate",
    "/w/child/{child}/person/{person}/approve": "approvePerson",
    "/w/child/{child}/person/{person}/channel": "addChannel",
    "/w/child/{child}/person/{person}/channel/{channel}": "changeChannel",
    "/w/child/{child}/person/{person}/channel/{channel}/end": "endChannel",
    "/w/child/{child}/person/{person}/details": "changePerson",
    "/w/child/{child}/person/{person}/end-approval": "endApproval",
    "/w/child/{child}/person/{person}/hours/away": "addFamilyAbsence",
    "/w/child/{child}/person/{person}/hours/away/{absence}/end": "endFamilyAbsence",
    "/w/child/{child}/person/{person}/hours/calendar-address": "addFamilyCalendarAddress",
    "/w/child/{child}/person/{person}/hours/calendar-file": "readFamilyCalendarFile",
    "/w/child/{child}/person/{person}/hours/calendar/{calendar}/end": "endFamilyCalendar",
    "/w/child/{child}/person/{person}/hours/weekly": "addFamilyHours",
    "/w/child/{child}/person/{person}/hours/weekly/{hours}/end": "endFamilyHours",
    "/w/child/{child}/person/{person}/merge": "proposeMerge",
    "/w/child/{child}/person/{person}/place": "linkToPool",
    "/w/child/{child}/person/{person}/place/{link}/end": "endPoolLink",
    "/w/child/{child}/person/{person}/photo": "keepPhoto",
    "/w/child/{child}/person/{person}/photo/end": "endPhoto",
    "/w/child/{child}/person/{person}/question": "agreeQuestion",
    "/w/child/{child}/person/{person}/question/end": "endAgreedQuestion",
    "/w/child/{child}/person/{person}/relation": "relate",
    "/w/child/{child}/plan": "proposePlan",
    "/w/child/{child}/plan/review": "proposePlan",
    "/w/child/{child}/quiet": "addQuietHours",
    "/w/child/{child}/quiet/{quiet}/end": "endQuietHours",
    "/w/child/{child}/restriction": "restrict",
    "/w/emergency-access": "openEmergencyAccess",
    "/w/purpose": "statePurpose",
    "/w/emergency-access/{access}/end": "endEmergencyAccess",
    "/w/emergency-access/{access}/review": "reviewEmergencyAccess",
    "/w/follow-up/{follow_up}/done": "followUpDone",
    "/w/waiting": "addWaiting",
    "/w/waiting/offer/{offer}/book": "bookOffer",
    "/w/waiting/offer/{offer}/let-go": "letOfferGo",
    "/w/waiting/{waiting}/off": "takeOffWaiting",
    "/w/hours/{account}/away": "addAbsence",
    "/w/hours/{account}/away/{absence}/end": "endAbsence",
    "/w/hours/{account}/calendar-address": "addCalendarAddress",
    "/w/hours/{account}/calendar-file": "readCalendarFile",
    "/w/hours/{account}/calendar/{calendar}/end": "endOwnCalendar",
    "/w/hours/{account}/weekly": "addStaffHours",
    "/w/hours/{account}/weekly/{hours}/end": "endStaffHours",
    "/w/languages/{account}": "setLanguages",
    "/w/staff/{account}/conflicts": "declareConflict",
    "/w/staff/{account}/conflicts/{conflict}/end": "endConflict",
    "/w/staff/{account}/gender": "setGender",
    "/w/staff/{account}/trainings": "setTrainings",
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
    "/w/book/series": "checkSeries",
    "/w/series": "askForSeries",
    "/w/series/{series}/approve": "approveSeries",
    "/w/series/{series}/end": "endSeries",
    "/w/series/{series}/extend": "extendSeries",
    "/w/series/{series}/from/{instance}": "splitSeries",
    "/w/series/{series}/from/{instance}/check": "checkSplit",
    "/w/series/{series}/longer": "checkLongerSeries",
    "/w/series/{series}/one/{instance}/call-off": "callOffInSeries",
    "/w/series/{series}/one/{instance}/move": "moveInSeries",
    "/w/rooms": "addPool",
    "/w/room/{pool}/calendars": "addPoolCalendar",
    "/w/room/{pool}/calendars/{link}/end": "endPoolCalendar",
    "/w/room/{pool}/change": "changePool",
    "/w/room/{pool}/closed": "addPoolClosure",
    "/w/room/{pool}/desk": "setPoolDesk",
    "/w/child/{child}/person/{person}/clearance": "askForClearance",
    "/w/child/{child}/person/{person}/clearance/{clearance}": "answerClearance",
    "/w/room/{pool}/closed/{closure}/end": "endPoolClosure",
    "/w/rooms/{pool}/end": "endPool",
    "/w/room/{pool}/hours": "addPoolHours",
    "/w/room/{pool}/hours/{hours}/end": "endPoolHours",
    "/w/visit/{visit}/ask-again": "askAgain",
    "/w/visit/{visit}/cancel": "cancelVisit",
    "/w/visit/{visit}/change": "changeVisit",
    "/w/visit/{visit}/hand-over": "handOver",
    "/w/visit/{visit}/record": "submitRecord",
    "/w/visit/{visit}/repair": "changeVisit",
    "/w/visit/{visit}/room/call": "recordCall",
    "/w/visit/{visit}/send-again": "sendAgain",
    "/w/visit/{visit}/sign-off": "signOff",
    "/w/visit/{visit}/withdraw": "withdrawVisit",
    "/w/week/plan": "planWeek",
    "/w/week/plan/{plan_run}/accept": "acceptPlanRun",
    "/w/week/plan/{plan_run}/stop": "stopPlanRun",
    "/w/why": "explainVisit",
    "/w/book/times": "findTimes",
    "/w/book/propose": "requestVisit",
}
ON_THE_PAGE_ALONE = (
    {
        "/w/waiting/ask": "asks which days would do, and changes nothing",
        "/w/visit/{visit}/new-link/{participant}": "a person makes sure who asks, and says how",
        "/w/visit/{visit}/letter/{participant}": "a person prints a letter, and puts it into an envelope",
        "/w/visit/{visit}/why-opened": "whoever opened the emergency details says why, in their own words",
        "/w/book/filled": "fills a form and changes nothing",
        "/w/sign-in": "a machine has a token",
        "/w/sign-in/code": "a machine has a token",
        "/w/sign-in/new-password": "a machine has a token",
        "/w/first-run": "there is no machine before there is a person",
        "/w/data-protection": "an administrator answers for it in person",
        "/w/sign-in/passkey": "a machine has a token",
        "/w/sign-in/passkey/ask": "a machine has a token",
        "/w/sign-in/agency": "a machine has a token",
        "/w/sign-in/agency/back": "a machine has a token",
        "/w/sign-in/agency/logout": "the agency's single sign-on alone says so, by a token that it signs",
        "/w/prove/agency": "a person shows that it is they",
        "/w/prove": "a person shows that it is they",
        "/w/prove/passkey": "a person shows that it is they",
        "/w/prove/passkey/ask": "a person shows that it is they",
        "/w/sign-out": "a machine's token is revoked on the command line",
    }
    | {
        f"/w/staff/{{account}}/sign-in/{act}": "one person vouches for another; a machine cannot"
        for act in ("allow-agency", "disable", "end-agency", "end-sign-ins", "new-password", "reset")
    }
    | {
        f"/w/account/{act}": "how a person signs in; a machine has a token"
        for act in (
            "app",
            "app/confirm",
            "app/remove",
            "codes",
            "passkeys",
            "passkeys/ask",
            "passkeys/{passkey}/remove",
            "password",
            "sign-ins/end",
            "sign-ins/{session}/end",
        )
    }
    | {
        f"/w/visit/{{visit}}/room/{act}": "the visit supervisor's eyes and hands, during the visit"
        for act in (
            *(
                "admit",
                "alone",
                "emergency",
                "emergency/reason",
                "end",
                "goodbye",
                "goodbye/undo",
                "look",
                "note",
                "resume",
            ),
            *("ticket", "unlook", "unmute"),
        )
    }
)


def test_whatever_a_page_can_do_the_api_can_do_too() -> None:
    acts = {
        route.path
        for page in every.PAGES
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
    query: dict[str, Any] = field(default_factory=dict)

    def again(self, *, way: str = "", key: str = "", **members: object) -> httpx.Response:
        """Ask the same, or nearly the same, once more."""
        more = {"headers": {"Idempotency-Key": key or self.key}, "json": self.body | members}
        asked = {"params": self.query} if self.method == "GET" else more
        return self.one.ask(self.method, way or self.way, **asked)


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
        self.passed[operation] = Passed(one, method, way, body or {}, key, answer, query or {})
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


def known_at_the_door(walk: Walk, house: House, one: Api, karim: Api) -> None:
    """A question and a photo are kept of somebody and destroyed; what they hold is told to nobody."""
    her = {"person": house.cast.dana}
    walk(karim, "agreeQuestion", {"question": "Which word did we choose?", "answer": "Lantern"}, path=her)
    known = walk(one, "readWhetherQuestionAgreed", path=her)
    assert list(known) == ["kept_at"]
    assert known["kept_at"] is not None
    walk(karim, "endAgreedQuestion", path=her)
    assert one.get(f"/people/{house.cast.dana}/agreed-question").json() == {"kept_at": None}
    walk(karim, "keepPhoto", {"photo": base64.b64encode(photo_file()).decode()}, path=her)
    assert walk(one, "readWhetherPhotoKept", path=her)["kept_at"] is not None
    walk(karim, "endPhoto", path=her)
    assert one.get(f"/people/{house.cast.dana}/photo").json() == {"kept_at": None}


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


def waited_for(walk: Walk, house: House, one: Api) -> None:
    """Put on the waiting list, offered what became free, let go, booked, and taken off."""
    cast = house.cast
    asked = one.post("/visits", wish(house, starts="2030-05-23T11:00"))
    assert asked.status_code == 201, asked.text
    taken = asked.json()
    wanted = {"child": cast.jonas, "people": [cast.dana, cast.ines], "minutes": 30, "level": "supervised"}
    wanted |= {"duty": cast.priya, "until": "2030-05-23"}
    hours = {"days": ["thursday"], "earliest": 660, "latest": 690}
    walk(one, "addWaiting", wanted | {"window": hours})
    for _ in range(2):
        assert one.post("/waiting-list", wanted | {"window": hours}).status_code == 201
    known_ones = walk(one, "listWaiting")
    assert [known["place"] for known in known_ones] == [1, 2, 3]
    first, second, third = [known["id"] for known in known_ones]
    one.post(f"/visits/{taken['id']}/withdraw", {"revision": taken["revision"]})
    offer_freed_time(house.installation)
    [offer] = one.get("/waiting-list").json()[0]["offers"]
    walk(one, "letOfferGo", path={"offer": offer["id"]})
    house.clock.forward(timedelta(minutes=1))
    offer_freed_time(house.installation)
    held = {known["id"]: known["offers"] for known in one.get("/waiting-list").json()}
    walk(one, "bookOffer", path={"offer": held[second][0]["id"]})
    walk(one, "takeOffWaiting", path={"entry": third})
    assert [known["id"] for known in one.get("/waiting-list").json()] == [first]


def visits_asked_for(walk: Walk, house: House, one: Api, priya: Api) -> None:
    """Asked for, changed, taken back, declined, approved."""
    span = {"first": "2030-05-20T00:00:00Z", "last": "2030-05-21T00:00:00Z"}
    who = {"child": house.cast.mia, "person": [house.cast.dana, house.cast.ines]}
    assert walk(one, "explainVisit", query=who | {"starts": "2030-05-20T16:00"})["may_be_booked"] is True
    if_they_can = {"optional": [house.cast.jonas], "quorum": 0}
    both = who | {"person": [house.cast.dana, house.cast.jonas, house.cast.ines]}
    offers = walk(one, "findTimes", query=both | if_they_can)["offers"]
    assert {(*found["coming"], *found["left_out"]) for found in offers} == {(house.cast.jonas,)}
    assert walk(one, "findTimes", query=who)["offers"]
    wished = wish(house, starts="2030-05-20T16:00", people=both["person"], **if_they_can)
    first = walk(one, "requestVisit", wished)["id"]
    later = {k: v for k, v in wish(house, starts="2030-05-20T17:00").items() if k != "child"}
    walk(one, "changeVisit", on(one, first, **later), path={"visit": first})
    assert first in [v["id"] for v in walk(priya, "listApprovals")["visits"]]
    walk(one, "withdrawVisit", on(one, first), path={"visit": first})
    second = asked_for(house, one, 12)["id"]
    walk(priya, "declineVisit", on(one, second, reason="no_staff"), path={"visit": second})
    third = asked_for(house, one, 13)["id"]
    walk(priya, "approveVisit", on(one, third), path={"visit": third})
    assert walk(one, "readVisit", path={"visit": third})["state"] == "approved"
    assert third in [v["id"] for v in walk(one, "listVisits", query=span)]
    walk(one, "sendAgain", on(one, third), path={"visit": third})
    assert walk(one, "readReplies", path={"visit": third}) == []


def series(walk: Walk, house: House, one: Api, priya: Api) -> None:
    """Approved, checked, asked for, one moved, one called off, longer, on in another way, and over."""
    who = {
        "people": [house.cast.dana, house.cast.ines],
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
        "weekday": "monday",
        "clock": "16:00",
    }
    when = {"child": house.cast.mia, "first": "2030-06-03", "last": "2030-06-24"}
    checked = walk(one, "checkSeries", query=who | when)
    assert [instance["fit"] for instance in checked] == ["fits"] * 4
    made = walk(one, "askForSeries", who | when)
    ids, way = [instance["id"] for instance in made["instances"]], {"series": made["id"]}
    assert walk(one, "readSeries", path=way) == walk(one, "listSeries", query={"child": house.cast.mia})[0]
    moved = {"starts": "2030-06-11T10:00"}
    assert walk(one, "moveInSeries", moved, path=way | {"instance": ids[1]})["instances"][1]["moved"]
    walk(one, "callOffInSeries", {"reason": "child_ill"}, path=way | {"instance": ids[3]})
    assert len(walk(one, "checkLongerSeries", path=way, query={"last": "2030-07-08"})) == 2
    walk(one, "extendSeries", {"last": "2030-07-08"}, path=way)
    onward = who | {"weekday": "friday", "instance": ids[2]}
    assert [i["fit"] for i in walk(one, "checkSplit", path=way, query=onward)] == ["fits"] * 3
    new = walk(one, "splitSeries", onward, path=way)
    assert new["follows"] == made["id"]
    waiting = len([i for i in new["instances"] if i["visit_state"] == "requested"])
    seen = {"seen": new["seen"]}
    assert walk(priya, "approveSeries", seen, path={"series": new["id"]})["approved"] == waiting
    assert walk(one, "endSeries", {"reason": "lockdown"}, path={"series": new["id"]})["ended_at"]


def owed(walk: Walk, house: House, one: Api, karim: Api) -> None:
    """A visit that the adult called off: heard, and decided by a person; and what the children are owed."""
    lost = asked_for(house, one, 11)["id"]
    karim.post(f"/visits/{lost}/cancel", on(one, lost, reason="adult_asked"))
    about = {"child": house.cast.mia, "person": house.cast.dana}
    walk(one, "keepSideReason", about | {"reason": "ill"}, path={"visit": lost})
    walk(karim, "decideOwed", about | {"owed": True, "reason": "wants_another"}, path={"visit": lost})
    ledger = walk(one, "readOwed", path={"child": house.cast.mia})
    counted = [visit for account in ledger["accounts"] for visit in account["visits"]]
    assert (lost, True) in [(visit["visit"], visit["still_owed"]) for visit in counted]
    assert house.cast.mia in [row["child"] for row in walk(one, "listOwed")]


def visits_stopped(walk: Walk, house: House, one: Api, everybody: dict[str, Api]) -> None:
    """Put in doubt, called off, suspended by a restriction, asked for again, and what somebody must do then."""
    cast, priya, karim = house.cast, everybody["priya"], everybody["karim"]
    doubted = asked_for(house, one, 14)["id"]
    priya.post(f"/visits/{doubted}/approve", on(one, doubted))
    one.post(f"/children/{cast.mia}/approved-people/{cast.dana}/end")
    assert doubted in [doubt["visit"] for doubt in walk(priya, "listDoubts")]
    instead = walk(one, "findRepairs", path={"visit": doubted})
    nothing: dict[str, list[object]] = {"visit_supervisors": [], "times": [], "fixed": [], "duty": []}
    assert instead == nothing  # nobody may meet Dana then
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
    assert walk(one, "listLetters") == []
    due = walk(karim, "listFollowUps")[0]["id"]
    walk(karim, "followUpDone", {"reason": "spoken_to_them"}, path={"follow_up": due})


def handed_over(walk: Walk, house: House, one: Api, priya: Api, near: Visit) -> None:
    """Minutes before it, somebody else watches."""
    way = {"visit": near.id}
    able = walk(one, "findWhoCouldTakeOver", path=way)
    assert house.cast.lena in able["visit_supervisors"]
    body = on(one, near.id, visit_supervisor=house.cast.lena, duty=near.duty)
    assert walk(priya, "handOver", body, path=way)["visit_supervisor"] == house.cast.lena


def record(walk: Walk, house: House, one: Api, everybody: dict[str, Api], visit: Visit) -> None:
    """After a visit: the record, its sign-off, the history."""
    way = {"visit": visit.id}
    walk(everybody["lena"], "submitRecord", {"outcome": "completed", "what_happened": "They drew."}, path=way)
    revision = one.get(f"/visits/{visit.id}").json()["revision"]
    walk(everybody["priya"], "signOff", {"revision": revision}, path=way)
    assert walk(one, "readRecord", path=way)["what_happened"] == "They drew."
    assert walk(one, "readHistory", path={"case": house.cast.case})


def planned_week(walk: Walk, one: Api, karim: Api) -> None:
    """A week is planned beside the API, looked at, and accepted by a person."""
    assert walk(one, "listWeek", path={"monday": "2030-05-20"}) is not None
    run = walk(one, "planWeek", {"week": "2030-06-03", "steps": 10})["id"]
    walk(one, "stopPlanRun", path={"plan_run": run})
    found = one.get(f"/plan-runs/{run}").json()
    for _ in range(200):
        if found["state"] in ("building", "searching"):
            time.sleep(0.1)
            found = one.get(f"/plan-runs/{run}").json()
    assert found["state"] in ("done", "stopped")
    assert walk(one, "readPlanRun", path={"plan_run": run})["visits"] == []  # no plan says how often
    assert run in [known["id"] for known in walk(one, "listPlanRuns", query={"week": "2030-06-03"})]
    walk(karim, "acceptPlanRun", path={"plan_run": run})


def held_visit(house: House) -> Visit:
    """A visit that takes place and is about to end."""
    visit = house.live()
    house.clock.forward(visit.ends_at - house.clock.at)
    return visit


def rung(walk: Walk, house: House, one: Api, lena: Api, visit: Visit) -> None:
    """The visit supervisor is told whom to ring, writes a call down, and ends the visit."""
    way = {"visit": visit.id}
    assert walk(lena, "findCallDue", path=way) == {"call": None, "also_about": []}
    walk(lena, "recordCall", {"result": "reached"}, path=way)
    [call] = walk(one, "listCalls", path=way)
    assert (call["to"], call["participant"], call["result"]) == ("duty", None, "reached")
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)


_HOUR = "BEGIN:VEVENT\r\nDTSTART:20300515T143000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
BUSY_HOUR = {"zone": "Europe/London", "calendar": f"BEGIN:VCALENDAR\r\n{_HOUR}END:VCALENDAR\r\n"}
AN_ADDRESS = {"zone": "Europe/London", "address": "https://calendar.example/a.ics"}


def staff_time(walk: Walk, house: House, one: Api, lena: Api) -> None:
    """When she works and when she is away, and neither any more."""
    her = {"account": house.cast.lena}
    weekly = {"zone": "Europe/London", "days": ["monday"], "earliest": 540, "latest": 1020}
    hours = walk(lena, "addStaffHours", weekly, path=her)["id"]
    away = {"zone": "Europe/London", "first": "2030-08-05", "last": "2030-08-16", "kind": "leave"}
    absence = walk(lena, "addAbsence", away, path=her)["id"]
    assert walk(lena, "staffHours", path=her)["away"][0]["kind"] == "leave"
    assert walk(one, "staffHours", path=her)["away"][0]["kind"] is None  # why is not for machines
    walk(lena, "endStaffHours", path=her | {"hours": hours})
    file = walk(lena, "readCalendarFile", BUSY_HOUR, path=her)["id"]
    walk(lena, "addCalendarAddress", AN_ADDRESS, path=her)
    own = walk(one, "listOwnCalendars", path=her)
    assert sorted((c["address"], c["times"]) for c in own) == [
        (False, 1),
        (True, 0),
    ]
    walk(lena, "endOwnCalendar", path=her | {"calendar": file})
    walk(lena, "endAbsence", path=her | {"absence": absence})
    assert walk(one, "staffHours", path=her) == her | {"weekly": [], "away": []}


def staff_fit(walk: Walk, house: House, one: Api, everybody: dict[str, Api]) -> None:
    """What she says of herself, that she has no training, and whom she must not watch for a while."""
    lena, priya = everybody["lena"], everybody["priya"]
    her = {"account": house.cast.lena}
    walk(lena, "setGender", {"gender": "woman"}, path=her)
    assert walk(priya, "setTrainings", {"trainings": []}, path=her) == []
    new = {"child": house.cast.mia, "person": house.cast.viktor, "kind": "kin", "words": "Cousins."}
    conflict = walk(everybody["karim"], "declareConflict", new, path=her)["id"]
    nothing = {"gender": None, "trainings": None, "conflicts": None}
    assert walk(one, "staffFit", path=her) == her | nothing  # neither is for machines
    assert walk(lena, "staffFit", path=her) == her | nothing | {"gender": "woman", "trainings": []}
    [told] = walk(priya, "staffFit", path=her)["conflicts"]
    assert (told["id"], told["person"], told["kind"]) == (conflict, house.cast.viktor, "kin")
    walk(priya, "endConflict", path=her | {"conflict": conflict})
    walk(lena, "setGender", {"gender": None}, path=her)
    assert walk(priya, "staffFit", path=her)["conflicts"] == []


def calendars(walk: Walk, house: House, one: Api, priya: Api) -> None:
    """Days that many share, for a child, and no more."""
    made = walk(priya, "addCalendar", {"name": "Northmoor office", "effect": "no_visits"})["id"]
    here = {"calendar": made}
    closed = {"name": "Closed", "first": "2030-08-05", "last": "2030-08-06"}
    entry = walk(priya, "addCalendarDays", closed, path=here)["id"]
    walk(priya, "strikeCalendarDays", path=here | {"entry": entry})
    taken = {"country": "GB", "part": "ENG", "years": [2030]}
    assert len(walk(priya, "addPublicHolidays", taken, path=here)["ids"]) == 4
    evenings = {"years": [2030], "earliest": 930, "latest": 1080}
    assert len(walk(priya, "addRamadan", evenings, path=here)["ids"]) == 1
    days = walk(one, "listCalendarDays", path=here)
    assert [(day["first"], day["estimated"]) for day in days][-1] == ("2030-12-26", True)
    link = walk(priya, "linkCalendar", {"person": house.cast.mia}, path=here)["id"]
    assert walk(one, "listCalendarsOfPerson", path={"person": house.cast.mia}) == [
        {"id": link, "calendar": made}
    ]
    walk(priya, "unlinkCalendar", path={"link": link})
    assert [known["name"] for known in walk(one, "listCalendars")] == ["Northmoor office"]
    assert {"country": "GB", "parts": ["ENG", "NIR", "SCT", "WLS"]} in walk(one, "listCountries")
    walk(priya, "endCalendar", path=here)


def pools(walk: Walk, house: House, one: Api, priya: Api) -> None:
    """The links of a prison, when they are open, and a mother who takes part from there for a while."""
    prison = {"name": "HMP Northmoor", "units": 2, "zone": "Europe/London"}
    here = {"pool": walk(priya, "addPool", prison)["id"]}
    hours = {"days": ["monday"], "earliest": 540, "latest": 660}
    weekly = walk(priya, "addPoolHours", hours, path=here)["id"]
    closed = {"first": "2030-08-05", "last": "2030-08-06"}
    closure = walk(priya, "addPoolClosure", closed, path=here)["id"]
    with house.work(house.cast.priya) as work:
        calendar = {"calendar": add_calendar(work, "Searches", Effect.NO_VISITS)}
    shared = walk(priya, "addPoolCalendar", calendar, path=here)["id"]
    her = {"person": house.cast.dana}
    link = walk(one, "linkToPool", here | {"first": "2030-08-05", "last": None}, path=her)["id"]
    assert walk(one, "poolsOfPerson", path=her) == [here | {"id": link, "first": "2030-08-05", "last": None}]
    walk(priya, "setPoolDesk", {"desk": "bookings@northmoor.example", "language": "cy"}, path=here)
    asks = here | {"child": house.cast.mia}
    asked = walk(one, "askForClearance", asks, path=her)["id"]
    said = {"answer": "granted", "reference": "OMU/117", "last": "2030-12-31"}
    walk(priya, "answerClearance", said, path=her | {"clearance": asked})
    [known] = walk(one, "clearancesOfPerson", path=her)
    assert {name: known[name] for name in said | asks} == said | asks
    walk(one, "endPoolLink", path=her | {"link": link})
    assert walk(one, "listPools") == [
        {
            "id": here["pool"],
            **prison,
            "desk": "bookings@northmoor.example",
            "desk_language": "cy",
            "weekly": [hours | {"id": weekly}],
        }
        | {"closed": [closed | {"id": closure}], "calendars": [calendar | {"id": shared}]}
    ]
    span = {"first": "2030-08-01T00:00:00Z", "last": "2030-08-08T00:00:00Z"}
    assert walk(one, "poolTaken", path=here, query=span) == []
    walk(priya, "endPoolCalendar", path=here | {"link": shared})
    walk(priya, "endPoolClosure", path=here | {"closure": closure})
    walk(priya, "endPoolHours", path=here | {"hours": weekly})
    walk(priya, "changePool", {"name": "HMP Northmoor", "units": 1}, path=here)
    walk(priya, "endPool", path=here)
    assert walk(one, "listPools") == []


def family_time(walk: Walk, house: House, one: Api) -> None:
    """When a mother can take part, and at any time again."""
    her = {"person": house.cast.dana}
    weekly = {"zone": "Europe/London", "days": ["saturday"], "earliest": 540, "latest": 1020}
    hours = walk(one, "addFamilyHours", weekly, path=her)["id"]
    away = {"zone": "Europe/London", "first": "2030-08-05", "last": "2030-08-16"}
    absence = walk(one, "addFamilyAbsence", away, path=her)["id"]
    assert walk(one, "familyHours", path=her)["away"] == [away | {"id": absence}]
    walk(one, "endFamilyHours", path=her | {"hours": hours})
    walk(one, "endFamilyAbsence", path=her | {"absence": absence})
    file = walk(one, "readFamilyCalendarFile", BUSY_HOUR, path=her)["id"]
    walk(one, "addFamilyCalendarAddress", AN_ADDRESS, path=her)
    theirs = walk(one, "listFamilyCalendars", path=her)
    assert sorted((c["address"], c["times"]) for c in theirs) == [(False, 1), (True, 0)]
    walk(one, "endFamilyCalendar", path=her | {"calendar": file})
    assert [c["address"] for c in walk(one, "listFamilyCalendars", path=her)] == [True]
    assert walk(one, "familyHours", path=her) == her | {"weekly": [], "away": []}


def emergency(walk: Walk, house: House, person: Person, priya: Api) -> None:
    """A worker who has no case of their own opens this one for an hour, ends it, and somebody looks at it."""
    with house.as_actor(actor.COMMAND_LINE) as work:
        add_account(work, email="tove@demo.example", name="Tove", roles=(Role.WORKER,), password=PASSWORD)
    tove = person("tove")
    needed = {"name": "Mia Marlowe", "born_on": "2018-03-14", "reason": "covering"}
    opened = walk(tove, "openEmergencyAccess", needed | {"words": "Karim is ill, and the school rang."})
    assert opened["child"] == house.cast.mia
    assert tove.get(f"/people/{house.cast.mia}").status_code == 200
    here = {"access": opened["id"]}
    assert walk(tove, "endEmergencyAccess", path=here)["ended_at"]
    assert tove.get(f"/people/{house.cast.mia}").status_code == 404
    walk(priya, "reviewEmergencyAccess", {"finding": "right"}, path=here)
    [told] = walk(priya, "listEmergencyAccesses")
    assert (told["id"], told["review"]["finding"]) == (opened["id"], "right")


def story(house: House, machine: Machine, person: Person, walk: Walk | None = None) -> Walk:
    later = datetime(2030, 5, 15, 17, 0)  # noqa: DTZ001  wall time
    near = house.approved(child=house.cast.jonas, supervisor=another(house), wall_start=later)
    held = held_visit(house)
    walk, one = walk or Walk(), machine(owner=house.cast.karim)
    everybody = {name: person(name) for name in ("karim", "priya", "lena", "ola")}
    rung(walk, house, one, everybody["lena"], held)
    walk(one, "whoAmI")
    walk(person("noor"), "statePurpose", {"purpose": "complaint", "words": "Complaint 2030/4"})
    handed_over(walk, house, one, everybody["priya"], near)
    walk(one, "listStaff", query={"role": "worker"})
    walk(everybody["lena"], "setLanguages", {"languages": [{"tag": "en"}]}, path={"account": house.cast.lena})
    staff_time(walk, house, one, everybody["lena"])
    staff_fit(walk, house, one, everybody)
    calendars(walk, house, one, everybody["priya"])
    pools(walk, house, one, everybody["priya"])
    family_time(walk, house, one)
    people(walk, house, one, everybody["priya"])
    known_at_the_door(walk, house, one, everybody["karim"])
    home_and_rights(walk, house, one)
    plans_and_orders(walk, house, one, everybody["priya"])
    restrictions(walk, house, one, everybody["priya"], everybody["karim"])
    consents_and_policy(walk, house, one, everybody)
    waited_for(walk, house, one)
    visits_asked_for(walk, house, one, everybody["priya"])
    series(walk, house, one, everybody["priya"])
    owed(walk, house, one, everybody["karim"])
    visits_stopped(walk, house, one, everybody)
    record(walk, house, one, everybody, held)
    planned_week(walk, one, everybody["karim"])
    emergency(walk, house, person, everybody["priya"])
    return walk


@pytest.mark.slow
def test_every_door_opens_to_whom_it_is_for(house: House, machine: Machine, person: Person) -> None:
    walk = story(house, machine, person)
    assert walk.passed.keys() == operations().keys()
    every_reading_is_written_down(house)
    refused_without_change(house, walk)


def every_reading_is_written_down(house: House) -> None:
    """Whatever tells of one child, person, visit, plan, order or series stands in the log of who read what."""
    somebody = re.compile(r"\{(child|person|case|visit|plan|order|series|offer)\}")
    told = {
        part_of(one.path) for one in routes() if "GET" in (one.methods or ()) and somebody.search(one.path)
    }
    with house.installation.engine.connect() as connection:
        written = {row[0] for row in connection.execute(text("SELECT DISTINCT part FROM case_reading"))}
    assert sorted(told - written) == []
    assert len(told) >= 20


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
