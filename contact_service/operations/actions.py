"""Say that a process lives; mark a database as the demo’s."""

from sqlalchemy import Engine, insert, update

from contact_service import clock
from contact_service.audit.events import AuditEvent, EventType
from contact_service.operations.tables import InstallationMarkRow, ProcessHeartbeatRow
from contact_service.work import Work


def beat(work: Work, process: str) -> None:
    """Note that ``process`` lives now."""
    row = work.session.get(ProcessHeartbeatRow, process) or ProcessHeartbeatRow(process=process, at=work.now)
    row.at = work.now
    work.session.add(row)


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
