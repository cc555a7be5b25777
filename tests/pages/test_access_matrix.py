"""Who gets which answer on which page, as one text that a reader checks by eye.

A new page fails until it has its row.  ``access_matrix.txt`` is written anew with UPDATE_ACCESS_MATRIX=1.
"""

import itertools
import os
import re
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from contact_service import actor
from contact_service.actor import Role
from contact_service.agency_policy.actions import propose_policy
from contact_service.agency_week.actions.keeping import fail, start_run
from contact_service.agency_week.run import Asked
from contact_service.api import health
from contact_service.approvals.actions.answering import take_answer
from contact_service.approvals.actions.planning import propose_plan
from contact_service.calendars.actions import add_calendar, add_entry, link
from contact_service.calendars.calendar import Effect, Span
from contact_service.consent.actions import NewAnswer
from contact_service.consent.consent import ConsentState, Method, Purpose
from contact_service.database import metadata
from contact_service.emergency_access.actions import Asked as Needed, Opened, open_in_emergency
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.identity.actions import add_account
from contact_service.pages.every import PAGES
from contact_service.people.actions.members import add_person
from contact_service.people.actions.merging import propose_merge
from contact_service.people.actions.placements import place
from contact_service.people.actions.rights import record_right
from contact_service.people.decision_right import Authority, Basis, Matter, NewRight
from contact_service.people.emergency_access import AccessReason
from contact_service.people.person import Details, MemberRole
from contact_service.people.placement import Days, NewPlacement, PlaceWords
from contact_service.people.queries.channels import channels_of
from contact_service.people.queries.placements import placements_of
from contact_service.plans.actions import add_quiet_hours, record_order
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.queries import plan_for
from contact_service.pools.actions import add_closure, add_pool
from contact_service.protocol.link import EventKind
from contact_service.readings.reading import part_of
from contact_service.restrictions.queries import restrictions_of
from contact_service.series.actions.asking import NewSeries, ask_for_series
from contact_service.series.series import Series
from contact_service.suitability.actions import NewConflict, declare_conflict
from contact_service.suitability.fit import ConflictKind
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import Visit, VisitState
from contact_service.waiting.actions.adding import add_entry as add_waiting
from contact_service.waiting.waiting import NewEntry
from contact_service.work import Work
from contact_service.working_hours.actions import add_absence, add_hours
from contact_service.working_hours.hours import AbsenceKind
from tests.actions.test_plans_and_orders import order as court_order
from tests.cast import House
from tests.pages.conftest import Browser, SignIn
from tests.pages.test_readings import readings

MATRIX = Path(__file__).with_name("access_matrix.txt")
CAST = ("stranger", "karim", "priya", "lena", "noor", "ola", "dana")


AWAY = date(2030, 8, 5)
NUMBERS = itertools.count()  # what is added anew has a name of its own


def staff_routes() -> list[tuple[str, str]]:
    """Method and path of every staff page."""
    found = [
        (method, route.path)
        for module in (*PAGES, health)
        for route in module.router.routes
        if isinstance(route, APIRoute) and not route.path.startswith("/v/{")
        for method in route.methods or ()
    ]
    return sorted(found, key=lambda row: (row[1], row[0]))


def rows() -> list[tuple[str, str, list[str]]]:
    """What the file says: method, path, answers."""
    lines = [re.split(r"\s+", line.strip()) for line in MATRIX.read_text(encoding="utf-8").splitlines()[1:]]
    return [(line[0], line[1], line[2:]) for line in lines]


def test_every_page_has_its_row_and_no_row_is_without_page() -> None:
    assert [(method, path) for method, path, _ in rows()] == staff_routes()


def follow_up(house: House) -> str:
    """Something that an approver is asked to do."""
    with house.work(house.cast.karim) as work:
        take_answer(
            work,
            house.cast.jonas,
            NewAnswer(
                person=house.cast.jonas,
                purpose=Purpose.TAKE_PART,
                state=ConsentState.DECLINED,
                version=1,
                method=Method.BY_DECISION_HOLDER,
            ),
        )
    with house.reading(house.cast.priya) as work:
        return open_follow_ups(work)[0].id


