"""Why not?  Asked on the booking page before and after a refusal, about anybody and any time."""

import re

import pytest

from contact_service.plans.actions import add_quiet_hours
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.terms import Frequency, Period
from tests.actions.test_plans_and_orders import approved, terms
from tests.cast import House
from tests.pages.conftest import SignIn
from tests.pages.test_people import entries, send


def wish(house: House, **form: object) -> dict[str, object]:
    known = {
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "date": "2030-05-15",
        "time": "16:00",
        "minutes": "30",
        "level": "supervised",
        "visit_supervisor": house.cast.lena,
        "duty": house.cast.priya,
        "reason": "Birthday",
    }
    return known | form


def test_what_can_be_booked_goes_back_to_the_form_with_everything_that_was_typed(
    house: House, signed_in: SignIn
) -> None:
    karim, before = signed_in("karim"), entries(house)
    status, page = send(karim, "/w/why", **wish(house))
    assert status == 200
    assert "Yes, this can be booked" in page
    answer = page.partition("answer-title")[2].partition("</section>")[0]
    # Who supervises was not asked.  A form's tokens are random letters, and no place to look for a rule.
    assert "R1" in re.sub(r'value="[^"]*"', "", answer)
    assert "R8" not in re.sub(r'value="[^"]*"', "", answer)
    filled = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer)) | {
        "people": re.findall(r'name="people" value="([^"]*)"', answer)
    }
    assert 'action="/w/book/filled"' in answer
    form = karim.post("/w/book/filled", filled)
    assert form.status_code == 200
    for kept in (
        'value="Birthday"',
        'value="2030-05-15"',
        'value="16:00"',
        f'value="{house.cast.priya}" selected',
    ):
        assert kept in form.text, kept
    assert re.search(rf'value="{house.cast.dana}" checked', form.text)
    assert entries(house) == before


def test_every_reason_stands_there_with_its_rule_and_the_page_where_it_is_changed(
    house: House, signed_in: SignIn
) -> None:
    approved(house, terms(house, frequency=Frequency(per=Period.WEEK, most=1)))
    school = QuietHours(
        kind=QuietKind.SCHOOL, window=Window(days=(Weekday.WEDNESDAY,), earliest=900, latest=1020)
    )
    with house.work(house.cast.karim) as work:
        add_quiet_hours(work, house.cast.mia, school)
    people = [house.cast.viktor, house.cast.dana, house.cast.rosa, house.cast.ines]
    _, page = send(signed_in("karim"), "/w/why", **wish(house, people=people, level="unsupervised"))
    child = f"/w/child/{house.cast.mia}"
    for rule, place in (("R1", "/plan"), ("R2", "#restrictions"), ("R7", "/plan"), ("R42", "/quiet")):
        assert re.search(rf'class="rule">{rule}<.*?href="{child}{place}"', page, re.DOTALL), rule
    assert "No other level, length or time of the next 14 days would do." in page
    assert "/w/book/filled" not in page


def test_the_smallest_change_is_said_and_put_into_the_booking(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    _, page = send(karim, "/w/why", **wish(house, minutes="60", level="monitored"))
    answer = page.partition("answer-title")[2].partition("</section>")[0]
    assert "The smallest change that would do" in answer
    assert "45 minutes" in answer
    assert "Supervised" in answer
    filled = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer))
    assert (filled["minutes"], filled["level"], filled["time"]) == ("45", "supervised", "16:00")


def test_another_time_is_said_by_the_clock_where_the_child_lives(house: House, signed_in: SignIn) -> None:
    saturday = Window(days=(Weekday.SATURDAY,), earliest=600, latest=720)
    approved(house, terms(house, window=saturday))
    _, page = send(signed_in("karim"), "/w/why", **wish(house))
    assert "Saturday 18 May, 11:00" in page
    answer = page.partition("answer-title")[2].partition("</section>")[0]
    assert 'name="date" value="2030-05-18"' in answer
    assert 'name="time" value="11:00"' in answer


