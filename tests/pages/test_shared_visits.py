"""A visit that a brother shares, on the pages of those who book it, keep it, join it and write it down."""

import re

import pytest
from starlette.types import ASGIApp

from contact_service.demo.brother import Brother
from contact_service.people.actions.members import Tie, bring_in
from contact_service.people.person import Relation
from contact_service.protocol.link import EventKind
from contact_service.visits.queries.finding import visits_of_child
from contact_service.visits.visit import Outcome, Visit, VisitState
from contact_service.visits.wish import ChildWished
from tests.cast import House
from tests.pages.conftest import AFTER, PAGES, Browser, SignIn, at_the_door, tell_alone
from tests.pages.test_what_family_sees import visible

pytestmark = pytest.mark.slow  # each opens a second case first; the quick gate has them in a history


def typed(house: House, one: Browser, brother: Brother, **form: object) -> dict[str, object]:
    """Mia's visit with her mother tomorrow at four, which Finn shares."""
    return {
        "csrf": one.csrf(),
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "sharing": f"{brother.finn}:{brother.tomas}",
        "date": "2030-05-15",
        "time": "16:00",
        "minutes": "30",
        "level": "supervised",
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
    } | form


def test_a_worker_books_it_an_approver_sees_both_children(
    house: House, brother: Brother, signed_in: SignIn
) -> None:
    karim, priya = signed_in("karim"), signed_in("priya")
    page = karim.get(f"/w/book?child={house.cast.mia}").text
    assert "Does a brother or sister share it?" in page
    assert "Comes with Tomas Reed" in page
    there = karim.post("/w/book", typed(house, karim, brother)).headers["location"]
    shown = karim.get(there).text
    assert "Mia and Finn’s visit" in shown
    assert "foster carer, with Finn" in shown
    assert f'href="/w/child/{house.cast.mia}"' in shown
    assert f'href="/w/child/{brother.finn}"' in shown
    asked = priya.get("/w/approvals").text
    assert "Mia and Finn" in asked
    assert "Tomas Reed" in asked
    for child in (house.cast.mia, brother.finn):
        assert there in karim.get(f"/w/child/{child}").text
    change = karim.get(f"{there}/change").text
    assert re.search(f'<option value="{brother.finn}:{brother.tomas}" selected>', change)


def test_whoever_is_not_of_the_brothers_case_yet_is_named_and_where_to_add_them(
    house: House, brother: Brother, signed_in: SignIn
) -> None:
    """Rosa is Mia's grandmother and nothing of Finn's: the worker reads what to do, instead of that she is unknown."""
    karim = signed_in("karim")
    those = [house.cast.dana, house.cast.rosa, house.cast.ines]
    for door in ("/w/book", "/w/book/times", "/w/book/series"):
        answer = karim.post(door, typed(house, karim, brother, people=those))
        assert answer.status_code == 422, door
        assert "Not among the people of Finn yet, who shares the visit: Rosa." in answer.text
        assert "Finn’s page “People”" in answer.text


