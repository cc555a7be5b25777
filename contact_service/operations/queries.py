"""Whether every process lives, and whether the data are made up."""

from datetime import datetime, timedelta

from sqlmodel import select

from contact_service.errors import StartRefused
from contact_service.operations.tables import InstallationMarkRow, ProcessHeartbeatRow
from contact_service.work import Work

BEATING = {"schedule": timedelta(seconds=10), "seal": timedelta(seconds=10)}


class DemoDataOutsideDemo(StartRefused):
    """This database holds the demo's made-up family. Use it with `contact-service demo` only, or start an empty one."""


def silent_processes(work: Work) -> list[str]:
    """The processes whose last heartbeat is too old, or that never beat."""
    beats: dict[str, datetime] = {r.process: r.at for r in work.session.exec(select(ProcessHeartbeatRow))}
    return [name for name, most in BEATING.items() if name not in beats or work.now - beats[name] >= most]


def is_demo(work: Work) -> bool:
    """Whether the data are the demo's."""
    row = work.session.get(InstallationMarkRow, work.agency)
    return row is not None and row.demo


def demand_demo_is(work: Work, *, demo: bool) -> None:
    """Raise ``DemoDataOutsideDemo`` when made-up data would be served as real, or real data in the demo."""
    if is_demo(work) != demo:
        raise DemoDataOutsideDemo
