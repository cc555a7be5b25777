"""Note that somebody showed once more that it is they, and end what the agency's single sign-on ended."""

from sqlmodel import col, select

from contact_service.actor import Authentication
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import NotSignedIn
from contact_service.identity.account import BY_AGENCY
from contact_service.identity.queries import account_for
from contact_service.identity.tables import StaffSessionRow
from contact_service.ids import AccountId
from contact_service.work import Work


def note_proof(work: Work, by: Authentication) -> None:
    """Whoever sits at the actor's session just showed, by ``by``, that it is they; it is recorded.

    Raises ``NotSignedIn`` where the session is over.
    """
    row = work.session.get(StaffSessionRow, work.actor.session)
    if row is None:
        raise NotSignedIn
    row.proved_by, row.proved_at = by.value, work.now
    work.session.add(row)
    work.session.flush()
    facts = (("account", work.actor.ref), ("authentication", by.value))
    work.record(AuditEvent(type=EventType.STAFF_PROVED, facts=facts))


def end_agency_sessions(
    work: Work, *, account: AccountId | None, provider_session: str | None, reason: str
) -> list[AccountId]:
    """End the sessions that the agency's single sign-on started, and record it; returns whose they were.

    Those of ``account``, the one that the provider calls ``provider_session``, or where both are given both fit.
    """
    found = select(StaffSessionRow).where(col(StaffSessionRow.authentication).in_(sorted(BY_AGENCY)))
    if account is not None:
        found = found.where(StaffSessionRow.account_id == account)
    if provider_session is not None:
        found = found.where(StaffSessionRow.provider_session == provider_session)
    assert account is not None or provider_session is not None, "never everybody's"
    ended: dict[AccountId, int] = {}
    for row in work.session.exec(found.with_for_update()).all():
        whose = AccountId(row.account_id)
        ended[whose] = ended.get(whose, 0) + 1
        work.session.delete(row)
    work.session.flush()
    for whose, number in ended.items():
        facts = (("account", account_for(work, whose).ref), ("sessions", number))
        work.record(AuditEvent(type=EventType.STAFF_SESSIONS_ENDED, reason=reason, facts=facts))
    return list(ended)
