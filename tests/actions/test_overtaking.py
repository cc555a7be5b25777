"""Whoever comes a moment too late hears so at once, and nothing else; whoever comes later hears every reason."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.visits.visit import Visit
from tests.cast import House

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
# What asking costs now; all that the rules ask are more than thirty besides.
QUESTIONS = 16
pytestmark = pytest.mark.rule("R55")


def ask(house: House, **changes: Any) -> Visit | Refused:  # noqa: ANN401
    with house.work(house.cast.karim) as work:
        return inviting.request_visit(work, house.wish(**changes))


def said(result: Visit | Refused) -> list[tuple[str, str]]:
    assert isinstance(result, Refused), result
    return [(reason.rule, str(dict(reason.problem.values).get("name", ""))) for reason in result.reasons]


TAKEN = [("R55", "Mia"), ("R55", "Dana"), ("R55", "Ines"), ("R55", "Lena Voss")]


def test_whoever_comes_a_moment_too_late_hears_who_is_taken_and_no_other_reason(house: House) -> None:
    house.requested()
    house.clock.forward(59 * SECOND)
    assert said(ask(house, duty=None)) == TAKEN
    entry: Any = house.last_entry()
    assert entry["decision"]["rules"] == ["R55"]


def test_whoever_comes_later_hears_every_reason(house: House) -> None:
    house.requested()
    house.clock.forward(MINUTE)
    assert said(ask(house, duty=None)) == [("R8", ""), *TAKEN]


def test_only_who_was_claimed_a_moment_ago_is_named(house: House) -> None:
    house.requested()
    house.clock.forward(SECOND)
    other = ask(house, child=house.cast.jonas, people=(house.cast.dana,), caregiver=house.cast.ines)
    assert said(other) == [("R55", "Dana"), ("R55", "Ines"), ("R55", "Lena Voss")]


def test_another_time_is_asked_about_as_always(house: House) -> None:
    first = house.requested()
    house.clock.forward(SECOND)
    again = ask(house, wall_start=house.wish().wall_start + timedelta(hours=1))
    assert isinstance(again, Visit)
    assert again.id != first.id


def test_who_sends_a_form_twice_does_not_overtake_themselves(house: House) -> None:
    with house.work(house.cast.karim) as work:
        first = inviting.request_visit(work, house.wish(), visit_id="ab" * 16)
    house.clock.forward(SECOND)
    with house.work(house.cast.karim) as work:
        assert inviting.request_visit(work, house.wish(), visit_id="ab" * 16) == first


def test_what_one_transaction_asks_for_itself_is_judged_by_every_rule(house: House) -> None:
    with house.work(house.cast.karim) as work:
        assert isinstance(inviting.request_visit(work, house.wish()), Visit)
        assert said(inviting.request_visit(work, house.wish(duty=None))) == [("R8", ""), *TAKEN]


def test_coming_too_late_costs_few_questions(house: House) -> None:
    house.requested()
    house.clock.forward(SECOND)
    statements: list[str] = []
    engine = house.installation.engine

    def note(*args: Any) -> None:  # noqa: ANN401
        statements.append(args[2])

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert said(ask(house)) == TAKEN
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(statements) <= QUESTIONS