def restriction(house: House) -> str:
    """The one that keeps Viktor away from Jonas."""
    with house.reading(house.cast.priya) as work:
        return restrictions_of(work, house.cast.case)[0].id


def planned(house: House) -> str:
    """A plan of a week that came to nothing."""
    with house.work(house.cast.priya) as work:
        run = start_run(work, Asked(week=date(2030, 6, 3)), zone="Europe/London")
        fail(work, run, "a test")
    return run


def proposed_plan(house: House) -> str:
    """A plan of Karim's that waits for an approver."""
    with house.work(house.cast.karim) as work:
        plan = plan_for(work, house.cast.jonas)
        assert plan is not None
        proposed = propose_plan(work, plan.child, with_people=plan.people[:1], review_on=plan.review_on)
    assert isinstance(proposed, str)
    return proposed


SCRIPTED = re.compile(r"/room/|/open$|^/v/code$|/passkeys?(/ask)?$")
BARE = ("ask-to-lift", "lift", "go-on")
POLICY_DECISIONS = ("publish", "decline")


def ask(house: House, one: Browser, method: str, path: str, csrf: str) -> str:
    """The status of a request that is well-formed, so that only the right to make it decides."""
    if method == "GET":
        return str(one.get(path).status_code)
    if SCRIPTED.search(path):
        return str(one.send(path, well_formed(house, path), x_csrf=csrf).status_code)
    return str(one.post(path, {"csrf": csrf} | well_formed(house, path)).status_code)


def well_formed(house: House, path: str) -> dict[str, object]:
    """What our form or our script sends there, but for its token."""
    last = path.rpartition("/")[2]
    visit = next(iter(visits(house)))
    if SCRIPTED.search(path):
        return scripted(last, house.mother_in(visit).id)
    if path.startswith("/w/week/"):
        sent: dict[str, dict[str, object]] = {
            "accept": {"chosen": "0" * 32},
            "plan": {"week": "2030-06-03", "seconds": "1"},
        }
        return sent.get(last, {})
    if form := ours(path, last, house):
        return form
    if path.startswith("/w/waiting"):
        return {"child": house.cast.mia} if last in ("waiting", "ask") else {}
    bare = last in BARE or (last in POLICY_DECISIONS and "/policy/" in path) or "/w/plan/" in path
    return {} if bare else typed(last, house, visit)


def ours(path: str, last: str, house: House) -> dict[str, object]:
    """What our forms send about series, emergency access, people and letters; empty for every other."""
    if "/letter/" in path:
        return {"kind": "invitation", "before": "1"}
    if path == "/w/purpose":
        return {"purpose": "complaint", "words": "Complaint 2030/4"}
    if "/clearance" in path:
        return {"reference": "A 17"}
    if "/series" in path:
        return about_series(path, last, house)
    return in_emergency(last) if "/emergency-access" in path else about_people(path, last, house)


def in_emergency(last: str) -> dict[str, object]:
    """What our forms about emergency access send."""
    if last == "emergency-access":
        words = "The school rang: nobody has fetched her."
        return {"name": "Mia Marlowe", "born_on": "2018-03-14", "reason": "covering", "words": words}
    return {"finding": "right"} if last == "review" else {"once": ""}


def accessed(house: House) -> str:
    """Somebody who has no case of their own has opened Mia's."""
    with house.as_actor(actor.COMMAND_LINE) as work:
        roles = (Role.WORKER,)
        sami = add_account(work, email="sami@demo.example", name="Sami", roles=roles, password=None)
    with house.work(sami) as work:
        form = in_emergency("emergency-access")
        asked = Needed(
            name=str(form["name"]),
            born_on=date(2018, 3, 14),
            reason=AccessReason.COVERING,
            words=str(form["words"]),
        )
        found = open_in_emergency(work, asked)
    assert isinstance(found, Opened)
    return found.access


