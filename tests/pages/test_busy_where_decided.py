"""Wherever a worker decides about a visit they see who of its family is known to be busy then."""

import html
import re

from contact_service import actor
from contact_service.actor import Role
from contact_service.identity.actions import add_account
from contact_service.ids import VisitId
from contact_service.people.actions.members import put_on_caseload
from contact_service.policy.decision import Refused
from contact_service.proposals.actions import choosing, proposing
from contact_service.visits.actions import staffing
from contact_service.visits.actions.doubting import doubt_all_visits
from contact_service.visits.queries.busy import busy_at_visit
from contact_service.visits.queries.doubting import doubts
from contact_service.visits.queries.knowing import known_busy_of
from contact_service.visits.visit import Visit, VisitState
from tests.actions.test_busy_times import DENTIST, ics
from tests.actions.test_repairing import another
from tests.cast import PASSWORD, House
from tests.pages.conftest import Browser, SignIn
from tests.pages.test_busy_then import BUSY, LONDON, LONGER, approve, bring, mark
from tests.pages.test_choices import said
from tests.pages.test_repairing import meant, offers
from tests.pages.test_series import typed
from tests.pages.test_times import wanted as booked
from tests.proposals.helpers import proposed
from tests.siblings import siblings_of_mia

FRIDAY_NOON = "DTSTART:20300517T140000Z\nDTEND:20300517T160000Z"
LONG_FRIDAY = "Dana is busy from 15:00 to 17:00, by their own calendar."


def doubted_for_dana(house: House) -> tuple[Visit, str]:
    """Booked, and then her calendar says that she is at the dentist."""
    visit = house.approved()
    another(house)
    bring(house, DENTIST)
    return visit, f"/w/visit/{visit.id}/repair"


def test_whoever_mends_a_visit_reads_until_when_they_are_busy_and_says_that_it_fits_all_the_same(
    house: House, signed_in: SignIn
) -> None:
    visit, here = doubted_for_dana(house)
    karim = signed_in("karim")
    page = karim.get(here).text
    assert BUSY in page
    sure = karim.get(f"{here}/sure?{offers(page)[0]}").text
    assert BUSY in sure
    status, again = meant(karim, here, sure)
    assert status == 422
    assert "Read who it is, and tick that you know it." in again
    assert house.visit(visit.id).supervisor == visit.supervisor
    fields = dict(re.findall(r'name="(version|to|supervisor|duty)" value="([^"]+)"', again))
    known = {"csrf": karim.csrf(), "known": mark(again)} | fields
    assert karim.post(here, known).status_code == 303
    changed = house.visit(visit.id)
    assert (changed.state, changed.starts_at) == (VisitState.REQUESTED, visit.starts_at)
    approve(house, visit.id)
    with house.work(house.cast.priya) as work:
        doubt_all_visits(work)
    with house.reading(house.cast.priya) as work:
        assert doubts(work) == []


def test_another_time_at_which_nobody_is_busy_asks_for_no_tick(house: House, signed_in: SignIn) -> None:
    visit, here = doubted_for_dana(house)
    karim = signed_in("karim")
    sure = karim.get(f"{here}/sure?{offers(karim.get(here).text)[-1]}").text
    assert 'name="known"' not in sure
    assert meant(karim, here, sure)[0] == 303
    assert house.visit(visit.id).starts_at != visit.starts_at


def test_each_visit_of_a_series_says_who_is_busy_before_it_is_booked_and_after(
    house: House, signed_in: SignIn
) -> None:
    bring(house, DENTIST)
    karim = signed_in("karim")
    checked = karim.post("/w/book/series", typed(house, karim, last="2030-05-29")).text
    rows = checked.partition("<tbody>")[2]
    assert rows.count(BUSY) == 1
    assert rows.index(BUSY) < rows.index("22 May")
    assert "Ask them first. Booked unasked, it is shown as in doubt." in checked
    booked = karim.post("/w/series", typed(house, karim, last="2030-05-29", once="5" * 32, agreed="3"))
    assert booked.status_code == 303, booked.text
    page = karim.get(booked.headers["location"]).text
    assert page.count(BUSY) == 1


