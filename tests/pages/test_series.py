"""Repeating a visit on the pages: from the booking form to every visit, checked and booked, and what then."""

import html
import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contact_service.invitations.actions import inviting
from contact_service.notifications.message import MessageKind
from contact_service.people.actions.members import change_details
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.series.queries.finding import series_of_child
from contact_service.series.series import Series
from contact_service.suitability.actions import NewConflict, declare_conflict
from contact_service.suitability.fit import ConflictKind
from contact_service.visits.queries.asking import wish_of
from tests.cast import House
from tests.pages.conftest import Browser, SignIn
from tests.series.asked import Serial, nearer, nth


@pytest.fixture
def karim(signed_in: SignIn) -> Browser:
    return signed_in("karim")


@pytest.fixture
def serial(house: House) -> Serial:
    return Serial(house=house)


def typed(house: House, one: Browser, **more: object) -> dict[str, object]:
    """The booking form for Wednesday at four, and the series until July."""
    return {
        "csrf": one.csrf(),
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "date": "2030-05-15",
        "time": "16:00",
        "minutes": "30",
        "level": "supervised",
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
        "every": "1",
        "last": "2030-07-03",
    } | more


def booking_form(page: str, action: str) -> dict[str, Any]:
    """What the form that posts to ``action`` would send."""
    found = re.search(rf'<form method="post" action="{action}">.*?</form>', page, re.DOTALL)
    assert found is not None, action
    pairs = [(n, html.unescape(v)) for n, v in re.findall(r'name="([a-z_]+)" value="([^"]*)"', found[0])]
    return dict(pairs) | {"people": [v for n, v in pairs if n == "people"]}


def the_series(house: House) -> Series:
    with house.reading(house.cast.karim) as work:
        [series] = series_of_child(work, house.cast.mia)
    return series


def test_a_series_is_asked_for_checked_and_booked(house: House, karim: Browser) -> None:
    assert "Repeat it every week" in karim.get(f"/w/book?child={house.cast.mia}").text
    before = house.snapshot()
    first = karim.post("/w/book/series", typed(house, karim, last=""))
    assert first.status_code == 200
    assert "Check every visit" in first.text
    assert "Book" not in re.findall(r"<button[^>]*>\s*(\w+)", first.text)
    house.requested(child=house.cast.jonas, wall_start=nth_wall(2))
    page = karim.post("/w/book/series", typed(house, karim)).text
    assert "Every Wednesday at 16:00" in page
    assert "8 visits, checked to the last" in page
    assert "Book the 7 that fit" in page
    assert page.count("Does not fit") == 1
    assert "has another visit then" in page
    assert before != house.snapshot()
    sent = booking_form(page, "/w/series")
    booked = karim.post("/w/series", sent)
    assert booked.status_code == 303, booked.text
    again = karim.post("/w/series", sent)
    assert again.headers["location"] == booked.headers["location"]
    shown = karim.get(booked.headers["location"]).text
    assert shown.count("Waiting for approval") == 7
    assert shown.count("Not booked") >= 1
    assert '<span class="rule">R55</span>' in shown
    visit = nth(the_series(house), 4).visit
    assert visit is not None
    assert "One of 8 visits, every Wednesday at 16:00" in karim.get(f"/w/visit/{visit.id}").text
    listed = karim.get(f"/w/child/{house.cast.mia}/series").text
    assert "Every Wednesday at 16:00" in listed
    assert "Going on" in listed


def nth_wall(week: int) -> datetime:
    """A quarter past four on the Wednesday so many weeks after the first."""
    return datetime(2030, 5, 15, 16, 15) + timedelta(weeks=week)  # noqa: DTZ001  wall time


def test_when_other_visits_fit_than_were_shown_nothing_is_booked_and_the_list_is_shown_again(
    house: House, karim: Browser
) -> None:
    sent = booking_form(karim.post("/w/book/series", typed(house, karim)).text, "/w/series")
    house.requested(child=house.cast.jonas, wall_start=nth_wall(2))
    before = house.snapshot(leaving_out=frozenset({"resource"}))
    answer = karim.post("/w/series", sent)
    assert answer.status_code == 409
    assert "Other visits fit than when you looked" in answer.text
    assert "Book the 7 that fit" in answer.text
    assert house.snapshot(leaving_out=frozenset({"resource"})) == before


def test_a_series_goes_on_no_further_when_fewer_fit_than_were_shown(
    house: House, karim: Browser, serial: Serial
) -> None:
    series = serial.asked()
    here = f"/w/series/{series.id}"
    way = f"{here}/from/{nth(series, 4).id}"
    values = {"csrf": karim.csrf(), "weekday": "thursday", "time": "16:00", "minutes": "30"}
    values |= {"level": "supervised", "visit_supervisor": house.cast.lena, "duty": house.cast.priya}
    longer = karim.post(f"{here}/longer", {"csrf": karim.csrf(), "last": "2030-07-17"}).text
    asked = {
        way: booking_form(karim.post(f"{way}/check", values).text, way),
        f"{here}/extend": booking_form(longer, f"{here}/extend"),
    }
    for week in (4, 8):  # a Thursday of the one way, a Wednesday of the other
        day = nth_wall(week) + timedelta(days=week == 4)
        house.requested(child=house.cast.jonas, wall_start=day)
    before = house.snapshot(leaving_out=frozenset({"resource"}))
    for address, sent in asked.items():
        answer = karim.post(address, sent | {"people": []})
        assert answer.status_code == 409, address
        assert "Other visits fit than when you looked" in answer.text
    assert house.snapshot(leaving_out=frozenset({"resource"})) == before


