"""The metronome tells how each job fares; what is done once a day is done by one process at a time."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, tzinfo
from threading import Event, Semaphore

import pytest
from apscheduler.schedulers import base
from sqlalchemy import text

from contact_service import actor, clock
from contact_service.jobs.runner import Metronome, Pulses
from contact_service.jobs.schedule import Job, schedule
from contact_service.jobs.turns import Hold, once_per
from contact_service.operations.actions import beat, beat_jobs, take_turn
from contact_service.operations.job_beat import JobBeat, Turn, TurnLost
from contact_service.operations.queries import SEND_LETTERS, is_outbox_silent, job_beats, silent_processes
from contact_service.people.actions.members import open_case
from contact_service.work import read
from tests.cast import House
from tests.jobs.conftest import post_through

MINUTE = timedelta(minutes=1)


# In a process of its own: one that does not stop would keep the tests from ending.
TAKES_OFF = """
from threading import Event, Thread

from contact_service.jobs.runner import Metronome
from contact_service.jobs.schedule import Job

runs, ends = Event(), Event()

def takes_another_off():
    runs.set()
    ends.wait(20)
    metronome.take_off("other")

metronome = Metronome(
    [Job(name="takes", seconds=1, act=takes_another_off), Job(name="other", seconds=600, act=print)]
)
metronome.start(lambda _: None)
assert runs.wait(20)
stopping = Thread(target=metronome.stop)
stopping.start()
stopping.join(0.5)
assert stopping.is_alive()  # a job runs, and is let finish
ends.set()
stopping.join(20)
assert metronome.names == set()
"""


class Broken(Exception):
    pass


def fails() -> None:
    raise Broken


def _wait(event: Event) -> None:
    event.wait(20)


def beats(house: House) -> dict[str, JobBeat]:
    with read(house.installation, actor.NOBODY) as work:
        return {one.job: one for one in job_beats(work)}


def test_a_job_that_fails_is_counted_and_stops_no_other(house: House) -> None:
    ran, hangs = Event(), Event()
    jobs = [
        Job(name="fails", seconds=1, act=fails),
        Job(name="runs", seconds=1, act=ran.set),
        Job(name="hangs", seconds=1, act=lambda: _wait(hangs)),
    ]
    pulses = Pulses(house.installation, [job.name for job in jobs])
    metronome = Metronome(jobs)
    metronome.start(pulses.hear)
    try:
        assert ran.wait(5)
        time.sleep(2.5)
        pulses.write()
    finally:
        hangs.set()
        metronome.stop()
    found = beats(house)
    assert (found["fails"].failure, found["fails"].ended_at) == ("Broken", None)
    assert found["fails"].failures >= 2
    assert found["runs"].begun_at == found["runs"].ended_at == house.clock.at
    assert (found["hangs"].begun_at, found["hangs"].ended_at) == (house.clock.at, None)
    assert found["hangs"].passed_over >= 1


def test_it_stops_also_while_a_job_takes_others_off() -> None:
    """As the heartbeat of an agency does that was just closed: a process that is told to end then has to end."""
    done = subprocess.run([sys.executable, "-c", TAKES_OFF], check=False, timeout=60)
    assert done.returncode == 0


BEGAN, BEGAN_SECONDS = clock.utc_now(), time.monotonic()


class Wall(datetime):
    """The clock on the wall, which somebody sets."""

    behind = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Wall":
        at = BEGAN.astimezone(tz) + timedelta(seconds=time.monotonic() - BEGAN_SECONDS) - cls.behind
        return cls(*at.timetuple()[:6], at.microsecond, tzinfo=tz)


@pytest.mark.parametrize("hours", [1, -1])
def test_it_ticks_on_when_the_clock_is_set(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    for where in (base, clock):
        monkeypatch.setattr(where, "datetime", Wall)
    ticks = Semaphore(0)
    metronome = Metronome([Job(name="ticks", seconds=1, act=ticks.release)])
    metronome.start(lambda _: None)
    try:
        assert ticks.acquire(timeout=20)
        monkeypatch.setattr(Wall, "behind", timedelta(hours=hours))
        ticks.acquire(timeout=1)  # one that was under way
        for _ in range(3):
            assert ticks.acquire(timeout=5)
    finally:
        metronome.stop()


def test_what_a_clock_said_before_it_was_set_back_counts_no_more(house: House) -> None:
    """Else a process that stopped at that moment would live for an hour, and a job that hangs would have just ended."""
    for at in (house.clock.at, house.clock.at - timedelta(hours=1)):
        house.clock.at = at
        with house.reading(house.cast.karim) as work:
            assert is_outbox_silent(work)
            assert "schedule" in silent_processes(work)
        with house.as_actor(actor.SCHEDULE) as work:
            beat(work, "schedule")
            beat_jobs(work, [JobBeat(job=SEND_LETTERS, process="one", begun_at=at, ended_at=at)])
        with house.reading(house.cast.karim) as work:
            assert not is_outbox_silent(work)
            assert "schedule" not in silent_processes(work)


def test_of_two_processes_the_later_moment_stands(house: House) -> None:
    early, late = house.clock.at - MINUTE, house.clock.at
    for process, at in (("two", late), ("one", early)):
        beat = JobBeat(
            job="open doors", process=process, begun_at=at, ended_at=at, failed_at=at, failure=process
        )
        with house.as_actor(actor.SCHEDULE) as work:
            beat_jobs(work, [beat])
    assert beats(house)["open doors"] == JobBeat(
        job="open doors", process="two", begun_at=late, ended_at=late, failed_at=late, failure="two"
    )


def test_two_processes_that_beat_at_once_do_not_wait_for_each_other_for_ever(house: House) -> None:
    names = [job.name for job in schedule(house.installation, post_through(1))]
    pulses = [Pulses(house.installation, order) for order in (names, names[::-1])]
    with ThreadPoolExecutor(2) as threads:
        for _ in range(5):
            list(threads.map(lambda pulse: pulse.write(), pulses))
    assert set(beats(house)) == set(names)


def test_the_table_of_jobs_names_the_outbox_and_what_is_done_by_turns(house: House) -> None:
    jobs = {job.name: job for job in schedule(house.installation, post_through(1))}
    assert SEND_LETTERS in jobs
    assert {name for name, job in jobs.items() if job.alone == "turns"} == {
        "doubt visits",
        "write missing reminders",
        "extend the horizon",
        "tell of clock changes",
    }
    assert {job.alone for job in jobs.values()} == {"rows", "turns"}


def take(house: House) -> Turn | None:
    with house.as_actor(actor.SCHEDULE) as work:
        return take_turn(work, "count", "2030-05-14", lease=MINUTE)


def change_something(house: House, turn: Turn) -> None:
    with Hold(installation=house.installation, turn=turn).begin() as work:
        open_case(work, zone="Europe/London", workers=())


def test_one_of_many_gets_the_turn(house: House) -> None:
    with ThreadPoolExecutor(6) as threads:
        turns = list(threads.map(lambda _: take(house), range(6)))
    assert len([turn for turn in turns if turn is not None]) == 1


def test_whoever_was_stopped_for_ten_minutes_cannot_write_over_their_successor(house: House) -> None:
    first = take(house)
    assert first is not None
    house.clock.forward(10 * MINUTE)
    second = take(house)
    assert second is not None
    assert second.fence == first.fence + 1
    change_something(house, second)
    before = house.snapshot()
    with pytest.raises(TurnLost):
        change_something(house, first)
    assert house.snapshot() == before


def test_a_turn_that_is_over_changes_nothing_even_when_nobody_else_has_it(house: House) -> None:
    turn = take(house)
    assert turn is not None
    house.clock.forward(MINUTE)
    before = house.snapshot()
    with pytest.raises(TurnLost):
        change_something(house, turn)
    assert house.snapshot() == before


def test_what_is_done_once_a_day_is_done_once_a_day(house: House) -> None:
    done: list[str] = []
    for _ in range(3):
        once_per(house.installation, "count", lambda hold: done.append(hold.turn.period))
    house.clock.forward(timedelta(days=1))
    once_per(house.installation, "count", lambda hold: done.append(hold.turn.period))
    assert done == ["2030-05-14T00:00", "2030-05-15T00:00"]


def test_a_daily_job_that_fails_is_begun_again_when_its_lease_is_over(house: House) -> None:
    done: list[int] = []

    def act(hold: Hold) -> None:
        done.append(hold.turn.fence)
        if len(done) == 1:
            raise Broken

    with pytest.raises(Broken):
        once_per(house.installation, "count", act)
    once_per(house.installation, "count", act)
    assert done == [1]
    house.clock.forward(2 * MINUTE)
    once_per(house.installation, "count", act)
    assert done == [1, 2]
    with house.installation.engine.connect() as connection:
        assert connection.execute(text("SELECT done_at IS NOT NULL FROM job_turn")).scalar_one()
