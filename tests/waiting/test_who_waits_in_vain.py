"""Entries that have no reason any more, that nobody could serve, or that concern children of several cases."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import event, insert, select

from contact_service import actor
from contact_service.database import metadata
from contact_service.demo.brother import Brother
from contact_service.errors import NotAllowed
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.ids import AccountId, EntryId
from contact_service.people.actions import forgetting
from contact_service.people.actions.members import put_on_caseload
from contact_service.plans.hours import Window
from contact_service.visits.visit import Visit
from contact_service.visits.wish import ChildWished
from contact_service.waiting.actions.adding import take_off
from contact_service.waiting.actions.answering import book_offer, let_go
from contact_service.waiting.actions.offering import first_that_may
from contact_service.waiting.order import Seen
from contact_service.waiting.queries.finding import everybody_waiting, waiting_within_reach, workers_asked
from contact_service.waiting.queries.looking import best_of, look_at
from contact_service.waiting.waiting import MOST_OF_A_CASE, Entry, EntryState, OfferState, TooManyOfCase
from contact_service.work import Work
from tests.waiting.listed import WEDNESDAY, Listed

QUARTER = timedelta(minutes=15)


def enabled(listed: Listed, account: AccountId, *, disabled_at: datetime | None) -> None:
    accounts = metadata.tables["staff_account"]
    with listed.house.installation.engine.begin() as connection:
        connection.execute(accounts.update().where(accounts.c.id == account).values(disabled_at=disabled_at))


def asked_of_worker(listed: Listed) -> list[FollowUpKind]:
    with listed.house.reading(listed.house.cast.karim) as work:
        return [one.kind for one in open_follow_ups(work)]


# ---- who serves


def test_where_somebody_was_faster_with_the_best_time_the_next_best_is_held(listed: Listed) -> None:
    cast = listed.house.cast
    listed.house.requested()
    entry = replace(listed.add(), window=Window(), until=WEDNESDAY + timedelta(days=2))
    who = actor.for_worker(cast.karim)
    with listed.house.as_actor(who) as work:
        candidates = best_of(work, entry, look_at(work, entry))
    best, *others = candidates
    wall = best.wish.wall_start
    listed.house.requested(people=(cast.emil,), wall_start=wall, supervisor=best.wish.supervisor)
    with listed.house.as_actor(who) as work:
        found = first_that_may(work, candidates)
    assert found is not None
    assert found in others


@pytest.mark.parametrize("chosen", ["priya", "lena"])
def test_whoever_was_chosen_and_cannot_serve_any_more_is_told_of_once(listed: Listed, chosen: str) -> None:
    cast = listed.house.cast
    gone: AccountId = getattr(cast, chosen)
    visit = listed.house.requested()
    entry = listed.add(supervisor=cast.lena)
    listed.call_off(visit)
    enabled(listed, gone, disabled_at=listed.house.clock.at)
    listed.look()
    listed.look()
    assert listed.now(entry).offers == ()
    assert asked_of_worker(listed).count(FollowUpKind.WAITING_UNSTAFFED) == 1
    enabled(listed, gone, disabled_at=None)
    listed.look()
    assert listed.offered(entry).supervisor == cast.lena


# ---- children of several cases


def shared(listed: Listed, brother: Brother) -> Entry:
    """Finn's visit that Mia shares: Karim works with both, Sade with Finn alone."""
    cast = listed.house.cast
    mia = ChildWished(child=cast.mia, caregiver=cast.ines)
    return listed.add(child=brother.finn, caregiver=brother.tomas, sharing=(mia,))


def test_whoever_works_with_some_of_the_children_sees_what_waits_and_changes_nothing(
    listed: Listed, brother: Brother, sade: AccountId
) -> None:
    visit = listed.house.requested()
    entry = shared(listed, brother)
    listed.call_off(visit)
    listed.look()
    offer = listed.offered(entry)
    with listed.house.reading(sade) as work:
        assert [one.id for _, one in waiting_within_reach(work)] == [entry.id]
    acts: list[Callable[[Work], object]] = [
        lambda work: take_off(work, entry.id),
        lambda work: let_go(work, offer.id),
        lambda work: book_offer(work, offer.id),
    ]
    for act in acts:
        with pytest.raises(NotAllowed, match="every child"), listed.house.work(sade) as work:
            act(work)
    assert listed.offered(entry).id == offer.id
    assert isinstance(listed.book(offer), Visit)