def test_a_carer_of_nobody_there_is_never_named(house: House, brother: Brother, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    answer = karim.post(
        "/w/book", typed(house, karim, brother, sharing=f"{brother.finn}:{house.cast.viktor}")
    )
    assert answer.status_code == 422
    assert "Choose people of this case." in answer.text
    assert "Not among the people" not in answer.text


def test_what_was_typed_comes_back_with_what_is_wrong(
    house: House, brother: Brother, signed_in: SignIn
) -> None:
    karim, before = signed_in("karim"), house.snapshot()
    both = typed(house, karim, brother, people=[house.cast.dana, house.cast.ines, brother.finn])
    answer = karim.post("/w/book", both)
    assert answer.status_code == 422
    assert 'href="#sharing"' in answer.text
    assert "Chosen twice, to meet Mia and to share the visit: Finn." in answer.text
    assert f'value="{brother.finn}:{brother.tomas}" selected' in answer.text
    nonsense = typed(house, karim, brother, sharing="0:1")
    assert karim.post("/w/book", nonsense).status_code in (404, 422)
    assert house.snapshot() == before


def test_the_rules_are_asked_for_every_child(house: House, brother: Brother, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    refused = karim.post("/w/book", typed(house, karim, brother, level="monitored"))
    assert refused.status_code == 409
    assert "Mia’s plan asks for supervised visits with Dana." in refused.text
    assert "Finn’s plan asks for supervised visits with Dana." in refused.text
    why = karim.post("/w/why", typed(house, karim, brother))
    assert why.status_code == 200
    assert f'name="sharing" value="{brother.finn}:{brother.tomas}"' in why.text


def test_finns_worker_sees_it_from_his_side_and_never_who_cares_for_mia(
    house: House, brother: Brother, signed_in: SignIn
) -> None:
    visit, sade = house.shared(brother), signed_in("sade")
    for page in ("/w/today", f"/w/visit/{visit.id}", f"/w/child/{brother.finn}", "/w/book"):
        answer = sade.get(page)
        assert answer.status_code == 200, page
        assert [word for word in ("Ines", "Okafor") if word in answer.text] == [], page
    text = sade.get(f"/w/visit/{visit.id}").text
    assert "Finn and Mia’s visit" in text
    assert "Mia’s carer" in text
    assert f"/w/child/{house.cast.mia}" not in text
    assert "Tomas Reed" in text


@pytest.mark.parametrize("moment", ["waiting", "live", "over"])
def test_neither_home_learns_of_the_other(app: ASGIApp, house: House, brother: Brother, moment: str) -> None:
    visit = house.waiting(sharing=brother.shares)
    mother, ines, tomas = (
        at_the_door(app, house, visit, person) for person in (house.cast.dana, house.cast.ines, brother.tomas)
    )
    for one, _, base in (mother, ines, tomas):
        tell_alone_or_go_on(one, base)
    if moment != "waiting":
        _together(house, brother, visit)
    if moment == "over":
        house.relay(visit, EventKind.ENDED, 1, reason="completed")
    never = (
        (ines, ("Tomas", "Reed")),
        (tomas, ("Ines", "Okafor")),
        (mother, ("Tomas", "Reed", "Ines", "Okafor")),
    )
    for (one, _, base), words in never:
        for page in (*PAGES, *AFTER):
            answer = one.get(base + page)
            assert answer.status_code == 200, page
            assert [word for word in words if word in visible(answer.text)] == [], page


def tell_alone_or_go_on(one: Browser, base: str) -> None:
    """Say that nobody else is there; a carer goes on to the child's page."""
    answer = one.post(f"{base}/company", {"csrf": one.csrf(f"{base}/company"), "company": "nobody"})
    assert answer.status_code == 303


def _together(house: House, brother: Brother, visit: Visit) -> None:
    house.consents(house.cast.dana, house.cast.ines, brother.tomas)
    house.joins(visit, visit.watcher, "aa" * 8)
    for person in (house.cast.dana, house.cast.ines, brother.tomas):
        house.comes_in(visit, person)


def test_everybody_reads_whom_they_will_see(app: ASGIApp, house: House, brother: Brother) -> None:
    visit = house.waiting(sharing=brother.shares)
    mother, _, base = at_the_door(app, house, visit, house.cast.dana)
    assert "Your visit with Mia and Finn" in mother.get(f"{base}/").text
    tell_alone(mother, base)
    carer, _, home = at_the_door(app, house, visit, brother.tomas)
    assert "Finn’s visit with Dana and Mia" in carer.get(f"{home}/").text
    assert "Who is in the room with Finn and you?" in carer.get(f"{home}/company").text
    assert "Read this to Finn" in carer.get(f"{home}/start").text
    _together(house, brother, visit)
    inside = mother.get(f"{base}/state").json()["people"]
    assert sorted(one["name"] for one in inside.values()) == ["Dana", "Finn", "Lena", "Mia"]


def test_two_children_at_one_device_are_asked_one_after_the_other(
    app: ASGIApp, house: House, brother: Brother, signed_in: SignIn
) -> None:
    cast = house.cast
    with house.work(cast.karim) as work:
        tie = Tie(child=brother.finn, person=cast.ines, relation=Relation.CAREGIVER, word="foster carer")
        bring_in(work, tie)
    visit = house.waiting(sharing=(ChildWished(child=brother.finn, caregiver=cast.ines),))
    one, _, base = at_the_door(app, house, visit, cast.ines)
    assert "Who is in the room with Mia and Finn and you?" in one.get(f"{base}/company").text
    tell_alone_or_go_on(one, base)
    page = one.get(f"{base}/start").text
    assert "Read this to Mia" in page
    said = {"csrf": one.csrf(f"{base}/start"), "version": "1"}
    there = one.post(f"{base}/start", said | {"child": cast.mia, "answer": "yes"}).headers["location"]
    assert "Now ask Finn" in one.get(there).text
    then = f"{base}/start?child={brother.finn}"
    assert "Read this to Finn" in one.get(then).text
    one.post(f"{base}/start", said | {"child": brother.finn, "answer": "no"})
    asked = one.get(then).text
    assert "Nobody will be cross." in asked
    assert "Hand over to Mia and Finn" in asked
    house.joins(visit, house.device_in(visit, cast.ines), "cc" * 8)
    seat = signed_in("lena").get(f"/w/visit/{visit.id}/room/state").json()["people"][-1]
    assert (seat["name"], seat["stays_out"]) == ("Mia and Finn (Ines)", "Finn")


def test_the_records_are_written_one_after_the_other_and_each_is_signed_off(
    house: House, brother: Brother, signed_in: SignIn
) -> None:
    visit = house.shared(brother)
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    lena, priya, here = signed_in("lena"), signed_in("priya"), f"/w/visit/{visit.id}"
    form = {"csrf": lena.csrf(), "outcome": "completed"}
    page = lena.get(f"{here}/record").text
    assert "Record of Mia’s visit" in page
    assert "This record is for Mia alone" in page
    empty = lena.post(f"{here}/record", form | {"child": brother.finn, "what_happened": " "})
    assert empty.status_code == 422
    assert "Record of Finn’s visit" in empty.text
    first = lena.post(f"{here}/record", form | {"child": house.cast.mia, "what_happened": "Mia drew."})
    assert first.headers["location"] == f"{here}/record"
    assert "Record of Finn’s visit" in lena.get(f"{here}/record").text
    second = lena.post(f"{here}/record", form | {"child": brother.finn, "what_happened": "Finn sang."})
    assert second.headers["location"] == here
    assert lena.post(f"{here}/record", form | {"child": "0" * 32}).status_code == 403
    assert "Finn sang." in signed_in("sade").get(here).text
    assert "Mia drew." not in signed_in("sade").get(here).text
    for child in (house.cast.mia, brother.finn):
        read = priya.get(here).text
        assert "Mia drew." in read
        version = re.search('name="version" value="([0-9]+)"', read)
        assert version
        signed = {"csrf": priya.csrf(), "version": version[1], "child": child}
        assert priya.post(f"{here}/sign-off", signed).status_code == 303
    assert house.state(visit) is VisitState.SIGNED_OFF
    assert [one.outcome for one in house.visit(visit.id).children] == [Outcome.COMPLETED] * 2
    with house.reading(house.cast.priya) as work:
        assert len(visits_of_child(work, brother.finn, [VisitState.SIGNED_OFF])) == 1