def about_people(path: str, last: str, house: House) -> dict[str, object]:
    """What our forms about people, homes, rights, orders, hours and languages send; empty for every other."""
    details: dict[str, object] = {"name": "Rosa Marlowe", "known_as": "Rosa"}
    zone: dict[str, object] = {"zone": "Europe/London"} if "/person/" in path else {}
    bodies: dict[str, dict[str, object]] = {
        "people": details | {"role": "professional", "relation": "advocate", "word": "advocate"},
        "known": {"known": "0" * 32, "known_relation": "kin", "known_word": "aunt"},
        "details": details,
        "question": {"question": "Which word did we choose?", "answer": "Lantern"},
        "review": {"again_on": "2030-07-01"},
        "relation": {"relation": "kin", "word": "grandmother"},
        "approve": {"once": ""},
        "end-approval": {"once": ""},
        "merge": {"other": house.cast.viktor, "keep": "this"},
        "agree": {"once": ""},
        "channel": {"kind": "phone", "value": f"07700 {900_000 + next(NUMBERS)}", "use": "never"},
        "home": {"place": "Number nine", "first_on": house.clock.at.date().isoformat()},
        "deciding": {
            "holder": "agency",
            "matters": "contact",
            "basis": "care_order",
            "first_on": "2030-01-01",
        },
        "orders": {
            "about": "other",
            "status": "in_force",
            "court": "A",
            "reference": "B",
            "decided_on": "2030-01-01",
        },
        "discharge": {"discharged_on": "2030-05-02"},
        "quiet": {"kind": "school", "days": "monday", "earliest": "08:00", "latest": "09:00"},
        "end": {"once": ""},
        "code": {"code": "000000"},
        "data-protection": {
            "assessed_on": "2030-01-01",
            **dict.fromkeys(("reference", "controller", "legal_bases", "processors"), "A"),
        },
        "confirm": {"code": "000000"},
        **{
            act: {"once": ""}
            for act in (
                "app",
                "codes",
                "remove",
                "reset",
                "end-sign-ins",
                "disable",
                "password",
                "new-password",
            )
        },
        "weekly": zone | {"days": "monday", "earliest": "08:00", "latest": "09:00"},
        "away": (zone or {"kind": "leave"}) | {"first": "2030-08-05"},
        "calendars": {"name": f"Closures {next(NUMBERS)}", "effect": "no_visits"},
        "days": {"name": "Closed", "first": "2030-08-05"},
        "holidays": {"country": "GB", "years": ["2030"]},
        "ramadan": {"years": ["2031"]},
        "agency": {"once": ""},
        "calendar-address": {"address": "https://calendar.example/a.ics"},
        "strike": {"once": ""},
        "rooms": {"name": f"Rooms {next(NUMBERS)}", "units": "2", "zone": "Europe/London"},
        "change": {"name": f"Rooms {next(NUMBERS)}", "units": "2"},
        "hours": {"days": "monday", "earliest": "08:00", "latest": "09:00"},
        "closed": {"first": "2030-08-05"},
        "place": {"pool": "0" * 32, "first": "2030-08-05"},
        "why": {"child": house.cast.mia},
        "gender": {"gender": "woman"},
        "trainings": {"once": ""},
        "conflicts": {"child": house.cast.mia, "person": "everybody", "kind": "kin"},
        "filled": {"child": house.cast.mia},
        "times": {
            "child": house.cast.mia,
            "people": [house.cast.dana, house.cast.ines],
            "minutes": "30",
            "level": "supervised",
        },
    }
    if "/home/" in path or "/deciding/" in path:
        return {"last_on": "2030-05-02"}
    if "/channel/" in path or "/quiet/" in path:
        return {"once": ""} if last == "end" else {"use": "never"}
    if "/order/" in path and last != "discharge":
        return bodies["orders"]
    if "/merge/" in path:
        return {"once": ""}
    if "/languages/" in path:
        return {"language": "Polish", "mode": "spoken", "fluency": "good"}
    if path.startswith("/w/child/") and last == "calendars":
        bodies["calendars"] = {"calendar": calendar_of(house), "person": house.cast.mia}
    if path.startswith("/w/room/") and last == "calendars":
        bodies["calendars"] = {"calendar": calendar_of(house, Effect.NO_VISITS)}
    starts = (
        "/w/account",
        "/w/sign-in/",
        "/w/room",
        "/w/child/",
        "/w/why",
        "/w/book/",
        "/w/hours/",
        "/w/staff/",
        "/w/calendar",
        "/w/data-protection",
    )
    ours = path.startswith(starts)
    return bodies.get(last, {}) if ours else {}


