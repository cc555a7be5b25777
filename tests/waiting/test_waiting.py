"""Freed time is held for whoever waits, in the order of the list, and is booked, let go, or handed on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contact_service.database import metadata
from contact_service.errors import BadInput, NotFound
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.ids import AccountId
from contact_service.invitations.actions import inviting
from contact_service.people.actions.members import put_on_caseload
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.visits.visit import Visit, VisitState
from contact_service.waiting.actions.adding import take_off
from contact_service.waiting.actions.answering import book_offer, let_go
from contact_service.waiting.queries.finding import offers_within_reach, waiting_within_reach
from contact_service.waiting.waiting import EntryState, Offer, OfferOver, OfferState, TimeFits
from tests.waiting.listed import AT_FOUR, WEDNESDAY, Listed

AT = datetime(2030, 5, 15, 15, 0, tzinfo=UTC)  # four in London


def recipients(listed: Listed, offer: Offer) -> list[str]:
    """Who is written to about an offer."""
    outbox = metadata.tables["outbox"]
    query = select(outbox.c.account_id).where(outbox.c.offer_id == offer.id)
    with listed.house.installation.engine.connect() as connection:
        return list(connection.execute(query).scalars())


def test_freed_time_is_held_and_booked_in_one_press(listed: Listed) -> None:
    visit = listed.house.requested()
    entry = listed.add()
    listed.look()
    assert listed.offer(entry) is None
    listed.call_off(visit)
    listed.look()
    offer = listed.offered(entry)
    assert offer.starts_at == AT
    assert offer.answer_by <= AT - timedelta(hours=24)
    assert {one.span.who for one in listed.held(offer)} >= {listed.house.cast.dana, listed.house.cast.lena}
    booked = listed.book(offer)
    assert isinstance(booked, Visit)
    assert booked.id == offer.visit
    assert booked.state is VisitState.REQUESTED
    assert booked.child == listed.house.cast.jonas
    assert listed.held(offer) == []
    assert listed.now(entry).state is EntryState.BOOKED
    assert listed.house.overlaps() == 0


def test_what_is_held_blocks_every_other_booking_until_it_is_given_back(listed: Listed) -> None:
    visit = listed.house.requested()
    entry = listed.add()
    listed.call_off(visit)
    listed.look()
    offer = listed.offered(entry)
    with listed.house.work(listed.house.cast.karim) as work:
        refused = inviting.request_visit(work, listed.house.wish())
    assert isinstance(refused, Refused)
    assert refused.rules == ("R55",) * len(refused.reasons)
    listed.let_go(offer)
    assert listed.held(offer) == []
    assert isinstance(listed.house.requested(), Visit)


def test_an_offer_pressed_twice_is_one_visit(listed: Listed) -> None:
    visit = listed.house.requested()
    entry = listed.add()
    listed.call_off(visit)
    listed.look()
    offer = listed.offered(entry)
    first, second = listed.book(offer), listed.book(offer)
    assert isinstance(first, Visit)
    assert isinstance(second, Visit)
    assert first.id == second.id
    assert listed.house.history().count("visit.requested") == 2
    with pytest.raises(OfferOver):
        listed.let_go(offer)


def test_what_nobody_answers_goes_to_the_next_and_never_again_to_the_first(listed: Listed) -> None:
    visit = listed.house.requested()
    first = listed.add()
    second = listed.add("f" * 32, people=(listed.house.cast.emil,))
    listed.call_off(visit)
    listed.look()
    offer = listed.offered(first)
    assert listed.offer(second) is None
    listed.house.clock.at = offer.answer_by
    with pytest.raises(OfferOver):
        listed.book(offer)
    # Half an hour is left to the notice of a day: nobody can be offered it any more.
    listed.look()
    assert listed.now(first).offers[0].state is OfferState.LAPSED
    assert listed.held(offer) == []
    assert "waiting.offer_ended" in listed.house.history()


def test_let_go_it_is_held_for_the_next_at_once(listed: Listed) -> None:
    visit = listed.house.requested()
    first = listed.add()
    second = listed.add("f" * 32, people=(listed.house.cast.emil,))
    listed.call_off(visit)
    listed.look()
    offer = listed.offered(first)
    listed.look()
    assert listed.let_go(offer).state is OfferState.LET_GO
    assert listed.let_go(offer).state is OfferState.LET_GO
    listed.look()
    assert listed.offered(second).starts_at == AT
    assert listed.offer(first) is None
    listed.let_go(listed.offered(second))
    listed.house.clock.forward(timedelta(minutes=16))
    listed.look()
    assert listed.offer(first) is None
    assert listed.offer(second) is None


def test_an_offer_lapses_and_the_next_is_offered_the_time(listed: Listed) -> None:
    thursday = {"wall_start": datetime(2030, 5, 16, 16, 0)}  # noqa: DTZ001
    window = replace(AT_FOUR, days=(Weekday.THURSDAY,))
    until = WEDNESDAY + timedelta(days=1)
    visit = listed.house.requested(**thursday)
    first = listed.add(window=window, until=until)
    second = listed.add("f" * 32, people=(listed.house.cast.emil,), window=window, until=until)
    listed.call_off(visit)
    listed.look()
    offer = listed.offered(first)
    # Two hours in which the agency is open.
    assert offer.answer_by == datetime(2030, 5, 14, 14, 15, tzinfo=UTC)
    listed.house.clock.at = offer.answer_by
    listed.look()
    listed.look()
    assert listed.offered(second).starts_at == AT + timedelta(days=1)
    assert listed.now(first).offers[0].state is OfferState.LAPSED
    with pytest.raises(OfferOver):
        listed.book(offer)


def test_nothing_is_offered_so_late_that_nobody_could_answer_before_the_notice(listed: Listed) -> None:
    visit = listed.house.requested()
    entry = listed.add()
    listed.house.clock.at = AT - timedelta(hours=24, minutes=20)
    listed.call_off(visit)
    listed.look()
    assert listed.now(entry).offers == ()


def test_in_the_night_an_offer_waits_for_the_morning(listed: Listed) -> None:
    until = WEDNESDAY + timedelta(days=2)
    window = replace(AT_FOUR, days=(Weekday.FRIDAY,))
    visit = listed.house.requested(wall_start=datetime(2030, 5, 17, 16, 0))  # noqa: DTZ001
    entry = listed.add(window=window, until=until)
    listed.house.clock.at = datetime(2030, 5, 14, 22, 0, tzinfo=UTC)
    listed.call_off(visit)
    listed.look()
    # The agency opens at seven in London.
    assert listed.offered(entry).answer_by == datetime(2030, 5, 15, 8, 0, tzinfo=UTC)


def test_a_time_that_fits_is_taken_and_not_waited_for(listed: Listed) -> None:
    before = listed.house.snapshot()
    with pytest.raises(TimeFits):
        listed.add()
    assert listed.house.snapshot() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"window": Window(days=())}, "days"),
        ({"window": replace(AT_FOUR, latest=16 * 60 + 20)}, "latest"),
        ({"window": replace(AT_FOUR, latest=15 * 60)}, "latest"),
        ({"until": WEDNESDAY - timedelta(days=2)}, "until"),
        ({"until": WEDNESDAY + timedelta(days=1000)}, "until"),
        ({"people": ()}, "people"),
        ({"duty": None}, "duty"),
        ({"duty": "0" * 32}, "duty"),
        ({"supervisor": "0" * 32}, "visit_supervisor"),
        ({"length": timedelta(0)}, "minutes"),
    ],
)
def test_what_can_never_be_offered_is_refused_by_name(
    listed: Listed, changes: dict[str, Any], field: str
) -> None:
    listed.house.requested()
    before = listed.house.snapshot()
    with pytest.raises(BadInput) as refused:
        listed.add(**changes)
    assert refused.value.field == field
    assert listed.house.snapshot() == before


def test_put_on_the_list_twice_by_one_press_it_is_one_entry(listed: Listed) -> None:
    listed.house.requested()
    assert listed.add().id == listed.add().id
    assert listed.house.history().count("waiting.added") == 1


def test_a_child_has_five_entries_at_most(listed: Listed) -> None:
    listed.house.requested()
    for number in range(5):
        listed.add(str(number) * 32)
    with pytest.raises(BadInput):
        listed.add("6" * 32)


def test_what_is_taken_off_gives_its_offer_back_and_is_offered_nothing_more(listed: Listed) -> None:
    visit = listed.house.requested()
    entry = listed.add()
    listed.call_off(visit)
    listed.look()
    offer = listed.offered(entry)
    with listed.house.work(listed.house.cast.karim) as work:
        assert take_off(work, entry.id).state is EntryState.TAKEN_OFF
        assert take_off(work, entry.id).state is EntryState.TAKEN_OFF
    assert listed.held(offer) == []
    with pytest.raises(OfferOver):
        listed.book(offer)
    listed.house.clock.forward(timedelta(minutes=20))
    listed.look()
    assert len(listed.now(entry).offers) == 1


def test_when_its_last_day_is_over_the_workers_are_asked_to_look_for_another_way(listed: Listed) -> None:
    listed.house.requested()
    entry = listed.add()
    listed.house.clock.at = datetime(2030, 5, 15, 22, 59, tzinfo=UTC)
    listed.look()
    listed.look()
    assert listed.now(entry).state is EntryState.OVER
    with listed.house.reading(listed.house.cast.karim) as work:
        kinds = [one.kind for one in open_follow_ups(work)]
    assert kinds.count(FollowUpKind.NO_TIME_FREED) == 1


def test_nobody_else_sees_books_or_takes_off_an_entry_of_another_case(
    listed: Listed, sade: AccountId
) -> None:
    visit = listed.house.requested()
    entry = listed.add()
    listed.call_off(visit)
    listed.look()
    offer = listed.offered(entry)
    for act in (
        lambda work: take_off(work, entry.id),
        lambda work: book_offer(work, offer.id),
        lambda work: let_go(work, offer.id),
    ):
        with pytest.raises(NotFound), listed.house.work(sade) as work:
            act(work)
    with listed.house.reading(sade) as work:
        assert waiting_within_reach(work) == []
        assert offers_within_reach(work) == []


def test_when_whoever_asked_may_no_longer_the_other_workers_of_the_case_are_asked(
    listed: Listed, sade: AccountId
) -> None:
    visit = listed.house.requested()
    entry = listed.add()
    listed.call_off(visit)
    cast = listed.house.cast
    with listed.house.work(cast.karim) as work:
        put_on_caseload(work, cast.case, sade)
    account = metadata.tables["staff_account"]
    with listed.house.installation.engine.begin() as connection:
        gone = account.update().where(account.c.id == cast.karim)
        connection.execute(gone.values(disabled_at=listed.house.clock.at))
    listed.look()
    with listed.house.work(sade) as work:
        [(_, offer)] = offers_within_reach(work)
        assert offer.entry == entry.id
    assert recipients(listed, offer) == [sade]