def test_a_series_that_goes_on_in_another_way_is_offered_whoever_may_watch_it(
    house: House, karim: Browser, serial: Serial
) -> None:
    series = serial.asked()
    way = f"/w/series/{series.id}/from/{nth(series, 4).id}"
    assert f'value="{house.cast.lena}"' in karim.get(way).text.partition('name="visit_supervisor"')[2][:600]
    kin = NewConflict(account=house.cast.lena, case=house.cast.case, person=None, kind=ConflictKind.KIN)
    with house.work(house.cast.priya) as work:
        declare_conflict(work, kin)
    page = karim.get(way).text
    assert (
        f'value="{house.cast.lena}"'
        not in page.partition('name="visit_supervisor"')[2].partition("</select>")[0]
    )
    assert "Lena Voss cannot watch this visit." in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"date": ""}, "Choose the day of the visit."),
        ({"minutes": "0"}, "A visit has to last some minutes."),
        ({"last": "2030-05-01"}, "The last day is before the first."),
        ({"last": "2032-05-01"}, "A series lasts 400 days"),
        ({"last": "never"}, "Choose a date."),
        ({"every": "0"}, "A series comes again every 1 to 26 weeks."),
        ({"every": "x"}, "A series comes again every 1 to 26 weeks."),
    ],
)
def test_what_cannot_be_a_series_is_said_at_its_field(
    house: House, karim: Browser, changes: dict[str, object], said: str
) -> None:
    before = house.snapshot()
    for path in ("/w/book/series", "/w/series"):
        answer = karim.post(path, typed(house, karim, **changes))
        assert answer.status_code == 422
        assert said in html.unescape(answer.text)
    assert house.snapshot() == before


def test_people_who_live_by_another_clock_see_it_by_name_and_shifted_weeks_are_marked(
    house: House, signed_in: SignIn
) -> None:
    """New York goes back a week after London."""
    abroad(house)
    house.clock.at = house.clock.at.replace(month=9)
    karim = signed_in("karim")
    page = karim.post(
        "/w/book/series",
        typed(house, karim, people=[house.cast.emil, house.cast.ines], date="2030-10-16", last="2030-11-13"),
    ).text
    assert "the clock of New York" in page
    assert page.count("11:00 in New York") == 4
    marked = re.findall(r'state--care">.*?(\d\d:\d\d) in New York', page, re.DOTALL)
    assert marked == ["12:00"]


def abroad(house: House) -> None:
    """Emil lives by the clock of New York."""
    with house.work(house.cast.karim) as work:
        details = people.details_of(work, house.cast.emil)
        change_details(work, house.cast.emil, replace(details, zone="America/New_York"))


def test_one_that_was_not_booked_is_moved_or_left_out(house: House, karim: Browser, serial: Serial) -> None:
    house.requested(child=house.cast.jonas, wall_start=nth_wall(2))
    house.requested(child=house.cast.jonas, wall_start=nth_wall(4))
    series = serial.asked()
    here, csrf = f"/w/series/{series.id}", karim.csrf()
    third, fifth = nth(series, 3).id, nth(series, 5).id
    wrong = karim.post(f"{here}/one/{third}/move", {"csrf": csrf, "date": "", "time": ""})
    assert wrong.status_code == 422
    no = karim.post(f"{here}/one/{third}/move", {"csrf": csrf, "date": "2030-05-29", "time": "16:30"})
    assert no.status_code == 409
    assert "has another visit then" in no.text
    yes = karim.post(f"{here}/one/{third}/move", {"csrf": csrf, "date": "2030-05-30", "time": "10:15"})
    assert yes.status_code == 303
    wrong = karim.post(f"{here}/one/{fifth}/call-off", {"csrf": csrf, "reason": "boredom"})
    assert wrong.status_code == 422
    assert (
        karim.post(f"{here}/one/{fifth}/call-off", {"csrf": csrf, "reason": "child_ill"}).status_code == 303
    )
    page = karim.get(here).text
    assert "Moved by itself. In the series it is on Wednesday 29 May at 16:00." in page
    assert "The child is ill" in page


