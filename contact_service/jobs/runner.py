"""The only user of APScheduler, and as a ticker only: what is due lives in our own tables.

Memory store, UTC, ``coalesce``, ``max_instances=1``, ``misfire_grace_time=None``: a late tick is one tick, never lost
and never doubled.
"""

import logging
import signal
from collections.abc import Callable, Sequence
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler

from contact_service.jobs.schedule import Job

logger = logging.getLogger(__name__)


def run(jobs: Sequence[Job]) -> None:
    """Tick until SIGINT or SIGTERM, then let the running jobs finish."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    scheduler = BackgroundScheduler(timezone="UTC")
    for job in jobs:
        scheduler.add_job(
            _guarded(job),
            "interval",
            seconds=job.seconds,
            name=job.name,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)


def _guarded(job: Job) -> Callable[[], None]:
    """A job that fails is logged and tried again at its next tick; it never stops the others."""

    def tick() -> None:
        try:
            job.act()
        except Exception:  # the edge of the process: the next tick tries again
            logger.exception("a job failed", extra={"job": job.name})

    return tick
