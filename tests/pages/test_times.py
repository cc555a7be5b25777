"""Times that fit, on the page of whoever books: taking one fills the form, and asks for nothing."""

import html
import re
from dataclasses import replace

import pytest

from contact_service.demo.brother import Brother
from contact_service.people.actions.members import change_details
from contact_service.people.queries.members import details_of
from contact_service.plans.actions import add_quiet_hours
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.visits.actions import staffing
from contact_service.working_hours.actions import add_family_hours
from tests.cast import House
from tests.pages.conftest import Browser, SignIn

SCHOOL = QuietHours(
    kind=QuietKind.SCHOOL, window=Window(days=tuple(Weekday)[:5], earliest=8 * 60, latest=15 * 60)
)
SUNDAYS = QuietHours(kind=QuietKind.OTHER, window=Window(days=(Weekday.SUNDAY,), earliest=0, latest=1440))

AFTERNOONS = QuietHours(kind=QuietKind.OTHER, window=Window(earliest=12 * 60, latest=1440))


def wanted(house: House, one: Browser, **more: object) -> dict[str, object]:
    """Mia and her mother, no time chosen yet."""
    return {
        "csrf": one.csrf(),
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "minutes": "30",
        "level": "supervised",
        "duty": house.cast.priya,
        "reason": "Her birthday",
    } | more


def hidden(page: str, place: int = 0) -> dict[str, object]:
    """What the form at ``place`` of those that fill the booking form would post."""
    form = re.findall(r'<form method="post" action="/w/book/filled">.*?</form>', page, re.DOTALL)[place]
    pairs = re.findall(r'name="([a-z_]+)" value="([^"]*)"', form)
    found: dict[str, object] = {name: html.unescape(value) for name, value in pairs}
    return found | {"people": [value for name, value in pairs if name == "people"]}


def test_who_would_be_free_at_another_hour_of_a_day_is_said(house: House, signed_in: SignIn) -> None:
    """Dana can come and Mia is at home in the mornings, and Lena works from two, with a quarter hour before."""
    mornings, afternoons = (Window(earliest=a * 60, latest=b * 60) for a, b in ((9, 12), (14, 18)))
    with house.work(house.cast.karim) as work:
        add_family_hours(work, house.cast.dana, mornings, zone="Europe/London")
        add_quiet_hours(work, house.cast.mia, AFTERNOONS)
    with house.work(house.cast.lena) as work:
        staffing.add_hours(work, house.cast.lena, afternoons, zone="Europe/London")
    karim = signed_in("karim")
    page = karim.post("/w/book/times", wanted(house, karim)).text
    assert "Lena Voss suits and is free from 14:15." in page
    assert "No visit supervisor is free.<br>" in page
    assert "Apart from that, everybody is free at 09:00." in page


def test_where_too_much_stands_in_the_way_it_is_said_what_to_do(house: House, signed_in: SignIn) -> None:
    """Each of four can at an hour of their own alone."""
    with house.work(house.cast.karim) as work:
        for hour, person in ((9, house.cast.dana), (11, house.cast.emil), (13, house.cast.rosa)):
            window = Window(earliest=hour * 60, latest=hour * 60 + 60)
            add_family_hours(work, person, window, zone="Europe/London")
        add_family_hours(work, house.cast.ines, Window(earliest=900, latest=960), zone="Europe/London")
        add_quiet_hours(work, house.cast.mia, AFTERNOONS)
    karim = signed_in("karim")
    those = [house.cast.dana, house.cast.emil, house.cast.rosa, house.cast.ines]
    page = karim.post("/w/book/times", wanted(house, karim, people=those, minutes="60")).text
    assert "No time fits in the next four weeks." in page
    assert "Everybody is free then" not in page
    assert "Several things at once." not in page
    assert "say who comes only if they can" in page


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("America/New_York", "10:00 in New York"), ("Pacific/Auckland", "Thu 16 May, 02:00 in Auckland")],
)
def test_each_time_says_what_the_clocks_of_others_show(
    house: House, signed_in: SignIn, zone: str, shown: str
) -> None:
    """Three in the afternoon in London is the middle of the night elsewhere: whoever chooses has to see it."""
    with house.work(house.cast.karim) as work:
        emil = details_of(work, house.cast.emil)
        change_details(work, house.cast.emil, replace(emil, zone=zone))
    karim = signed_in("karim")
    page = karim.post("/w/book/times", wanted(house, karim, people=[house.cast.emil, house.cast.ines])).text
    assert "The times are those of London. Emil: the clock of" in page
    assert shown in page


