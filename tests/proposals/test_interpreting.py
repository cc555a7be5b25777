"""Times among which a family chooses, and other times for whoever cannot come, with somebody who interprets in each."""

from datetime import date, datetime

import pytest

from contact_service.claims.queries import claims_of
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.proposals.actions import replying
from contact_service.proposals.proposal import Answer
from contact_service.proposals.queries import replies_to
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.visit import Visit, VisitState
from contact_service.working_hours.actions import add_family_absence
from tests.actions.test_interpreter import another_interpreter, with_interpreter
from tests.cast import House
from tests.proposals.helpers import FRIDAY, HALF_AN_HOUR, choice, choose, opened, propose

pytestmark = pytest.mark.rule("R51")


def away(house: House, person: PersonId, day: date) -> None:
    with house.work(house.cast.karim) as work:
        add_family_absence(work, person, (day, day), zone="Europe/London")


def held(house: House, visit: Visit, person: PersonId) -> set[datetime]:
    """The days at which the visit holds somebody."""
    with house.reading(house.cast.karim) as work:
        return {one.span.starts_at for one in claims_of(work, visit.id) if one.span.who == person}


def people(house: House, visit: Visit) -> set[PersonId]:
    return {*wish_of(house.visit(visit.id)).people}


def test_every_time_holds_whoever_interprets_and_the_chosen_one_books_them(house: House) -> None:
    ida = with_interpreter(house)
    visit = opened(house)
    assert [one.interpreter for one in choice(house, visit).times] == [ida] * 3
    assert len(held(house, visit, ida)) == 3
    booked = choose(house, visit, 2)
    assert isinstance(booked, Visit)
    assert people(house, booked) == {house.cast.dana, ida}
    assert len(held(house, booked, ida)) == 1
    assert house.secret(booked, ida)
    assert house.overlaps() == 0


def test_another_may_interpret_at_another_time_and_is_in_the_visit_that_is_booked(house: House) -> None:
    ida = with_interpreter(house)
    otto = another_interpreter(house)
    away(house, ida, date(2030, 5, 18))
    away(house, otto, date(2030, 5, 17))
    visit = opened(house)
    first, second, third = (one.interpreter for one in choice(house, visit).times)
    assert (first, second) == (ida, otto)
    assert third in {ida, otto}
    starts = [one.starts_at for one in choice(house, visit).times]
    assert starts[1] in held(house, visit, otto)
    assert starts[1] not in held(house, visit, ida)
    assert people(house, visit) == {house.cast.dana, ida}
    booked = choose(house, visit, 2)
    assert isinstance(booked, Visit)
    assert people(house, booked) == {house.cast.dana, otto}
    assert held(house, booked, otto) == {starts[1]}
    assert held(house, booked, ida) == set()
    assert house.secret(booked, otto)


def test_whoever_interprets_is_not_taken_elsewhere_while_the_family_chooses(house: House) -> None:
    ida = with_interpreter(house)
    opened(house)
    with house.work(house.cast.karim) as work:
        wish = house.wish(child=house.cast.jonas, people=(ida,), wall_start=FRIDAY)
        refused = inviting.request_visit(work, wish)
    assert isinstance(refused, Refused)
    assert "R55" in refused.rules


def test_a_time_at_which_nobody_interprets_is_not_proposed(house: House) -> None:
    ida = with_interpreter(house)
    away(house, ida, date(2030, 5, 18))
    answer = propose(house)
    assert isinstance(answer, Refused)
    assert [reason.code for reason in answer.reasons] == ["no_interpreter"]


def cannot(house: House, visit: Visit, starts_at: datetime) -> Refused | None:
    with house.as_family(house.cast.dana) as work:
        replying.answer(work, visit.id, Answer.CANNOT)
        return replying.ask_other_time(work, visit.id, starts_at)


def test_another_time_that_is_asked_for_holds_whoever_interprets_then(house: House) -> None:
    ida = with_interpreter(house)
    otto = another_interpreter(house)
    visit = house.approved(people=(house.cast.dana, ida))
    at = datetime.fromisoformat("2030-05-20T15:00:00+00:00")
    away(house, ida, at.date())
    assert cannot(house, visit, at) is None
    assert at in held(house, visit, otto)
    assert at not in held(house, visit, ida)
    assert visit.starts_at in held(house, visit, ida)
    with house.reading(house.cast.karim) as work:
        wants = replies_to(work, house.visit(visit.id))[house.cast.dana].wants
    assert wants == (at, at + HALF_AN_HOUR)


def test_another_time_at_which_nobody_interprets_is_refused(house: House) -> None:
    ida = with_interpreter(house)
    visit = house.approved(people=(house.cast.dana, ida))
    at = datetime.fromisoformat("2030-05-20T15:00:00+00:00")
    away(house, ida, at.date())
    refused = cannot(house, visit, at)
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == ["no_interpreter"]
    assert house.state(visit) is VisitState.APPROVED
