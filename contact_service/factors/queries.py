"""What an account has to sign in with, and whose half-done sign-in a cookie belongs to."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select

from contact_service.factors.factor import ENROLMENT_LIMIT, HALF_LIMIT, Factors, Passkey
from contact_service.factors.tables import (
    HalfSignInRow,
    StaffAppRow,
    StaffLinkRow,
    StaffPasskeyRow,
    StaffRecoveryCodeRow,
)
from contact_service.identity.queries import session_id
from contact_service.ids import AccountId
from contact_service.keys.errors import SealedTextDamaged
from contact_service.keys.queries import open_for_person
from contact_service.work import Work

SECRET_FIELD = "sign-in app"  # noqa: S105  the name of a sealed field
# Until its first right code a secret is sealed for the session that asked: no other one of the account opens it.
PENDING_FIELD = SECRET_FIELD + " {}"


def factors_of(work: Work, account: AccountId) -> Factors:
    """What the account has beside its password."""
    app = work.session.get(StaffAppRow, account)
    codes = select(func.count()).where(col(StaffRecoveryCodeRow.account_id) == account)
    keys = select(StaffPasskeyRow).where(StaffPasskeyRow.account_id == account)
    return Factors(
        app_since=app.confirmed_at if app else None,
        codes_left=work.session.exec(codes).one(),
        passkeys=tuple(
            Passkey(id=row.id, name=row.name, added_at=row.added_at, used_at=row.used_at)
            for row in work.session.exec(keys.order_by(col(StaffPasskeyRow.added_at), StaffPasskeyRow.id))
        ),
    )


@dataclass(frozen=True, kw_only=True)
class AgencyLink:
    """How an account stands to the agency's single sign-on; ``linked_at`` is None before the first sign-in."""

    allowed_until: datetime
    linked_at: datetime | None


def agency_link_of(work: Work, account: AccountId) -> AgencyLink | None:
    """The link of an account; None without one, and where the first sign-in did not come in time."""
    row = work.session.get(StaffLinkRow, account)
    if row is None or (row.linked_at is None and row.allowed_until <= work.now):
        return None
    return AgencyLink(allowed_until=row.allowed_until, linked_at=row.linked_at)


def pending_secret(work: Work, account: AccountId, *, browser: str) -> str | None:
    """The secret that is shown for an app to be added, to the session that asked for it, by its cookie ``browser``.

    None when that session asked for none within a quarter of an hour.
    """
    row = work.session.get(StaffAppRow, account)
    if row is None or row.confirmed_at is not None or row.shown_at + ENROLMENT_LIMIT <= work.now:
        return None
    try:
        return _opened(work, row.account_id, row.sealed, PENDING_FIELD.format(session_id(browser)))
    except SealedTextDamaged:  # another session of the account asked
        return None


def secret_in(work: Work, account: str, sealed: bytes) -> str:
    """The secret of an app that counts."""
    return _opened(work, account, sealed, SECRET_FIELD)


def _opened(work: Work, account: str, sealed: bytes, field: str) -> str:
    opened = open_for_person(
        work.session, work.keys, agency=work.agency, person=account, sealed=sealed, field=field
    )
    return opened.decode()


def half_signed_in(work: Work, token: str) -> AccountId | None:
    """Whose password this browser gave within five minutes; it opens nothing but the question for a code."""
    row = work.session.get(HalfSignInRow, session_id(token))
    if row is None or row.started_at + HALF_LIMIT <= work.now:
        return None
    return AccountId(row.account_id)
