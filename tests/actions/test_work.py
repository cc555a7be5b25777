"""One transaction: what is not recorded does not happen, and what cannot be recorded does not happen either."""

import gc
import threading
import time
import weakref
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import event
from sqlmodel import col, delete, select, update

from contact_service import actor
from contact_service.audit.errors import NotACode
from contact_service.audit.events import AuditEvent, EventType
from contact_service.claims.tables import ClaimRow
from contact_service.database import WRITERS, turn_to_write
from contact_service.errors import IllegalMove, UnrecordedChange
from contact_service.ids import AgencyId
from contact_service.invitations.actions import inviting
from contact_service.keys.errors import KekMismatch
from contact_service.keys.key_file import OpenedKey
from contact_service.keys.provider import KeyProvider
from contact_service.operations.actions import beat
from contact_service.operations.queries import silent_processes
from contact_service.people.actions import members
from contact_service.people.queries import members as people
from contact_service.visits.actions.moving import Why, lock, move
from contact_service.visits.tables import AttendanceRow, VisitRow
from contact_service.visits.visit import MOVES, VisitState
from contact_service.work import Installation, Work, answered_before, asked_once_of_each, begin, read
from tests.cast import House

OTHER_KEYS = KeyProvider(OpenedKey(key=bytes(32), key_id=bytes(16)))


def free_everybody(house: House) -> None:
    """Forget whose time is taken: several stories happen at the same hour."""
    with house.installation.engine.begin() as connection:
        connection.execute(delete(ClaimRow))


def foreign(house: House) -> Installation:
    """The same database, with the key file of another."""
    return replace(house.installation, keys=OTHER_KEYS)


def test_a_change_whose_entry_cannot_be_sealed_does_not_happen(house: House) -> None:
    visit = house.requested()
    before = house.snapshot()
    with house.reading(house.cast.priya) as work:
        priya = work.actor
    with pytest.raises(KekMismatch), begin(foreign(house), priya) as work:
        _decide(work, visit.id)
    assert house.snapshot() == before


def _decide(work: Work, visit: str, reason: str = "no_staff") -> None:
    row = work.session.get_one(VisitRow, visit)
    row.reason = "changed"
    work.session.add(row)
    work.session.flush()
    work.record(AuditEvent(type=EventType.VISIT_DECLINED, case=row.case_id, reason=reason))


def test_an_entry_that_is_no_code_takes_its_change_with_it(house: House) -> None:
    visit = house.requested()
    before = house.snapshot()
    with pytest.raises(NotACode), house.work(house.cast.priya) as work:
        _decide(work, visit.id, reason="free text is none")
    assert house.snapshot() == before


def test_a_row_that_changes_unrecorded_does_not_change(house: House) -> None:
    visit = house.requested()
    before = house.snapshot()
    with pytest.raises(UnrecordedChange, match="visit"), house.work(house.cast.karim) as work:
        work.session.get_one(VisitRow, visit.id).reason = "quietly"
    assert house.snapshot() == before


def test_rows_that_change_in_bulk_unrecorded_do_not_change(house: House) -> None:
    house.requested()
    before = house.snapshot()
    with pytest.raises(UnrecordedChange, match="visit"), house.work(house.cast.karim) as work:
        work.session.exec(update(VisitRow).where(col(VisitRow.revision) > 0).values(reason="quietly"))
    assert house.snapshot() == before


def test_a_row_that_is_deleted_unrecorded_stays(house: House) -> None:
    house.live()
    before = house.snapshot()
    with pytest.raises(UnrecordedChange), house.work(house.cast.karim) as work:
        work.session.delete(work.session.exec(select(AttendanceRow)).first())
    assert house.snapshot() == before


def test_housekeeping_needs_no_entry(house: House) -> None:
    entries = len(house.history())
    with house.as_actor(actor.SCHEDULE) as work:
        beat(work, "schedule")
    with read(house.installation, actor.NOBODY) as work:
        assert silent_processes(work) == ["seal"]
    assert house.since(entries) == []


def _change_and_flush(work: Work, visit: str) -> None:
    work.session.get_one(VisitRow, visit).reason = "quietly"
    work.session.flush()


def test_a_reading_work_changes_nothing(house: House) -> None:
    visit = house.requested()
    before = house.snapshot()
    with pytest.raises(UnrecordedChange), house.reading(house.cast.karim) as work:
        _change_and_flush(work, visit.id)
    with house.reading(house.cast.karim) as work, pytest.raises(UnrecordedChange):
        work.session.exec(update(VisitRow).where(col(VisitRow.revision) > 0).values(reason="quietly"))
    with pytest.raises(UnrecordedChange), house.reading(house.cast.karim) as work:
        work.session.get_one(VisitRow, visit.id).reason = "never flushed"
    with house.reading(house.cast.karim) as work, pytest.raises(AssertionError):
        work.record(AuditEvent(type=EventType.VISIT_DECLINED))
    assert house.snapshot() == before


def test_rows_and_entries_of_one_transaction_agree_on_the_instant(house: House) -> None:
    visit = house.requested()
    with house.work(house.cast.priya) as work:
        inviting.approve(work, visit.id)
    entry = house.entries()[-1]
    assert entry.recorded_at == house.clock.at == entry.occurred_at


def test_another_agency_sees_nothing(house: House) -> None:
    other = replace(house.installation, agency=AgencyId("other"))
    with read(other, actor.SCHEDULE) as work:
        from contact_service.people.queries.members import cases_of  # noqa: PLC0415

        assert cases_of(work) == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(walk=st.lists(st.sampled_from(VisitState), min_size=1, max_size=6))