def about_series(path: str, last: str, house: House) -> dict[str, object]:
    """What our forms about series send: well-formed, and more than can be done."""
    if last == "series":
        return {"child": house.cast.mia}
    if "/from/" in path:
        return {"weekday": "monday", "time": "x"}
    if last == "approve":
        return {"seen": "0" * 16}
    if last in ("longer", "extend"):
        return {"last": "2030-01-01"}
    return {"date": "never"} if last == "move" else {"reason": "boredom"}


def of_people(house: House) -> dict[str, str]:
    """A channel, a home, a right, an order, hours, and a merge that waits: all of the cast, all open."""
    cast = house.cast
    days = Days(first=date(2030, 1, 1))
    with house.work(cast.karim) as work:
        double = add_person(
            work, cast.case, Details(name="V. Stahl", known_as="V."), MemberRole.FAMILY_MEMBER
        )
        words = PlaceWords(name="Number nine")
        place(work, NewPlacement(child=cast.mia, carer=None, days=days, confidential=True, words=words))
        holder = {
            "holder": Authority.COURT,
            "matters": frozenset({Matter.CONTACT}),
            "basis": Basis.COURT_ORDER,
        }
        new_right = NewRight(child=cast.mia, days=days, **holder)  # type: ignore[arg-type]
        monday = QuietHours(
            kind=QuietKind.SCHOOL, window=Window(days=(Weekday.MONDAY,), earliest=1, latest=9)
        )
        return {
            "{person}": cast.rosa,
            "{channel}": channels_of(work, cast.rosa)[0].id,
            "{placement}": placements_of(work, cast.mia)[0].id,
            "{right}": record_right(work, new_right),
            "{order}": record_order(work, court_order(house)),
            "{quiet}": add_quiet_hours(work, cast.mia, monday),
            "{merge}": propose_merge(work, cast.ines, double),
            "{account}": cast.karim,
            "{conflict}": conflict_of(work, house),
            "{hours}": add_hours(work, cast.karim, monday.window, zone="Europe/London"),
            "{absence}": add_absence(work, cast.karim, (AWAY, AWAY), AbsenceKind.LEAVE, zone="Europe/London"),
        }


def conflict_of(work: Work, house: House) -> str:
    """Karim says that he must not watch visits of Viktor."""
    new = NewConflict(
        account=house.cast.karim, case=house.cast.case, person=house.cast.viktor, kind=ConflictKind.KIN
    )
    return declare_conflict(work, new)


def of_waiting(house: House, entry_id: str = "e" * 32, offer_id: str = "0f" * 16) -> dict[str, str]:
    """A visit of Mia that waits for a time today, and an offer that is over."""
    today = house.clock.at.date()
    with house.work(house.cast.karim) as work:
        new = NewEntry(wish=house.wish(supervisor=None), window=Window(), until=today)
        entry = add_waiting(work, new, entry_id=entry_id)
    offer = {
        "id": offer_id,
        "entry_id": entry.id,
        "supervisor_id": house.cast.lena,
        "starts_at": house.clock.at,
        "ends_at": house.clock.at + timedelta(minutes=30),
        "offered_at": house.clock.at,
        "answer_by": house.clock.at,
        "state": "lapsed",
        "ended_at": house.clock.at,
    }
    with house.installation.engine.begin() as connection:
        connection.execute(metadata.tables["waiting_offer"].insert().values(offer))
    return {"{waiting}": entry.id, "{offer}": offer_id}


