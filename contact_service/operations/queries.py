"""Whether every process lives, and whether the data are made up."""

from datetime import datetime, timedelta

from sqlmodel import select

from contact_service.errors import StartRefused
from contact_service.operations.job_beat import CLOCKS_DIFFER, JobBeat
from contact_service.operations.tables import InstallationMarkRow, JobHeartbeatRow, ProcessHeartbeatRow
from contact_service.work import Work

BEATING = {"schedule": timedelta(seconds=10), "seal": timedelta(seconds=10)}


SEND_LETTERS = "send letters"
_LETTERS_GO = timedelta(seconds=60)


class DemoDataOutsideDemo(StartRefused):
    """This database holds the demo's made-up family. Use it with `contact-service demo` only, or start an empty one."""


def silent_processes(work: Work) -> list[str]:
    """The processes whose last heartbeat is too old, or that never beat."""
    beats: dict[str, datetime] = {r.process: r.at for r in work.session.exec(select(ProcessHeartbeatRow))}
    return [name for name, most in BEATING.items() if _is_silent(work.now, beats.get(name), most)]


def is_outbox_silent(work: Work) -> bool:
    """Whether no process has been through the outbox, to a good end, for a minute."""
    row = work.session.get(JobHeartbeatRow, SEND_LETTERS)
    return _is_silent(work.now, row.ended_at if row else None, _LETTERS_GO)


def _is_silent(now: datetime, last: datetime | None, most: timedelta) -> bool:
    """Whether it is too long ago, was never, or is yet to come: then the clock was set back since, and nobody knows."""
    return last is None or not -CLOCKS_DIFFER <= now - last < most


def job_beats(work: Work) -> list[JobBeat]:
    """How every job fares, by name."""
    rows = work.session.exec(select(JobHeartbeatRow).order_by(JobHeartbeatRow.job))
    return [JobBeat(**row.model_dump()) for row in rows]


def is_demo(work: Work) -> bool:
    """Whether the data are the demo's."""
    row = work.session.get(InstallationMarkRow, work.agency)
    return row is not None and row.demo


def demand_demo_is(work: Work, *, demo: bool) -> None:
    """Raise ``DemoDataOutsideDemo`` when made-up data would be served as real, or real data in the demo."""
    if is_demo(work) != demo:
        raise DemoDataOutsideDemo