def test_a_time_is_held_for_those_who_work_with_every_child(
    listed: Listed, brother: Brother, sade: AccountId
) -> None:
    listed.house.requested()
    entry = shared(listed, brother)
    cast = listed.house.cast
    enabled(listed, cast.karim, disabled_at=listed.house.clock.at)
    with listed.house.reading(cast.priya) as work:
        assert workers_asked(work, entry) == []
    with listed.house.work(cast.karim) as work:
        put_on_caseload(work, cast.case, sade)
    with listed.house.reading(cast.priya) as work:
        assert workers_asked(work, entry) == [sade]


# ---- no reason any more


def test_whoever_got_a_visit_that_would_do_waits_no_more(listed: Listed) -> None:
    visit = listed.house.requested()
    entry = listed.add()
    listed.house.clock.forward(timedelta(minutes=1))
    listed.call_off(visit)
    listed.house.requested(child=listed.house.cast.jonas)
    listed.look()
    assert listed.now(entry).state is EntryState.MET
    assert listed.now(entry).offers == ()
    assert listed.house.history()[-1] == "waiting.ended"


def test_a_visit_at_another_time_leaves_an_entry_waiting(listed: Listed) -> None:
    cast = listed.house.cast
    visit = listed.house.requested()
    entry = listed.add(until=WEDNESDAY + timedelta(days=2))
    listed.house.clock.forward(timedelta(minutes=1))
    thursday = datetime(2030, 5, 16, 16, 0)  # noqa: DTZ001
    listed.house.requested(child=cast.jonas, wall_start=thursday)
    listed.look()
    assert listed.now(entry).state is EntryState.OPEN
    listed.call_off(visit)
    listed.look()
    assert listed.offered(entry).entry == entry.id


def test_what_is_held_for_a_child_who_is_forgotten_is_given_back(listed: Listed) -> None:
    visit = listed.house.requested()
    entry = listed.add()
    listed.call_off(visit)
    listed.look()
    offer = listed.offered(entry)
    with listed.house.work(listed.house.cast.karim) as work:
        forgetting.forget(work, listed.house.cast.jonas)
    listed.look()
    now = listed.now(entry)
    assert now.state is EntryState.FORGOTTEN
    assert now.offers[0].state is OfferState.WITHDRAWN
    assert listed.held(offer) == []


# ---- not too much at once


def test_each_entry_is_looked_at_as_a_whole_once_in_a_quarter_hour_at_a_moment_of_its_own() -> None:
    begins = datetime(2030, 5, 13, 9, 0, tzinfo=UTC)
    due: list[list[datetime]] = []
    for number in range(40):
        entry, seen = EntryId(f"{number:032x}"), Seen(first_slot=0, starts=0, whole_at=begins)
        due.append([])
        for tick in range(120):
            at = begins + timedelta(seconds=30 * tick)
            if seen.is_whole_due(at, QUARTER, entry):
                due[-1].append(at)
                seen = replace(seen, whole_at=at)
    assert all(len(times) in {3, 4} for times in due)
    assert all(later - one == QUARTER for times in due for one, later in pairwise(times))
    assert len({times[0] for times in due}) > 15


def test_a_case_has_twenty_entries_at_most(listed: Listed) -> None:
    listed.house.requested()
    entry = listed.add()
    table = metadata.tables["waiting_entry"]
    with listed.house.installation.engine.begin() as connection:
        row = connection.execute(select(table).where(table.c.id == entry.id)).one()
        more = [
            {**row._mapping, "id": f"{number:032x}", "child_id": listed.house.cast.mia}
            for number in range(MOST_OF_A_CASE - 1)
        ]
        connection.execute(insert(table), more)
    with pytest.raises(TooManyOfCase):
        listed.add("f" * 32)


@contextmanager
def statements(listed: Listed) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(" ".join(statement.split()))

    event.listen(listed.house.installation.engine, "before_cursor_execute", note)
    yield found
    event.remove(listed.house.installation.engine, "before_cursor_execute", note)


def test_no_visit_is_read_to_put_in_order_those_whose_plan_asks_for_no_number(listed: Listed) -> None:
    listed.house.requested()
    listed.add()
    with listed.house.reading(listed.house.cast.karim) as work, statements(listed) as asked:
        assert everybody_waiting(work)
    assert asked
    assert not [one for one in asked if "FROM visit " in one]