def of_calendars(house: House) -> dict[str, str]:
    """A calendar with days that counts for Mia."""
    with house.work(house.cast.priya) as work:
        made = add_calendar(work, "Northmoor office", Effect.NO_VISITS)
        return {
            "{calendar}": made,
            "{entry}": add_entry(work, made, Span(name="Closed", first=AWAY, last=AWAY)),
            "{link}": link(work, made, house.cast.mia),
        }


def of_pools(house: House) -> dict[str, str]:
    """The links of a prison; the hours, the clearance and the link that the matrix asks for are nobody's."""
    with house.work(house.cast.priya) as work:
        pool = add_pool(work, "HMP Northmoor", 2, zone="Europe/London")
        closure = add_closure(work, pool, (AWAY, AWAY))
        return {"{pool}": pool, "{closure}": closure, "{clearance}": "c" * 32}


def calendar_of(house: House, effect: Effect = Effect.NO_SCHOOL) -> str:
    """Some calendar that counts for nobody yet."""
    with house.work(house.cast.priya) as work:
        return add_calendar(work, f"Terms {next(NUMBERS)}", effect)


def visits(house: House) -> list[Visit]:
    with house.reading(house.cast.karim) as work:
        return visits_in(work, tuple(VisitState))


def scripted(last: str, participant: str) -> dict[str, object]:
    """What our script sends."""
    bodies: dict[str, dict[str, object]] = {
        "note": {"text": "A note."},
        "call": {"result": "reached"},
        "end": {"reason": "completed"},
        "emergency": {},
        "reason": {"text": "Dana fell."},
        "resume": {},
        "ticket": {},
        "ask": {},
        "open": {"secret": "x", "nonce": "x", "device_key": "x"},
        "code": {"code": "x", "nonce": "x", "device_key": "x"},
    }
    return bodies.get(last, {"participant": participant})


def typed(last: str, house: House, visit: Visit) -> dict[str, object]:
    """What our form sends."""
    child = house.cast.mia
    bodies: dict[str, dict[str, object]] = {
        house.mother_in(visit).id: {"known_by": "in_person", "way": "sent", "before": "1"},
        "record": {"outcome": "completed", "what_happened": "They read."},
        "consent": {
            "person": child,
            "purpose": "take_part",
            "state": "given",
            "method": "by_decision_holder",
            "holder": "agency",
        },
        "plan": {
            "person": house.cast.dana,
            "level": "supervised",
            "minutes": "30",
            "review_on": "2030-07-01",
        },
        "why-opened": {"text": "Dana fell."},
        "done": {"reason": "spoken_to_them"},
        "said": {"person": house.cast.dana, "reason": "was_ready"},
        "decide": {"person": house.cast.dana, "reason": "wants_another"},
        "restriction": {"kind": "no_contact", "restricted": house.cast.rosa, "source": "police"},
        "book": {"child": child},
        "change": {"child": child},
        "write": {"text": "title: "},
        "accept": {"version": 1, "act": "book"},
        "send-again": {},
        "sign-in": {"email": "x", "password": "x"},
        "sign-out": {},
        "cancel": {"version": visit.revision, "reason": "child_ill"},
        "repair": {
            "version": visit.revision,
            "to": "2030-05-15T15:00:00Z",
            "supervisor": house.cast.lena,
        },
        "decline": {"version": visit.revision, "reason": "no_staff"},
        "hand-over": {
            "visit_supervisor": house.cast.lena,
            "duty": house.cast.karim,
            "supervisor_before": house.cast.lena,
            "duty_before": house.cast.priya,
        },
    }
    return bodies.get(last, {"version": visit.revision})


def asked_for_series(house: House) -> Series:
    """Mia and Emil on two Fridays in June."""
    new = NewSeries(
        wish=house.wish(people=(house.cast.emil,)),
        first=date(2030, 6, 7),
        last=date(2030, 6, 14),
        weekday=4,
        clock=time(9, 0),
    )
    with house.work(house.cast.karim) as work:
        made = ask_for_series(work, new)
    assert isinstance(made, Series)
    return made