def test_a_series_is_booked_with_what_was_ticked_known_and_with_nothing_else(
    house: House, signed_in: SignIn
) -> None:
    second_week = "DTSTART:20300522T140000Z\nDTEND:20300522T160000Z"
    bring(house, DENTIST, second_week)
    karim = signed_in("karim")
    checked = karim.post("/w/book/series", typed(house, karim, last="2030-05-29")).text
    assert f"15 May 2030: {BUSY}" in checked
    marks = re.search(r'name="known" type="checkbox" value="([0-9a-f]{16},[0-9a-f]{16})"', checked)
    assert marks
    bring(house, LONGER, second_week)  # of the first of them it is another time now
    more = {"last": "2030-05-29", "once": "6" * 32, "agreed": "3", "known": marks[1]}
    series = karim.post("/w/series", typed(house, karim, **more)).headers["location"]
    first, second, third = re.findall(r'href="/w/visit/([0-9a-f]{32})"', karim.get(series).text)
    with house.reading(house.cast.karim) as work:
        known = {one: known_busy_of(work, VisitId(one)) for one in (first, second, third)}
    assert [len(known[one]) for one in (first, second, third)] == [0, 1, 0]


def known_of(house: House, series: str, karim: Browser) -> list[int]:
    """How many busy times were known at each visit of a series, in order."""
    visits = re.findall(r'href="/w/visit/([0-9a-f]{32})"', karim.get(series).text)
    with house.reading(house.cast.karim) as work:
        return [len(known_busy_of(work, VisitId(one))) for one in visits]


def marks_on(page: str) -> str:
    found = re.search(r'name="known" type="checkbox" value="([0-9a-f,]+)"', page)
    assert found, page
    return found[1]


