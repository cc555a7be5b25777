"""When a child moves to another home, somebody is asked to check the school calendar; nothing is unlinked by itself."""

from datetime import date

import pytest

from contact_service.calendars.actions import add_calendar, link
from contact_service.calendars.calendar import Effect
from contact_service.calendars.queries import links_about
from contact_service.follow_ups.follow_up import FollowUp, FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.people.placement import Days, NewPlacement, PlaceWords
from contact_service.visits.actions.placing import place
from tests.cast import House
from tests.pages.conftest import SignIn, app, signed_in as signed_in_page

signed_in = signed_in_page
__all__ = ["app"]
MOVE = date(2030, 6, 1)


def school(house: House, effect: Effect = Effect.NO_SCHOOL) -> str:
    with house.work(house.cast.priya) as work:
        calendar = add_calendar(work, "Holidays of Hill School", effect)
        link(work, calendar, house.cast.mia)
    return calendar


def lives(house: House, name: str, first: date, last: date | None = None) -> None:
    with house.work(house.cast.karim) as work:
        days = Days(first=first, last=last)
        words = PlaceWords(name=name)
        place(
            work, NewPlacement(child=house.cast.mia, carer=None, days=days, confidential=False, words=words)
        )


def asked(house: House) -> list[FollowUp]:
    with house.reading(house.cast.karim) as work:
        return [one for one in open_follow_ups(work) if one.kind is FollowUpKind.SCHOOL_CALENDAR]


def test_after_a_move_the_worker_checks_the_school_calendar_which_still_counts(
    house: House, signed_in: SignIn
) -> None:
    calendar = school(house)
    lives(house, "First home", date(2029, 1, 1))
    assert asked(house) == []
    lives(house, "Second home", MOVE)
    [one] = asked(house)
    assert one.person == house.cast.mia
    assert one.due_at.date() == date(2030, 5, 31)  # midnight in London
    with house.reading(house.cast.karim) as work:
        assert [each.calendar.id for each in links_about(work, house.cast.mia)] == [calendar]
    page = signed_in("karim").get("/w/today").text
    assert "Mia has another home. Check whether the school is still the same" in page
    assert f"/w/child/{house.cast.mia}/calendars" in page


def test_a_second_move_is_asked_about_again(house: House) -> None:
    school(house)
    for name, first in (("A", date(2029, 1, 1)), ("B", MOVE), ("C", date(2030, 9, 1))):
        lives(house, name, first)
    assert len(asked(house)) == 2


@pytest.mark.parametrize("effect", [None, Effect.NO_VISITS])
def test_without_a_school_calendar_nobody_is_asked(house: House, effect: Effect | None) -> None:
    if effect is not None:
        school(house, effect)
    lives(house, "First home", date(2029, 1, 1))
    lives(house, "Second home", MOVE)
    assert asked(house) == []


def test_a_home_of_long_ago_that_is_written_down_now_is_no_move(house: House) -> None:
    school(house)
    lives(house, "First home", date(2028, 1, 1), date(2028, 12, 31))
    lives(house, "Between", date(2029, 1, 1), date(2029, 3, 1))
    assert asked(house) == []
