"""One transaction: what is not recorded does not happen, and what cannot be recorded does not happen either."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlmodel import col, select, update

from contact_service import actor
from contact_service.audit.errors import NotACode
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import IllegalMove, UnrecordedChange
from contact_service.ids import AgencyId
from contact_service.invitations.actions import inviting
from contact_service.keys.errors import KekMismatch
from contact_service.keys.key_file import OpenedKey
from contact_service.keys.provider import KeyProvider
from contact_service.operations.actions import beat
from contact_service.operations.queries import silent_processes
from contact_service.visits.actions.moving import Why, lock, move
from contact_service.visits.tables import AttendanceRow, VisitRow
from contact_service.visits.visit import MOVES, VisitState
from contact_service.work import Installation, Work, begin, read
from tests.cast import House

OTHER_KEYS = KeyProvider(OpenedKey(key=bytes(32), key_id=bytes(16)))


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


def test_a_reading_work_changes_nothing(house: House) -> None:
    visit = house.requested()
    before = house.snapshot()
    with house.reading(house.cast.karim) as work:
        work.session.get_one(VisitRow, visit.id).reason = "quietly"
        with pytest.raises(UnrecordedChange):
            work.session.flush()
    with house.reading(house.cast.karim) as work, pytest.raises(UnrecordedChange):
        work.session.exec(update(VisitRow).where(col(VisitRow.revision) > 0).values(reason="quietly"))
    with house.reading(house.cast.karim) as work:
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
