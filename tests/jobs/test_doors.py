"""What the clock does to visits: twice does no harm, two processes do no harm."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from contact_service.ids import VisitId
from contact_service.jobs import doors
from contact_service.jobs.schedule import schedule
from contact_service.protocol.link import EventKind
from contact_service.visits.visit import Outcome, Visit, VisitState
from contact_service.work import Installation, Work
from tests.actions.test_booking import withdraw_for_child
from tests.cast import House
from tests.jobs.conftest import post_through

Job = Callable[[Installation], None]


def runs(house: House, job: Job) -> list[str]:
    """Run a job in two threads at once and then twice more; the entries it left."""
    entries = len(house.history())
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: job(house.installation), range(2)))
    for _ in range(2):
        job(house.installation)
    return house.since(entries)


def ready(house: House) -> Visit:
    visit = house.approved()
    house.deliver(visit)
    doors.make_ready(house.installation)
    return house.visit(visit.id)


class Broken(Exception):
    pass


def test_what_is_wrong_with_one_visit_keeps_no_other_waiting(house: House) -> None:
    visits = {house.approved().id, house.approved(wall_start=house.wish().wall_start + timedelta(days=7)).id}
    tried: list[VisitId] = []

    def act(_: Work, visit: VisitId) -> None:
        tried.append(visit)
        raise Broken

    with pytest.raises(Broken):
        doors._each(house.installation, VisitState.APPROVED, lambda *_: True, act)
    assert set(tried) == visits


def test_a_visit_is_ready_when_its_messages_were_accepted(house: House) -> None:
    visit = house.approved()
    assert runs(house, doors.make_ready) == []
    house.deliver(visit)
    assert runs(house, doors.make_ready) == ["visit.ready"]
    assert house.visit(visit.id).was_ready


def test_a_visit_is_not_ready_without_the_childs_consent(house: House) -> None:
    visit = house.approved()
    house.deliver(visit)
    withdraw_for_child(house)
    assert runs(house, doors.make_ready) == []


def test_the_door_opens_fifteen_minutes_before(house: House) -> None:
    visit = ready(house)
    house.clock.at = visit.starts_at - timedelta(minutes=15, seconds=1)
    assert runs(house, doors.open_doors) == []
    house.clock.forward(timedelta(seconds=1))
    assert runs(house, doors.open_doors) == ["visit.opened"]


def test_an_unanswered_request_lapses_and_tells_no_family(house: House) -> None:
    visit = house.requested()
    house.clock.at = visit.starts_at - timedelta(hours=2, seconds=1)
    assert runs(house, doors.lapse_requests) == []
    house.clock.forward(timedelta(seconds=1))
    assert runs(house, doors.lapse_requests) == ["visit.lapsed"]
    assert not [m for m in house.messages(visit) if m.person]


def test_a_visit_in_which_nobody_was_admitted_is_missed_with_an_open_outcome(house: House) -> None:
    visit = house.waiting()
    house.clock.at = visit.ends_at + timedelta(minutes=15)
    assert runs(house, doors.close_doors) == ["visit.missed", "follow_up.made"]
    assert house.visit(visit.id).outcome is None


@pytest.mark.parametrize("held", [False, True])
def test_a_visit_whose_relay_is_gone_ends_by_the_clock(house: House, held: bool) -> None:  # noqa: FBT001
    visit = house.live()
    if held:
        house.relay(visit, EventKind.HELD, 1, reason="check", generation=1)
    house.clock.at = visit.ends_at + timedelta(minutes=15, seconds=9)
    assert runs(house, doors.close_doors) == []
    house.clock.forward(timedelta(seconds=1))
    assert runs(house, doors.close_doors) == ["visit.ended"]


def test_a_visit_ends_when_its_supervisor_does_not_come_back(house: House) -> None:
    visit = house.live()
    house.relay(visit, EventKind.SUPERVISOR_LOST, 1, generation=1)
    house.clock.forward(timedelta(minutes=4, seconds=59))
    assert runs(house, doors.end_unwatched) == []
    house.clock.forward(timedelta(seconds=1))
    assert runs(house, doors.end_unwatched) == ["visit.ended"]
    assert house.visit(visit.id).outcome is Outcome.ENDED_SUPERVISOR_LOST


def test_a_supervisor_who_came_back_starts_a_new_grace(house: House) -> None:
    visit = house.live()
    house.relay(visit, EventKind.SUPERVISOR_LOST, 1, generation=1)
    house.clock.forward(timedelta(minutes=4))
    house.relay(visit, EventKind.JOINED, 2, participant=visit.watcher.id, leg="ee" * 16)
    house.relay(visit, EventKind.SUPERVISOR_LOST, 3, generation=2)
    house.clock.forward(timedelta(minutes=4))
    assert runs(house, doors.end_unwatched) == []
    assert house.state(visit) is VisitState.SUPERVISOR_LOST


def test_a_night_of_downtime_loses_nothing(house: House) -> None:
    visit = ready(house)
    house.clock.at = visit.ends_at + timedelta(hours=20)
    for job in schedule(house.installation, post_through(1)):
        job.act()
    assert house.state(visit) in (VisitState.WAITING, VisitState.MISSED)
    for job in schedule(house.installation, post_through(1)):
        job.act()
    assert house.state(visit) is VisitState.MISSED


def test_every_job_has_a_name_and_a_beat(house: House) -> None:
    jobs = schedule(house.installation, post_through(1))
    assert len({job.name for job in jobs}) == len(jobs)
    assert all(1 <= job.seconds <= 600 for job in jobs)