def test_a_refusal_leads_to_its_remedies_and_to_the_question(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    assert 'formaction="/w/why"' in karim.get(f"/w/book?child={house.cast.mia}").text
    status, page = send(karim, "/w/book", **wish(house, level="unsupervised"))
    assert status == 409
    assert f'<a href="/w/child/{house.cast.mia}/plan">Look at the contact plan</a>' in page
    assert "Why not? Ask the rules" in page


def test_one_may_ask_about_people_whom_the_booking_page_does_not_offer(
    house: House, signed_in: SignIn
) -> None:
    page = signed_in("karim").get(f"/w/why?child={house.cast.jonas}").text
    for name in ("Viktor Stahl", "Mia Marlowe", "Dana Marlowe", "Ines Okafor"):
        assert name in page, name


def test_a_booked_visit_does_not_count_against_its_own_change(house: House, signed_in: SignIn) -> None:
    approved(house, terms(house, frequency=Frequency(per=Period.WEEK, most=1)))
    visit, karim = house.requested(), signed_in("karim")
    change = karim.get(f"/w/visit/{visit.id}/change").text
    assert f'name="visit" value="{visit.id}"' in change
    assert f'action="/w/visit/{visit.id}/change"' in change
    assert "R39" in send(karim, "/w/why", **wish(house, time="17:00"))[1].partition("<form")[2]
    _, page = send(karim, "/w/why", **wish(house, time="17:00", visit=visit.id))
    assert "Yes, this can be booked" in page
    _, form = send(karim, "/w/book/filled", **wish(house, time="17:00", visit=visit.id))
    assert f'action="/w/visit/{visit.id}/change"' in form


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("date", {"date": "soon"}),
        ("time", {"time": ""}),
        ("minutes", {"minutes": "long"}),
        ("level", {"level": "loose"}),
        ("people", {"people": ["0" * 32]}),
    ],
)
def test_a_question_that_cannot_be_read_is_said_at_its_field(
    house: House, signed_in: SignIn, field: str, form: dict[str, object]
) -> None:
    status, page = send(signed_in("karim"), "/w/why", **wish(house, **form))
    assert status == 422
    assert f'href="#{field}"' in page
    assert 'name="reason" value="Birthday"' in page


def test_a_time_that_the_clocks_skip_is_a_reason_too(house: House, signed_in: SignIn) -> None:
    _, page = send(signed_in("karim"), "/w/why", **wish(house, date="2031-03-30", time="01:30"))
    assert "R9" in page
    assert "Not like this" in page


@pytest.mark.parametrize(
    "form",
    [
        {"date": "2200-12-31"},
        {"date": "1900-01-01"},
        {"minutes": "-30"},
        {"minutes": "99999999"},
        {"people": []},
    ],
)
def test_the_oddest_question_has_an_answer(house: House, signed_in: SignIn, form: dict[str, object]) -> None:
    status, page = send(signed_in("karim"), "/w/why", **wish(house, **form))
    assert status == 200
    assert "Not like this" in page


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_year_with_a_slip_is_told(house: House, signed_in: SignIn, day: str) -> None:
    status, page = send(signed_in("karim"), "/w/why", **wish(house, date=day))
    assert status == 422
    assert "Look at the year" in page


def test_only_a_worker_with_the_child_asks(house: House, signed_in: SignIn) -> None:
    for name in ("priya", "lena", "noor", "ola"):
        assert send(signed_in(name), "/w/why", **wish(house))[0] == 403, name
    karim = signed_in("karim")
    assert send(karim, "/w/why", **wish(house, child="0" * 32))[0] == 404
    assert send(karim, "/w/why", **wish(house, visit="0" * 32))[0] == 404
    assert send(karim, "/w/book/filled", **wish(house, visit="0" * 32))[0] == 404
