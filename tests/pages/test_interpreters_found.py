"""Where whoever watches would not understand, a time needs somebody of the plan who interprets and is free."""

import re
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from contact_service.identity import actions as identity
from contact_service.ids import AccountId, PersonId
from contact_service.invitations.actions import inviting
from contact_service.people.actions.members import change_details
from contact_service.people.language import Language
from contact_service.people.queries.members import details_of
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.visits.queries.offered import Times
from contact_service.visits.queries.offering import times_for
from contact_service.working_hours.actions import add_family_absence, add_family_hours
from tests.actions.test_interpreter import another_interpreter, with_interpreter
from tests.actions.test_suiting import another_supervisor
from tests.cast import House
from tests.pages.conftest import SignIn

pytestmark = pytest.mark.rule("R51")
LONDON = ZoneInfo("Europe/London")


def offered(house: House, *, interpreter: bool = True, **changes: object) -> Times:
    with house.reading(house.cast.karim) as work:
        wish = house.wish(**{"supervisor": None} | changes)
        return times_for(work, wish, with_interpreter=interpreter)


def interpreting(times: Times) -> set[PersonId | None]:
    return {one.interpreter for one in times.offers}


def days(times: Times) -> set[date]:
    return {one.starts_at.astimezone(LONDON).date() for one in times.offers}


def test_somebody_who_interprets_is_found_and_the_offer_can_be_booked(house: House) -> None:
    ida = with_interpreter(house)
    times = offered(house)
    assert interpreting(times) == {ida}
    assert offered(house, interpreter=False).offers == ()
    start = times.offers[0].starts_at.astimezone(LONDON).replace(tzinfo=None)
    with house.work(house.cast.karim) as work:
        wish = house.wish(people=(house.cast.dana, ida), wall_start=start)
        assert not isinstance(inviting.request_visit(work, wish), Refused)


def test_with_a_supervisor_who_understands_nobody_interprets(house: House) -> None:
    with_interpreter(house)
    sam = another_supervisor(house)
    with house.work(house.cast.ola) as work:
        identity.set_languages(work, sam, [Language(tag="pl")])
    assert interpreting(offered(house, supervisor=sam)) == {None}
    both = offered(house)
    assert {(one.supervisors[0], one.interpreter is None) for one in both.offers} <= {
        (sam, True),
        (house.cast.lena, False),
    }


def understanding(house: House, name: str, language: str) -> AccountId:
    account = another_supervisor(house, name)
    with house.work(house.cast.ola) as work:
        identity.set_languages(work, account, [Language(tag=language), Language(tag="en")])
    return account


def test_nobody_interprets_where_a_supervisor_who_understands_is_free(house: House) -> None:
    """However often the others have watched, and whoever of them was asked first."""
    with_interpreter(house)
    able = {understanding(house, name, "pl") for name in ("Aaron", "Zoe")}
    [another_supervisor(house, name) for name in ("Abel", "Zack")]
    times = offered(house)
    assert interpreting(times) == {None}
    assert times.offers
    assert {one for offer in times.offers for one in offer.supervisors} == able


def test_the_other_supervisors_of_a_time_are_helped_by_the_same_interpreter(house: House) -> None:
    """Ida knows Polish and French: that helps those alone who understand French."""
    ida = with_interpreter(house)
    with house.work(house.cast.karim) as work:
        french = (Language(tag="pl"), Language(tag="fr"))
        change_details(work, ida, replace(details_of(work, ida), languages=french))
    able = {understanding(house, name, "fr") for name in ("Aaron", "Zoe")}
    times = offered(house)
    assert interpreting(times) == {ida}
    assert {one for offer in times.offers for one in offer.supervisors} == able


