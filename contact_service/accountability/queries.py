"""What an agency says of its handling of data, and whether it has said it."""

from sqlmodel import col, select

from contact_service.accountability.statement import Statement, StatementMissing
from contact_service.accountability.tables import StatementRow
from contact_service.work import Work, asked_once


def statement(work: Work) -> Statement | None:
    """The newest version, None before there is one."""
    newest = _versions(work, most=1)
    return newest[0] if newest else None


def statements(work: Work) -> list[Statement]:
    """Every version, the newest first."""
    return _versions(work)


def demand_statement(work: Work) -> None:
    """Return if somebody has written it down; raise ``StatementMissing`` otherwise: nobody real is entered before."""
    if not _is_there(work):
        raise StatementMissing


@asked_once
def _is_there(work: Work) -> bool:
    return statement(work) is not None


def _versions(work: Work, *, most: int | None = None) -> list[Statement]:
    query = select(StatementRow).where(StatementRow.agency == work.agency)
    rows = work.session.exec(query.order_by(col(StatementRow.version).desc()).limit(most))
    return [
        Statement(
            version=row.version,
            assessed_on=row.assessed_on,
            reference=row.reference,
            controller=row.controller,
            legal_bases=row.legal_bases,
            processors=row.processors,
            entered_by=row.entered_by,
            entered_at=row.entered_at,
        )
        for row in rows
    ]