def test_this_and_all_that_follow_go_on_in_another_way(house: House, karim: Browser, serial: Serial) -> None:
    series = serial.asked()
    way = f"/w/series/{series.id}/from/{nth(series, 4).id}"
    assert "This visit and all that follow" in karim.get(way).text
    values = {
        "csrf": karim.csrf(),
        "weekday": "thursday",
        "time": "17:30",
        "minutes": "45",
        "level": "supervised",
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
    }
    for field, wrong in (("weekday", "x"), ("time", "25:00"), ("minutes", "x"), ("level", "x"), ("duty", "")):
        for end in ("", "/check"):
            assert karim.post(way + end, values | {field: wrong}).status_code == 422
    before = house.snapshot()
    page = karim.post(f"{way}/check", values).text
    assert "Every Thursday at 17:30" in page
    assert page.count("Fits") == 5
    assert house.snapshot() == before
    done = karim.post(way, booking_form(page, way) | {"people": []})
    assert done.status_code == 303, done.text
    new = karim.get(done.headers["location"]).text
    assert "How it was before" in new
    old = karim.get(f"/w/series/{series.id}").text
    assert "How it goes on" in old
    assert "Goes on in another way" in old


def test_a_series_is_made_longer_and_ended(house: House, karim: Browser, serial: Serial) -> None:
    nearer(house, days=21)
    series = serial.asked()
    here, csrf = f"/w/series/{series.id}", karim.csrf()
    assert karim.post(f"{here}/longer", {"csrf": csrf, "last": "2030-05-20"}).status_code == 422
    assert karim.post(f"{here}/extend", {"csrf": csrf, "last": "2030-05-20"}).status_code == 422
    page = karim.post(f"{here}/longer", {"csrf": csrf, "last": "2030-07-17"}).text
    assert page.count("Is booked later") == 2
    assert (
        karim.post(f"{here}/extend", booking_form(page, f"{here}/extend") | {"people": []}).status_code == 303
    )
    assert len(the_series(house).instances) == 10
    assert karim.post(f"{here}/end", {"csrf": csrf, "reason": ""}).status_code == 422
    assert karim.post(f"{here}/end", {"csrf": csrf, "reason": "lockdown"}).status_code == 303
    ended = karim.get(here).text
    assert "Let it go on for longer" not in ended
    assert ended.count("Withdrawn") == 3
    assert ended.count("Left out") == 7


def test_an_approver_sees_the_series_and_changes_nothing(
    house: House, signed_in: SignIn, serial: Serial
) -> None:
    series, priya = serial.asked(), signed_in("priya")
    page = priya.get(f"/w/series/{series.id}").text
    assert "Every Wednesday at 16:00" in page
    assert "End the series" not in page
    assert "Change this and all that follow" not in page
    csrf = priya.csrf()
    for act, form in (("end", {"reason": "lockdown"}), ("extend", {"last": "2030-07-17"})):
        assert priya.post(f"/w/series/{series.id}/{act}", {"csrf": csrf} | form).status_code == 403
    assert house.overlaps() == 0


def test_an_approver_approves_all_that_wait_with_one_press(
    house: House, signed_in: SignIn, serial: Serial
) -> None:
    series, priya = serial.asked(), signed_in("priya")
    page = priya.get(f"/w/series/{series.id}").text
    assert "8 visits wait for a decision" in page
    sent = booking_form(page, f"/w/series/{series.id}/approve") | {"people": []}
    second = series.instances[1].visit
    assert second is not None
    with house.work(house.cast.karim) as work:  # changed since the approver looked, and still as many
        wall = second.starts_at.astimezone(ZoneInfo(second.zone)).replace(tzinfo=None)
        later = replace(wish_of(second), wall_start=wall + timedelta(minutes=30))
        assert not isinstance(inviting.change(work, second.id, later), Refused)
    assert priya.post(f"/w/series/{series.id}/approve", sent).status_code == 409
    assert {one.visit.state.value for one in serial.now(series).instances if one.visit} == {"requested"}
    sent = booking_form(priya.get(f"/w/series/{series.id}").text, f"/w/series/{series.id}/approve") | {
        "people": []
    }
    assert priya.post(f"/w/series/{series.id}/approve", sent).status_code == 303
    assert {one.visit.state.value for one in serial.now(series).instances if one.visit} == {"approved"}
    told = [
        sum(message.kind is MessageKind.REQUEST_DECIDED for message in house.messages(one.visit))
        for one in series.instances
        if one.visit
    ]
    assert told == [1, 0, 0, 0, 0, 0, 0, 0]
    karim = signed_in("karim")
    assert (
        karim.post(f"/w/series/{series.id}/approve", {"csrf": karim.csrf(), "seen": "0"}).status_code == 403
    )


def test_what_a_rule_refuses_goes_on_waiting_and_is_said(
    house: House, signed_in: SignIn, serial: Serial
) -> None:
    series, priya = serial.asked(), signed_in("priya")
    serial.terms(length=timedelta(minutes=20))
    answer = priya.post(
        f"/w/series/{series.id}/approve", {"csrf": priya.csrf(), "seen": serial.now(series).seen}
    )
    assert answer.status_code == 409
    assert "20 minutes" in answer.text
    assert {one.visit.state.value for one in serial.now(series).instances if one.visit} == {"requested"}
    assert house.overlaps() == 0
