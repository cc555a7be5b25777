"""A series that children of two cases share, from a place that clears contact for a while only."""

from datetime import date, timedelta

import pytest

from contact_service.actor import COMMAND_LINE, Role
from contact_service.clearances import actions
from contact_service.clearances.clearance import Answer
from contact_service.demo.brother import Brother
from contact_service.identity.actions import add_account
from contact_service.ids import AccountId
from contact_service.people.actions.members import put_on_caseload
from contact_service.pools.actions import add_pool
from contact_service.series.queries.finding import as_may_be_seen, series_for
from contact_service.series.series import Series
from contact_service.visits.actions import clearing, pooling
from tests.cast import NOON, PASSWORD, House
from tests.series.asked import WEDNESDAY, Serial, nearer, states

pytestmark = pytest.mark.rule("R68")


def cleared_until(house: House, brother: Brother, last: date | None) -> str:
    """Tomas brings Finn from a unit that lets both meet Mia until a day; returns what it was asked about Finn."""
    with house.work(house.cast.karim) as work:
        unit = add_pool(work, "Hill House", 2, zone="Europe/London")
        clearing.set_desk(work, unit, "desk@hill-house.example")
        pooling.link(work, brother.tomas, unit, NOON.date(), None)
        people = (brother.tomas, brother.finn)
        asked = [actions.ask(work, person, house.cast.mia, unit) for person in people]
        for person, one in zip(people, asked, strict=True):
            clearing.answer(work, person, one, Answer.GRANTED, reference="HH 7", last=last)
    return asked[-1]


def why(house: House, reader: AccountId, series: Series) -> list[tuple[str, ...]]:
    with house.reading(reader) as work:
        return [one.why for one in as_may_be_seen(work, series_for(work, series.id)).instances]


def test_what_is_left_out_says_why_to_those_alone_who_work_with_each_child(
    serial: Serial, brother: Brother
) -> None:
    house = serial.house
    cleared_until(house, brother, WEDNESDAY)
    made = serial.asked(sharing=brother.shares, last=WEDNESDAY + timedelta(weeks=1))
    assert states(made) == ["booked", "left_out"]
    with house.as_actor(COMMAND_LINE) as work:
        mona = add_account(
            work, email="mona@demo.example", name="Mona Lund", roles=(Role.WORKER,), password=PASSWORD
        )
    with house.work(house.cast.karim) as work:
        put_on_caseload(work, house.cast.case, mona)
    assert why(house, house.cast.karim, made) == [(), ("R68/clearance_expired",)]
    assert why(house, mona, made) == [(), ("R54/another_child_unsettled",)]


def test_the_log_of_the_other_child_does_not_say_why_one_that_comes_within_reach_is_left_out(
    serial: Serial, brother: Brother
) -> None:
    house = serial.house
    nearer(house, days=7)
    finns = cleared_until(house, brother, None)
    made = serial.asked(sharing=brother.shares, last=WEDNESDAY + timedelta(weeks=1))
    assert states(made) == ["booked", "planned"]
    with house.work(house.cast.karim) as work:
        clearing.answer(work, brother.finn, finns, Answer.REFUSED, reference="HH 8")
    before = len(house.entries())
    house.clock.forward(timedelta(days=7))
    serial.night()
    assert states(serial.now(made))[-1] == "left_out"
    [asked] = [one for one in house.entries()[before:] if one.type == "follow_up.made"]
    assert (asked.fields["reason"], asked.fields["decision"]["rules"]) == ("series_left_out", ["R54"])
    assert "R68" not in repr([one.fields for one in house.entries()[before:]])
