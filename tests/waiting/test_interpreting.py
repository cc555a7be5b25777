"""Freed time is offered with somebody who interprets where nobody would understand, and is held with them."""

from dataclasses import replace
from datetime import date

import pytest

from contact_service.ids import PersonId
from contact_service.people.actions.members import change_details
from contact_service.people.language import Language
from contact_service.people.queries.members import details_of
from contact_service.plans.hours import Weekday, Window
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.visit import Visit
from contact_service.waiting.queries.serving import InVain, in_vain
from contact_service.waiting.waiting import Entry, TimeFits
from contact_service.working_hours.actions import add_family_absence, end_family_absence
from tests.actions.test_interpreter import another_interpreter, with_interpreter
from tests.pages.conftest import SignIn, app, signed_in as signed_in_page
from tests.waiting.listed import WEDNESDAY, Listed
from tests.waiting.test_who_waits_in_vain import enabled

signed_in = signed_in_page
__all__ = ["app"]
pytestmark = pytest.mark.rule("R51")


def away(listed: Listed, person: PersonId, day: date = WEDNESDAY) -> str:
    with listed.house.work(listed.house.cast.karim) as work:
        return add_family_absence(work, person, (day, day), zone="Europe/London")


def mia_waits(listed: Listed) -> tuple[Visit, Entry]:
    """Jonas has the time that Mia and Dana wait for."""
    taken = listed.house.requested(child=listed.house.cast.jonas, people=(listed.house.cast.emil,))
    return taken, listed.add(child=listed.house.cast.mia)


def speaks(listed: Listed, person: PersonId, *tags: str) -> None:
    with listed.house.work(listed.house.cast.karim) as work:
        known = tuple(Language(tag=tag) for tag in tags)
        change_details(work, person, replace(details_of(work, person), languages=known))


def test_freed_time_is_held_and_booked_with_whoever_interprets(listed: Listed) -> None:
    ida = with_interpreter(listed.house)
    taken, entry = mia_waits(listed)
    listed.call_off(taken)
    listed.look()
    offer = listed.offered(entry)
    assert offer.interpreter == ida
    assert ida in {one.span.who for one in listed.held(offer)}
    booked = listed.book(offer)
    assert isinstance(booked, Visit)
    assert set(wish_of(booked).people) == {listed.house.cast.dana, ida}
    assert ida in listed.house.claimed(booked)
    assert listed.house.overlaps() == 0


def test_nothing_is_offered_until_somebody_who_interprets_is_free(listed: Listed) -> None:
    ida = with_interpreter(listed.house)
    absence = away(listed, ida)
    taken, entry = mia_waits(listed)
    listed.call_off(taken)
    listed.look()
    assert listed.offer(entry) is None
    with listed.house.work(listed.house.cast.karim) as work:
        end_family_absence(work, ida, absence)
    listed.look()
    assert listed.offered(entry).interpreter == ida


def test_of_several_one_who_is_free_is_held(listed: Listed) -> None:
    ida = with_interpreter(listed.house)
    otto = another_interpreter(listed.house)
    away(listed, ida)
    taken, entry = mia_waits(listed)
    listed.call_off(taken)
    listed.look()
    assert listed.offered(entry).interpreter == otto


def test_where_a_time_with_an_interpreter_fits_nothing_need_wait(listed: Listed) -> None:
    with_interpreter(listed.house)
    with pytest.raises(TimeFits):
        listed.add(child=listed.house.cast.mia, window=Window(days=(Weekday.WEDNESDAY,)))


def test_the_page_says_that_nobody_could_interpret(listed: Listed, signed_in: SignIn) -> None:
    ida = with_interpreter(listed.house)
    mia_waits(listed)
    karim = signed_in("karim")
    silent = "nobody in the plan could interpret"
    assert silent not in karim.get("/w/waiting").text
    speaks(listed, ida, "so")
    assert silent in karim.get("/w/waiting").text
    speaks(listed, listed.house.cast.dana, "en")
    assert silent not in karim.get("/w/waiting").text


def test_the_page_names_whoever_interprets_in_what_is_offered(listed: Listed, signed_in: SignIn) -> None:
    with_interpreter(listed.house)
    taken, entry = mia_waits(listed)
    listed.call_off(taken)
    listed.look()
    page = signed_in("karim").get(f"/w/waiting/offer/{listed.offered(entry).id}").text
    assert "Ida interprets." in page


@pytest.mark.parametrize("chosen", [True, False])
def test_the_page_says_where_nobody_can_supervise(listed: Listed, signed_in: SignIn, *, chosen: bool) -> None:
    cast = listed.house.cast
    listed.house.requested()
    entry = listed.add(supervisor=cast.lena if chosen else None)
    karim = signed_in("karim")
    with listed.house.reading(cast.karim) as work:
        assert in_vain(work, listed.now(entry)) is None
    enabled(listed, cast.lena, disabled_at=listed.house.clock.at)
    with listed.house.reading(cast.karim) as work:
        said = in_vain(work, listed.now(entry))
    assert said is (InVain.CHOSEN_CANNOT if chosen else InVain.NO_SUPERVISOR)
    words = "Whoever was chosen to supervise" if chosen else "No visit supervisor suits it."
    assert words in karim.get("/w/waiting").text