def test_a_longer_series_is_booked_with_what_was_ticked_known(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    first = typed(house, karim, last="2030-05-22", once="7" * 32, agreed="2")
    series = karim.post("/w/series", first).headers["location"]
    bring(house, "DTSTART:20300529T140000Z\nDTEND:20300529T160000Z")
    page = karim.post(f"{series}/longer", {"csrf": karim.csrf(), "last": "2030-06-05"}).text
    assert "29 May 2030: Dana is busy" in page
    more = {"csrf": karim.csrf(), "last": "2030-06-05", "agreed": "2", "known": marks_on(page)}
    assert karim.post(f"{series}/extend", more).status_code == 303
    assert known_of(house, series, karim) == [0, 0, 1, 0]


def test_a_series_that_goes_on_in_another_way_keeps_what_was_ticked_known(
    house: House, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    first = typed(house, karim, last="2030-05-22", once="8" * 32, agreed="2")
    series = karim.post("/w/series", first).headers["location"]
    one = re.findall(rf'href="{series}/from/([0-9a-f]{{32}})"', karim.get(series).text)[0]
    bring(house, "DTSTART:20300516T140000Z\nDTEND:20300516T160000Z")
    way = {
        "csrf": karim.csrf(),
        "weekday": "thursday",
        "time": "16:00",
        "minutes": "30",
        "level": "supervised",
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
    }
    page = karim.post(f"{series}/from/{one}/check", way).text
    unticked = karim.post(f"{series}/from/{one}", way | {"once": "9" * 32, "known": "0" * 16})
    assert known_of(house, unticked.headers["location"], karim) == [0, 0]
    assert "16 May 2030: Dana is busy" in page
    again = unticked.headers["location"]
    one = re.findall(rf'href="{again}/from/([0-9a-f]{{32}})"', karim.get(again).text)[0]
    way["minutes"] = "45"
    marks = marks_on(karim.post(f"{again}/from/{one}/check", way).text)
    made = karim.post(f"{again}/from/{one}", way | {"once": "a" * 32, "known": marks})
    assert known_of(house, made.headers["location"], karim) == [1, 0]


def test_times_are_offered_to_a_family_only_with_what_makes_somebody_busy_then_known(
    house: House, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    form = booked(house, karim) | {
        "times": [f"2030-05-{day}T16:00|{house.cast.lena}" for day in (17, 18)],
        "asked": [house.cast.dana],
        "visit_supervisor": house.cast.lena,
        "once": "b" * 32,
    }
    bring(house, FRIDAY_NOON)
    before = house.snapshot()
    asked = karim.post("/w/book/propose", form)
    assert asked.status_code == 422
    assert LONG_FRIDAY in asked.text
    assert house.snapshot() == before
    assert karim.post("/w/book/propose", form | {"known": "0" * 16}).status_code == 422
    sure = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', asked.text))
    assert sure["asked"] == house.cast.dana
    made = karim.post("/w/book/propose", form | {"known": mark(asked.text)})
    assert made.status_code == 303, said(made.text)
    visit = house.visit(VisitId(made.headers["location"].rpartition("/")[2]))
    opened = approving(house, visit)
    with house.as_family(house.cast.dana) as work:
        chosen = choosing.choose(work, opened.id, 1)
    assert not isinstance(chosen, Refused), chosen
    with house.work(house.cast.priya) as work:
        doubt_all_visits(work)
        assert doubts(work) == []


def approving(house: House, visit: Visit) -> Visit:
    with house.work(house.cast.priya) as work:
        opened = proposing.approve(work, visit.id)
    assert not isinstance(opened, Refused), opened
    return opened


def test_of_several_times_each_says_who_has_become_busy(house: House, signed_in: SignIn) -> None:
    visit = proposed(house)
    bring(house, FRIDAY_NOON)
    for name, path in (("karim", f"/w/visit/{visit.id}"), ("priya", "/w/approvals")):
        page = said(signed_in(name).get(path).text)
        assert page.count(LONG_FRIDAY) == 1, page
        assert page.index("17 May") < page.index(LONG_FRIDAY) < page.index("18 May")


def test_of_a_child_whose_case_is_out_of_reach_and_of_their_carer_nobody_learns_when_they_are_busy(
    house: House,
) -> None:
    """Of a worker with one child's case; whoever works with both sees all of it."""
    [leo] = siblings_of_mia(house, "Leo")
    visit = house.requested(sharing=(leo.wished,))
    with house.as_actor(actor.COMMAND_LINE) as work:
        tom = add_account(
            work, email="tom@demo.example", name="Tom Ray", roles=(Role.WORKER,), password=PASSWORD
        )
        put_on_caseload(work, house.cast.case, tom)
    with house.work(house.cast.karim) as work:
        for person in (leo.child, leo.carer, house.cast.dana):
            staffing.read_family_file(work, person, ics(DENTIST), zone=LONDON)
    with house.reading(house.cast.karim) as work:
        assert {one.person for one in busy_at_visit(work, visit)} == {leo.child, leo.carer, house.cast.dana}
    with house.reading(tom) as work:
        assert {one.person for one in busy_at_visit(work, visit)} == {house.cast.dana}
    for watching in (house.cast.lena, house.cast.noor):
        with house.reading(watching) as work:
            assert busy_at_visit(work, visit) == []


def test_whoever_approves_reads_who_is_busy_and_whether_it_was_known(house: House, signed_in: SignIn) -> None:
    bring(house, DENTIST)
    karim, priya = signed_in("karim"), signed_in("priya")
    form = booked(house, karim, date="2030-05-15", time="16:00", visit_supervisor=house.cast.lena)
    known = mark(karim.post("/w/book", form).text)
    assert karim.post("/w/book", form | {"known": known}).status_code == 303
    assert f"Busy then {BUSY} Whoever asked for the visit knew it" in said(priya.get("/w/approvals").text)
    bring(house, LONGER)
    page = said(priya.get("/w/approvals").text)
    assert "Dana is busy from 15:30 to 17:00, by their own calendar. Ask them first." in page


def test_nothing_of_what_makes_them_busy_is_on_any_of_these_pages(house: House, signed_in: SignIn) -> None:
    _, here = doubted_for_dana(house)
    assert "entist" not in html.unescape(signed_in("karim").get(here).text)
