"""Which service account a token belongs to, and which there are."""

from sqlmodel import col, select

from contact_service.errors import NotFound, NotSignedIn
from contact_service.identity.account import Account
from contact_service.identity.queries import account_and_owner, account_for, machines
from contact_service.ids import AccountId
from contact_service.service_accounts.scope import Scope
from contact_service.service_accounts.service_account import ServiceAccount, hash_of, looks_like_token
from contact_service.service_accounts.tables import ServiceAccountRow
from contact_service.work import Work


def service_account_of_token(work: Work, token: str) -> ServiceAccount:
    """The account of a token; raises ``NotSignedIn`` alike for one that is unknown, expired or revoked.

    An account whose owner has left stands no more: nobody would answer for it.
    """
    query = select(ServiceAccountRow).where(ServiceAccountRow.token_hash == hash_of(token))
    row = work.session.exec(query).first() if looks_like_token(token) else None
    if row is None:
        raise NotSignedIn
    try:
        account, owner = account_and_owner(work, AccountId(row.account_id))
    except NotFound:  # another agency's
        raise NotSignedIn from None
    found = _service_account(account, row)
    if owner is None or owner.disabled or not found.stands(work.now):
        raise NotSignedIn
    return found


def service_accounts(work: Work) -> list[ServiceAccount]:
    """Every service account of the agency, newest first, those that ended included."""
    query = (
        select(ServiceAccountRow)
        .where(col(ServiceAccountRow.account_id).in_(machines(work)))
        .order_by(col(ServiceAccountRow.made_at).desc(), col(ServiceAccountRow.account_id))
    )
    rows = work.session.exec(query)
    return [_service_account(account_for(work, AccountId(row.account_id)), row) for row in rows]


def service_account_for(work: Work, account: AccountId) -> ServiceAccount:
    """One service account of the agency; raises ``NotFound``."""
    row = work.session.get(ServiceAccountRow, account)
    if row is None:
        raise NotFound
    return _service_account(account_for(work, AccountId(row.account_id)), row)


def _service_account(account: Account, row: ServiceAccountRow) -> ServiceAccount:
    assert account.owner is not None
    return ServiceAccount(
        account=account.id,
        ref=account.ref,
        name=account.name,
        owner=account.owner,
        scopes=frozenset(map(Scope, row.scopes.split(","))),
        made_at=row.made_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
    )