def test_an_illegal_move_changes_nothing_in_the_database(house: House, walk: list[VisitState]) -> None:
    free_everybody(house)
    visit = house.requested()
    here = VisitState.REQUESTED
    for after in walk:
        before = house.snapshot()
        try:
            with house.as_actor(actor.SCHEDULE) as work:
                row, _ = lock(work, visit.id)
                move(work, row, after, EventType.VISIT_CHANGED, Why(reason="walk"))
        except IllegalMove:
            assert after not in MOVES[here]
            assert house.snapshot() == before
        else:
            assert after in MOVES[here]
            here = after
        assert house.state(visit) is here


# ---- what is asked once


def test_what_is_known_of_somebody_is_asked_once_until_something_is_written(house: House) -> None:
    asked: list[str] = []

    @event.listens_for(house.installation.engine, "before_cursor_execute")
    def _count(*args: Any) -> None:  # noqa: ANN401  what SQLAlchemy hands over
        asked.append(args[2])

    with house.work(house.cast.karim) as work:
        first = people.details_of(work, house.cast.dana)
        after_first = len(asked)
        assert people.details_of(work, house.cast.dana) is first
        assert len(asked) == after_first
        members.change_details(work, house.cast.dana, replace(first, known_as="Danuta"))
        assert people.details_of(work, house.cast.dana).known_as == "Danuta"


def test_of_several_those_alone_are_asked_about_of_whom_nothing_is_known_yet(house: House) -> None:
    asked: list[list[str]] = []

    @asked_once_of_each
    def lengths(_work: Work, words: Collection[str], more: int) -> dict[str, int]:
        asked.append(list(words))
        return {word: len(word) + more for word in words}

    with house.work(house.cast.karim) as work:
        assert lengths(work, ["a", "bb"], 1) == {"a": 2, "bb": 3}
        assert lengths(work, ["bb", "ccc", "ccc"], 1) == {"bb": 3, "ccc": 4}
        assert lengths(work, ["a"], 2) == {"a": 3}
        answered_before(work, lengths, {("dddd", 1): 7})
        assert lengths(work, ["dddd", "a"], 1) == {"dddd": 7, "a": 2}
        assert asked == [["a", "bb"], ["ccc"], ["a"]]
        details = people.details_of(work, house.cast.dana)
        members.change_details(work, house.cast.dana, replace(details, known_as="Danuta"))
        assert lengths(work, ["dddd", "a"], 1) == {"dddd": 5, "a": 2}
        assert asked[-1] == ["dddd", "a"]


def test_who_waited_for_a_lock_asks_anew_what_stands_after_it(house: House) -> None:
    visit = house.requested()
    with house.work(house.cast.karim) as work:
        before = people.details_of(work, house.cast.dana)
        lock(work, visit.id)
        assert people.details_of(work, house.cast.dana) is not before


def test_whoever_writes_again_and_again_lets_those_who_wait_go_first(house: House) -> None:
    order: list[str] = []
    done = threading.Event()

    def again_and_again() -> None:
        while not done.is_set():
            with turn_to_write(house.installation.engine):
                order.append("busy")
                time.sleep(0.005)

    busy = [threading.Thread(target=again_and_again) for _ in range(WRITERS)]
    for one in busy:
        one.start()
    try:
        for _ in range(10):
            with turn_to_write(house.installation.engine):
                order.append("other")
    finally:
        done.set()
        for one in busy:
            one.join()
    between = [len(each) for each in "".join("o" if one == "other" else "b" for one in order).split("o")]
    assert max(between[1:-1]) <= 3 * WRITERS


def test_many_who_write_at_once_take_turns_and_nobody_is_sent_away(house: House) -> None:
    inside: list[int] = []
    most = 0

    def write(number: int) -> None:
        nonlocal most
        with begin(house.installation, actor.SCHEDULE) as work:
            inside.append(number)
            most = max(most, len(inside))
            beat(work, f"process {number}")
            time.sleep(0.02)
            inside.remove(number)

    with ThreadPoolExecutor(24) as threads:
        list(threads.map(write, range(72)))
    several = house.installation.engine.dialect.name == "postgresql"
    assert most == 1 if not several else 1 < most <= WRITERS


def test_what_was_read_is_gone_with_its_transaction(house: House) -> None:
    """Left to the collector of garbage, what each request read would wait for a pause that everybody notices."""
    house.requested()
    gc.collect()
    gc.disable()
    try:
        with house.reading(house.cast.karim) as reading:
            people.cases_of(reading)
        with house.work(house.cast.karim) as writing:
            beat(writing, "relay")
            people.cases_of(writing)
        works = weakref.ref(reading), weakref.ref(writing)
        sessions = weakref.ref(reading.session), weakref.ref(writing.session)
        del reading, writing
        assert [work() for work in works] == [None, None]
        assert [session() for session in sessions] == [None, None]
    finally:
        gc.enable()


def test_a_reading_leaves_its_statements_prepared_for_the_next(house: House) -> None:
    """A rollback makes a connection forget them all, and PostgreSQL plan each of them again for every request."""
    engine = house.installation.engine
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite prepares each statement as it is asked")
    engine.dispose()  # so that there is one connection, and no other is asked
    for _ in range(8):
        with house.reading(house.cast.karim) as work:
            people.cases_of(work)
    with engine.connect() as connection:
        prepared = connection.exec_driver_sql("SELECT statement FROM pg_prepared_statements").scalars().all()
    assert any('FROM "case"' in one for one in prepared)
