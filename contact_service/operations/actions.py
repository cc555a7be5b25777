"""Say that a process and its jobs live; take a turn at what is done once; mark a database as the demo’s."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Engine, insert, update
from sqlmodel import col, delete, or_, select, update as change

from contact_service import clock
from contact_service.audit.events import AuditEvent, EventType
from contact_service.keys.actions import insert_if_new
from contact_service.operations.job_beat import CLOCKS_DIFFER, JobBeat, Turn, TurnLost
from contact_service.operations.tables import (
    InstallationMarkRow,
    JobHeartbeatRow,
    JobTurnRow,
    ProcessHeartbeatRow,
)
from contact_service.work import Work


def beat(work: Work, process: str) -> None:
    """Note that ``process`` lives now."""
    insert_if_new(work.session, ProcessHeartbeatRow, {"process": process, "at": work.now})
    this = col(ProcessHeartbeatRow.process) == process
    work.session.exec(change(ProcessHeartbeatRow).where(this).values(at=work.now))


def beat_jobs(work: Work, beats: Iterable[JobBeat]) -> None:
    """Write down how each job fares here; where another process has something from a later moment, that stands."""
    told = {one.job: one for one in beats}
    for job in sorted(told):
        insert_if_new(work.session, JobHeartbeatRow, {"job": job, "process": ""} | _NOTHING_YET)
    query = select(JobHeartbeatRow).where(col(JobHeartbeatRow.job).in_(told)).order_by(JobHeartbeatRow.job)
    rows = work.session.exec(query.with_for_update().execution_options(populate_existing=True))
    for row in rows:
        row.sqlmodel_update(_newer(row, told[row.job], work.now))
        work.session.add(row)


_NOTHING_YET = {"failure": "", "failures": 0, "passed_over": 0}


def _newer(row: JobHeartbeatRow, told: JobBeat, now: datetime) -> dict[str, object]:
    newer: dict[str, object] = {}
    if _is_later(told.begun_at, row.begun_at, now):
        newer |= {"begun_at": told.begun_at, "process": told.process}
        newer |= {"failures": told.failures, "passed_over": told.passed_over}
    if _is_later(told.ended_at, row.ended_at, now):
        newer |= {"ended_at": told.ended_at}
    if _is_later(told.failed_at, row.failed_at, now):
        newer |= {"failed_at": told.failed_at, "failure": told.failure}
    return newer


def _is_later(told: datetime | None, kept: datetime | None, now: datetime) -> bool:
    """Whether it is; what was kept from beyond now is from before the clock was set back."""
    return told is not None and (kept is None or told > kept or kept > now + CLOCKS_DIFFER)


def take_turn(work: Work, job: str, period: str, *, lease: timedelta) -> Turn | None:
    """The right to do ``job`` for ``period``, for so long; None when it is done, or another process is at it."""
    values = {"job": job, "period": period, "fence": 0, "leased_until": work.now, "done_at": None}
    insert_if_new(work.session, JobTurnRow, values)
    statement = (
        change(JobTurnRow)
        .where(
            col(JobTurnRow.job) == job,
            col(JobTurnRow.period) == period,
            col(JobTurnRow.done_at).is_(None),
            or_(col(JobTurnRow.leased_until) <= work.now, col(JobTurnRow.fence) == 0),
        )
        .values(fence=JobTurnRow.fence + 1, leased_until=work.now + lease)
    )
    if work.session.exec(statement).rowcount == 0:
        return None
    row = work.session.get_one(JobTurnRow, (job, period), populate_existing=True)
    return Turn(job=job, period=period, fence=row.fence)


def hold_turn(work: Work, turn: Turn, *, lease: timedelta) -> None:
    """See to it that whatever this Work changes is changed by whoever has the turn, and go on having it.

    Raises ``TurnLost`` when somebody else has it, or it is over.  The row stays locked until the commit.
    """
    row = _held(work, turn)
    row.leased_until = work.now + lease
    work.session.add(row)


def end_turn(work: Work, turn: Turn) -> None:
    """The job is done for this period; raises ``TurnLost``."""
    row = _held(work, turn)
    row.done_at = work.now
    work.session.add(row)


def _held(work: Work, turn: Turn) -> JobTurnRow:
    query = (
        select(JobTurnRow)
        .where(
            JobTurnRow.job == turn.job,
            JobTurnRow.period == turn.period,
            JobTurnRow.fence == turn.fence,
            col(JobTurnRow.done_at).is_(None),
            JobTurnRow.leased_until > work.now,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = work.session.exec(query).first()
    if row is None:
        raise TurnLost
    return row


def forget_turns(work: Work, *, kept: timedelta) -> int:
    """Delete turns that are older than ``kept``; return how many."""
    old = col(JobTurnRow.leased_until) <= work.now - kept
    return work.session.exec(delete(JobTurnRow).where(old)).rowcount


def mark(work: Work, *, demo: bool) -> None:
    """Say once and for all whether the people in this database are made up."""
    work.session.add(InstallationMarkRow(agency=work.agency, demo=demo, made_at=work.now))
    work.record(AuditEvent(type=EventType.INSTALLATION_MARKED, reason="demo" if demo else "real"))


def beat_from(engine: Engine, process: str) -> None:
    """Note that a process without keys lives now: it opens no Work, and touches this one row alone."""
    now = clock.utc_now()
    with engine.begin() as connection:
        table = ProcessHeartbeatRow.__table__  # type: ignore[attr-defined]
        changed = connection.execute(update(table).where(table.c.process == process).values(at=now))
        if changed.rowcount == 0:
            connection.execute(insert(table).values(process=process, at=now))