def test_a_time_that_fits_is_taken_and_booked(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    with house.work(house.cast.karim) as work:
        for quiet in (SCHOOL, SUNDAYS):
            add_quiet_hours(work, house.cast.mia, quiet)
    before = house.snapshot()
    page = karim.post("/w/book/times", wanted(house, karim)).text
    assert page.count("Take this time") == 8
    assert "Soon after school" in page
    assert "Lena Voss supervises." in page
    assert "Days without a time: 4" in page
    assert "Mia has no visits at those hours." in page
    first = hidden(page)
    filled = karim.post("/w/book/filled", first)
    assert filled.status_code == 200
    assert house.snapshot() == before
    assert 'value="Her birthday"' in filled.text
    assert re.search(r'name="date"[^>]*value="2030-05-\d\d"', filled.text)
    asked = karim.post("/w/book", first | {"once": ""})
    assert asked.status_code == 303, asked.text


def test_the_way_back_keeps_what_was_typed(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    page = karim.post("/w/book/times", wanted(house, karim, date="2030-06-01", time="11:00")).text
    back = hidden(page, -1)
    assert (back["date"], back["time"], back["reason"]) == ("2030-06-01", "11:00", "Her birthday")
    assert back["people"] == [house.cast.dana, house.cast.ines]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"people": []}, "Choose who meets first."),
        ({"people": ["dana"]}, "Choose the caregiver who starts the visit."),
        ({"minutes": "soon"}, "Choose how long the visit lasts."),
        ({"people": ["viktor", "ines"]}, None),
    ],
)
def test_a_question_that_is_not_whole_says_what_is_missing(
    house: House, signed_in: SignIn, changes: dict[str, object], text: str | None
) -> None:
    karim = signed_in("karim")
    if people := changes.get("people"):
        assert isinstance(people, list)
        changes = {"people": [getattr(house.cast, name) for name in people]}
    answer = karim.post("/w/book/times", wanted(house, karim, **changes))
    if text is None:  # nobody books Viktor: no time is offered
        assert "No time fits in the next four weeks." in answer.text
        return
    assert answer.status_code == 422
    assert text in answer.text


def test_a_booked_visit_is_moved_to_a_time_that_fits(house: House, signed_in: SignIn) -> None:
    karim, visit = signed_in("karim"), house.requested()
    page = karim.post("/w/book/times", wanted(house, karim, visit=visit.id)).text
    taken = hidden(page)
    assert taken["visit"] == visit.id
    assert f'action="/w/visit/{visit.id}/change"' in karim.post("/w/book/filled", taken).text


def test_a_brother_who_shares_it_is_asked_for_too(house: House, brother: Brother, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    share = f"{brother.finn}:{brother.tomas}"
    page = karim.post("/w/book/times", wanted(house, karim, sharing=share)).text
    assert "With Dana and Finn" in page
    assert hidden(page)["sharing"] == share


def test_only_workers_ask_and_only_about_their_own(house: House, signed_in: SignIn) -> None:
    lena, karim = signed_in("lena"), signed_in("karim")
    assert lena.post("/w/book/times", wanted(house, lena)).status_code == 403
    assert karim.post("/w/book/times", wanted(house, karim, child="0" * 32)).status_code == 404