def test_only_the_hours_of_whoever_interprets_are_offered(house: House) -> None:
    ida = with_interpreter(house)
    tuesdays = Window(days=(Weekday.TUESDAY,), earliest=9 * 60, latest=12 * 60)
    with house.work(house.cast.karim) as work:
        add_family_hours(work, ida, tuesdays, zone="Europe/London")
        add_family_absence(work, ida, (date(2030, 5, 21), date(2030, 5, 21)), zone="Europe/London")
    times = offered(house)
    assert days(times) == {date(2030, 5, 28), date(2030, 6, 4)} | (days(times) & {date(2030, 6, 11)})
    assert all(9 <= one.starts_at.astimezone(LONDON).hour < 12 for one in times.offers)
    without = {why for one in times.without for why in one.why}
    assert ("interpreter", "") in without


def test_whoever_interprets_elsewhere_is_not_free(house: House) -> None:
    """Her only hour of that day is taken; a week later it is free."""
    ida = with_interpreter(house)
    house.approved(people=(house.cast.dana, ida), wall_start=datetime(2030, 5, 21, 10, 0))  # noqa: DTZ001
    with house.work(house.cast.karim) as work:
        hour = Window(days=(Weekday.TUESDAY,), earliest=10 * 60, latest=10 * 60 + 45)
        add_family_hours(work, ida, hour, zone="Europe/London")
    sam = another_supervisor(house)
    times = offered(house, supervisor=sam, people=(house.cast.dana,))
    assert date(2030, 5, 21) not in days(times)
    assert date(2030, 5, 28) in days(times)


def test_whoever_does_not_know_the_language_or_is_no_adult_interprets_for_nobody(house: House) -> None:
    ida = with_interpreter(house)
    for wrong in ({"languages": (Language(tag="so"), Language(tag="en"))}, {"born_on": "2015-01-01"}):
        with house.work(house.cast.karim) as work:
            before = details_of(work, ida)
            change_details(work, ida, replace(before, **wrong))
        times = offered(house)
        assert times.offers == ()
        assert {reason.rule for one in times.without for reason in one.reasons} == {"R51"}
        with house.work(house.cast.karim) as work:
            change_details(work, ida, before)
    assert interpreting(offered(house)) == {ida}


def test_the_page_of_times_names_whoever_interprets_and_takes_them_along(
    house: House, signed_in: SignIn
) -> None:
    ida = with_interpreter(house)
    karim = signed_in("karim")
    form: dict[str, object] = {
        "child": house.cast.mia,
        "people": [house.cast.dana, house.cast.ines],
        "minutes": "30",
        "level": "supervised",
    }
    page = karim.post("/w/book/times", {"csrf": karim.csrf(), "once": "", **form}).text
    assert "Lena Voss supervises. Ida interprets." in page
    assert f'name="people" value="{ida}"' in page
    walls = re.findall(r'name="times" value="([^"]+)"', page)
    propose = form | {"csrf": karim.csrf(), "once": "c" * 32, "times": walls[:2], "duty": house.cast.priya}
    asked = karim.post("/w/book/propose", propose | {"asked": [house.cast.dana]})
    assert asked.status_code == 303, asked.text
    assert karim.get(asked.headers["location"]).text.count("Ida interprets.") == 2


def test_a_visit_that_moves_is_filled_in_with_whoever_interprets_then(
    house: House, signed_in: SignIn
) -> None:
    ida = with_interpreter(house)
    otto = another_interpreter(house)
    visit = house.approved(people=(house.cast.dana, ida))
    with house.work(house.cast.karim) as work:
        add_family_absence(work, ida, (date(2030, 5, 20), date(2030, 5, 20)), zone="Europe/London")
    karim = signed_in("karim")

    def ticked(to: str) -> set[str]:
        page = karim.get(f"/w/visit/{visit.id}/change?to={to}").text
        return set(re.findall(r'name="people"[^>]*value="([0-9a-f]+)"[^>]*checked', page)) & {ida, otto}

    assert ticked("2030-05-20T15:00:00Z") == {otto}
    assert ticked("2030-05-21T15:00:00Z") == {ida}