def ids_of(house: House, visit: Visit, **waiting: str) -> dict[str, str]:
    """Something of every kind that a path names."""
    with house.work(house.cast.priya) as work:
        version = propose_policy(work, "title: Another")
    series = asked_for_series(house)
    return {
        "{series}": series.id,
        "{instance}": series.instances[0].id,
        "{version}": str(version),
        "{follow_up}": follow_up(house),
        "{restriction}": restriction(house),
        "{plan}": proposed_plan(house),
        "{visit}": visit.id,
        "{participant}": house.mother_in(visit).id,
        "{child}": house.cast.mia,
        "{access}": accessed(house),
        **of_people(house),
        **of_calendars(house),
        **of_pools(house),
        **of_waiting(house, **waiting),
        "{case}": house.cast.case,
        "{session}": "0" * 32,
        "{passkey}": "0" * 32,
        "{plan_run}": planned(house),
    }


def in_turn() -> list[tuple[str, str, str]]:
    """Who asks for what in which order: signing out comes last, and just before it what would decide for all others."""
    asked = [(method, path, name) for method, path in staff_routes() for name in CAST]
    return sorted(
        asked, key=lambda one: (one[1] == "/w/sign-out", one[2] == "ola" and "/policy/{version}/" in one[1])
    )


ABOUT_A_FAMILY = re.compile(
    r"\{(child|visit|case|person|series|restriction|plan|plan_run|follow_up|access|merge|offer|waiting|participant)\}"
    r"|^/w/(cases|owed|log|readers|approvals|book|week/plan|why|waiting|series|emergency-access)\b"
)


def test_the_administrator_is_let_to_nothing_about_a_family() -> None:
    """By the role alone: 403 or 404 everywhere, or 422 where what was asked is looked at before who asks."""
    found = {
        f"{method} {path}": answers[CAST.index("ola")]
        for method, path, answers in rows()
        if ABOUT_A_FAMILY.search(path)
    }
    assert len(found) > 100
    unclear = {"POST /w/book/propose", "GET /w/visit/{visit}/repair/sure"}
    assert {where for where, answer in found.items() if answer not in ("403", "404")} == unclear
    assert {found[where] for where in unclear} == {"422"}


@pytest.mark.slow
@pytest.mark.timeout(600)  # over a thousand pages and forms
@pytest.mark.both
def test_everybody_gets_the_answer_that_the_matrix_says(
    house: House, signed_in: SignIn, stranger: Browser, dana: tuple[Browser, Visit, str]
) -> None:
    one, visit, _ = dana
    house.relay(visit, EventKind.ENDED, 1, reason="technical")
    staff = {name: signed_in(name) for name in CAST[1:6]}
    browsers = {"stranger": stranger, "dana": one} | staff
    tokens = {name: b.csrf() for name, b in staff.items()} | {"stranger": "", "dana": ""}
    ids = ids_of(house, visit)
    answers: dict[tuple[str, str], list[str]] = {}
    for method, path, name in in_turn():
        real = re.sub(r"\{\w+\}", lambda match: ids[match[0]], path)
        answer = ask(house, browsers[name], method, real, tokens[name])
        answers.setdefault((method, path), [""] * len(CAST))[CAST.index(name)] = answer
    found = [
        f"{method:5} {path:56} " + " ".join(f"{answer:8}" for answer in row).rstrip()
        for (method, path), row in answers.items()
    ]
    found.sort(key=lambda line: (line.split()[1], line.split()[0]))
    text = "\n".join([f"{'':62} " + " ".join(f"{name:8}" for name in CAST).rstrip(), *found]) + "\n"
    if os.environ.get("UPDATE_ACCESS_MATRIX"):
        MATRIX.write_text(text, encoding="utf-8")
    assert text == MATRIX.read_text(encoding="utf-8")
    about_somebody = re.compile(r"GET +(/w/\S*\{(?:child|visit|series|case|offer)\}\S*) +\d+ +\d+ +200 ")
    shown = {match[1] for line in found if (match := about_somebody.match(line))}
    written_down = {part for role, part in readings(house) if role == "approver"}
    assert [path for path in sorted(shown) if part_of(path) not in written_down] == []
    assert len(shown) >= 20
