"""The only user of APScheduler, and as a metronome only: what is due lives in our own tables.

Memory store, UTC, ``coalesce``, ``max_instances=1``, ``misfire_grace_time=None``: a late tick is one tick, never lost
and never doubled, whichever way somebody sets the clock.  A job that fails is logged, counted and tried again at its
next tick; it never stops the others.
"""

import logging
import os
import signal
import socket
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Any

from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_EXECUTED,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_JOB_SUBMITTED,
    JobEvent,
    JobExecutionEvent,
)
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from contact_service import actor, clock
from contact_service.agencies.agency import LOOK_SECONDS
from contact_service.agencies.queries import is_closed
from contact_service.ids import AgencyId
from contact_service.jobs.schedule import HEARTBEAT_SECONDS, Job
from contact_service.operations.actions import beat, beat_jobs
from contact_service.operations.job_beat import JobBeat
from contact_service.work import Installation, begin, read

logger = logging.getLogger(__name__)
_PASSED_OVER = EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES
_KEPT_EVERY_SECONDS = 1.0
_HEARD = EVENT_JOB_SUBMITTED | EVENT_JOB_EXECUTED | EVENT_JOB_ERROR | _PASSED_OVER


class Metronome:
    """Ticks for each of ``jobs`` once it is started; one that hangs keeps no other waiting."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._threads = ThreadPoolExecutor(len(jobs))
        self._stopped = Event()
        self._keeper = Thread(target=self._keep_time, name="time keeper", daemon=True)
        self._scheduler = BackgroundScheduler(timezone="UTC", executors={"default": self._threads})
        for job in jobs:
            self._scheduler.add_job(
                job.act,
                "interval",
                seconds=job.seconds,
                id=job.name,
                name=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )

    def start(self, hear: Callable[[JobEvent], None]) -> None:
        """Tick from now on; ``hear`` is told how each job fares."""
        self._scheduler.add_listener(hear, _HEARD)
        self._scheduler.start()
        self._keeper.start()

    def _keep_time(self) -> None:
        """Let no job wait longer than its own seconds.

        APScheduler waits until the clock on the wall shows an instant: set back by an hour, it would wait that hour.
        """
        while not self._stopped.wait(_KEPT_EVERY_SECONDS):
            now = clock.utc_now()
            for job in self._scheduler.get_jobs():
                if job.next_run_time > now + job.trigger.interval:
                    with suppress(JobLookupError):
                        self._scheduler.modify_job(job.id, next_run_time=now)

    @property
    def names(self) -> set[str]:
        """The jobs for which it ticks."""
        return {job.id for job in self._scheduler.get_jobs()}

    def take_off(self, job: str) -> None:
        """Tick for this job no more; a job may say so while it runs."""
        with suppress(JobLookupError):
            self._scheduler.remove_job(job)

    def stop(self) -> None:
        """Let the running jobs finish, and begin no other.

        APScheduler holds its locks while it waits for jobs, and one that is just taking jobs off waits for those: for
        ever.  So it is stopped first, and the jobs are waited for afterwards.
        """
        self._stopped.set()
        self._keeper.join()
        self._scheduler.shutdown(wait=False)
        self._threads.shutdown(wait=True)


Ticked = Iterable[tuple[Installation, Sequence[Job]]]


def run(look: Callable[[], Ticked], *, every_seconds: float = LOOK_SECONDS) -> None:
    """Tick for each agency until SIGINT or SIGTERM, then let the running jobs finish.

    ``look`` says for whom, at the start and every so many seconds: whoever was added since ticks from then on.
    """
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    # The metronome says once more what the listener says, and with more words.
    for chatty in ("apscheduler.executors.default", "apscheduler.scheduler"):
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    ticking: dict[AgencyId, Metronome] = {}
    _start_new(ticking, look())
    while not stop.wait(every_seconds):
        try:
            _start_new(ticking, look())
        except Exception:  # a database that is away; what ticks goes on
            logger.exception("it could not be seen whether an agency was added")
    for one in ticking.values():
        one.stop()


def _start_new(ticking: dict[AgencyId, Metronome], agencies: Ticked) -> None:
    for installation, jobs in agencies:
        if installation.agency not in ticking:
            ticking[installation.agency] = _start(installation, jobs)


def _start(installation: Installation, jobs: Sequence[Job]) -> Metronome:
    """Let the jobs of one agency tick, apart from those of others, until it is closed."""
    pulses = Pulses(installation, [job.name for job in jobs])

    def live() -> None:
        pulses.write()
        if _is_closed(installation):
            for job in jobs:
                metronome.take_off(job.name)

    metronome = Metronome([*jobs, Job(name="heartbeat", seconds=HEARTBEAT_SECONDS, act=live)])
    metronome.start(pulses.hear)
    return metronome


def _is_closed(installation: Installation) -> bool:
    with read(installation, actor.SCHEDULE) as work:
        return is_closed(work)


class Pulses:
    """How every job fares in this process, as the metronome tells it; written down with every heartbeat."""

    def __init__(self, installation: Installation, names: Sequence[str]) -> None:
        self._installation = installation
        self._lock = Lock()
        process = f"{socket.gethostname()}/{os.getpid()}"
        self._beats = {name: JobBeat(job=name, process=process) for name in names}

    def hear(self, event: JobEvent) -> None:
        """Take in what happened to a job; a failure and a tick that was passed over are logged."""
        name = str(event.job_id)
        if name not in self._beats:
            if event.code == EVENT_JOB_ERROR and isinstance(event, JobExecutionEvent):
                logger.error("no heartbeat could be written", exc_info=event.exception)
            return
        changes = self._told(name, event)
        with self._lock:
            self._beats[name] = JobBeat(**(vars(self._beats[name]) | changes))

    def _told(self, name: str, event: JobEvent) -> dict[str, Any]:
        now, beats = self._installation.clock(), self._beats[name]
        if event.code == EVENT_JOB_SUBMITTED:
            return {"begun_at": now}
        if event.code == EVENT_JOB_EXECUTED:
            return {"ended_at": now}
        if event.code & _PASSED_OVER:
            logger.info(
                "a tick was passed over", extra={"job": name, "missed": event.code == EVENT_JOB_MISSED}
            )
            return {"passed_over": beats.passed_over + 1}
        assert isinstance(event, JobExecutionEvent)
        logger.error("a job failed", extra={"job": name}, exc_info=event.exception)
        return {
            "failed_at": now,
            "failure": type(event.exception).__name__,
            "failures": beats.failures + 1,
        }

    def write(self) -> None:
        """Write down that this process and its jobs live."""
        with self._lock:
            beats = list(self._beats.values())
        with begin(self._installation, actor.SCHEDULE) as work:
            beat(work, "schedule")
            beat_jobs(work, beats)
