"""Write down what an agency says of its handling of data."""

from contact_service.accountability.queries import statement
from contact_service.accountability.statement import NewStatement, demand_whole
from contact_service.accountability.tables import StatementRow
from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import NotAllowed
from contact_service.work import Work


def write_statement(work: Work, new: NewStatement) -> int:
    """Keep it as the next version, and return its number; an administrator does.

    Raises ``NotAllowed`` for anybody else and ``BadInput`` where something is missing.
    """
    if not (work.actor.has(Role.ADMINISTRATOR) or work.actor.has(Role.COMMAND_LINE)):
        raise NotAllowed("An administrator writes this down.")
    demand_whole(new, today=work.now.date())
    before = statement(work)
    version = before.version + 1 if before else 1
    work.session.add(
        StatementRow(
            agency=work.agency,
            version=version,
            assessed_on=new.assessed_on,
            reference=new.reference.strip(),
            controller=new.controller.strip(),
            legal_bases=new.legal_bases.strip(),
            processors=new.processors.strip(),
            entered_by=work.actor.ref,
            entered_at=work.now,
        )
    )
    work.session.flush()
    work.record(AuditEvent(type=EventType.DATA_STATEMENT_WRITTEN, facts=(("version", version),)))
    return version
