"""Who an account is, and whose session a cookie belongs to."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import bindparam
from sqlmodel import col, or_, select

from contact_service.actor import Authentication, Role, StatedPurpose
from contact_service.database import some
from contact_service.errors import BadInput, NotFound, NotSignedIn
from contact_service.identity.account import ABSOLUTE_LIMIT, IDLE_LIMIT, Account
from contact_service.identity.tables import StaffAccountRow, StaffLanguageRow, StaffSessionRow
from contact_service.ids import AccountId, Ref
from contact_service.people.language import Language, from_plain
from contact_service.work import Work, answered_before, asked_once, asked_once_of_each, reads

_LANGUAGES = select(StaffLanguageRow).where(col(StaffLanguageRow.account_id).in_(some("accounts")))
_WITH_OWNER = select(StaffAccountRow).where(
    StaffAccountRow.agency == bindparam("of_agency"),
    or_(
        StaffAccountRow.id == bindparam("account"),
        col(StaffAccountRow.id).in_(
            select(StaffAccountRow.owner_id).where(StaffAccountRow.id == bindparam("account"))
        ),
    ),
)
# Columns and no rows, put together once: it is asked with every visit, of everybody, and needs no password's hash.
_EVERYBODY = (
    select(  # type: ignore[call-overload]  # more columns than its overloads know
        StaffAccountRow.id,
        StaffAccountRow.ref,
        StaffAccountRow.email,
        StaffAccountRow.name,
        StaffAccountRow.roles,
        StaffAccountRow.owner_id,
        StaffAccountRow.disabled_at,
    )
    .where(
        StaffAccountRow.agency == bindparam("of_agency"),
        col(StaffAccountRow.disabled_at).is_(None),
        col(StaffAccountRow.owner_id).is_(None),
    )
    .order_by(StaffAccountRow.name)
)
_ROUNDED_OFF = timedelta(milliseconds=1)
_WRITE_FOR_OTHERS = (Role.APPROVER, Role.ADMINISTRATOR, Role.COMMAND_LINE)


@dataclass(frozen=True, kw_only=True)
class StaffSession:
    """A signed-in browser."""

    account: Account
    csrf: str
    seen_at: datetime


def session_id(token: str) -> str:
    """What is stored of a session cookie."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_for(work: Work, token: str) -> StaffSession:
    """The session of a cookie; raises ``NotSignedIn`` when unknown, idle for 15 minutes, 12 hours old or disabled."""
    row = work.session.get(StaffSessionRow, session_id(token))
    if row is None or row.seen_at + IDLE_LIMIT <= work.now or row.started_at + ABSOLUTE_LIMIT <= work.now:
        raise NotSignedIn
    account = work.session.get(StaffAccountRow, row.account_id)
    if account is None or account.disabled_at is not None or account.agency != work.agency:
        raise NotSignedIn
    signed_in = replace(
        _account(account),
        answers_for=_owned_by(work, AccountId(account.id)),
        authentication=Authentication(row.authentication),
        purpose=_purpose(row),
        session=row.id,
    )
    return StaffSession(account=signed_in, csrf=row.csrf, seen_at=row.seen_at)


def _purpose(row: StaffSessionRow) -> StatedPurpose | None:
    if row.purpose is None or row.purpose_id is None:
        return None
    return StatedPurpose(code=row.purpose, ref=row.purpose_id)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """By what, and when, somebody last showed in a session that it is they who sit there; ``anew``: since it began."""

    by: Authentication
    at: datetime
    anew: bool = False


def proof_in(work: Work, session: str) -> Proof | None:
    """The newest proof of the session with the id ``session``, its sign-in counted; None when it is over."""
    row = work.session.get(StaffSessionRow, session)
    if row is None:
        return None
    if row.authentication == Authentication.RECOVERY_CODE:
        # What is left after a loss grows into nothing better by what is added with it: only a new sign-in does.
        return Proof(by=Authentication.RECOVERY_CODE, at=row.proved_at or row.started_at)
    if row.proved_at is not None and row.proved_by is not None:
        return Proof(by=Authentication(row.proved_by), at=row.proved_at, anew=True)
    return Proof(by=Authentication(row.authentication), at=row.started_at)


def run_out(work: Work) -> list[str]:
    """The ids of sessions that ran out by time, and were not ended yet."""
    over = or_(
        col(StaffSessionRow.seen_at) <= work.now - IDLE_LIMIT,
        col(StaffSessionRow.started_at) <= work.now - ABSOLUTE_LIMIT,
    )
    return list(work.session.exec(select(StaffSessionRow.id).where(over).order_by(StaffSessionRow.id)))


def session_of_ticket(work: Work, participant: str, issued_at: datetime) -> str | None:
    """The handle of the session that a ticket to the place of ``participant`` was signed for; None if not known.

    ``issued_at`` is whole milliseconds, as tickets name them.  Only the last ticket of each session is known.
    """
    found = select(StaffSessionRow.handle).where(
        StaffSessionRow.ticket_for == participant,
        col(StaffSessionRow.ticket_at) >= issued_at,
        col(StaffSessionRow.ticket_at) <= issued_at + _ROUNDED_OFF,
    )
    handles = work.session.exec(found).all()
    return handles[0] if len(handles) == 1 else None


@dataclass(frozen=True, kw_only=True)
class OpenSession:
    """A sign-in that stands, as its owner sees it; ``handle`` ends it and opens nothing."""

    handle: str
    started_at: datetime
    seen_at: datetime
    authentication: Authentication
    this: bool


def sessions_of(work: Work, account: AccountId, *, token: str = "") -> list[OpenSession]:
    """Every session of the account that stands, the last seen first; the one of the cookie ``token`` is ``this``."""
    query = (
        select(StaffSessionRow)
        .where(
            StaffSessionRow.account_id == account,
            col(StaffSessionRow.seen_at) > work.now - IDLE_LIMIT,
            col(StaffSessionRow.started_at) > work.now - ABSOLUTE_LIMIT,
        )
        .order_by(col(StaffSessionRow.seen_at).desc(), StaffSessionRow.id)
    )
    return [
        OpenSession(
            handle=row.handle,
            started_at=row.started_at,
            seen_at=row.seen_at,
            authentication=Authentication(row.authentication),
            this=row.id == session_id(token),
        )
        for row in work.session.exec(query)
    ]


def _owned_by(work: Work, owner: AccountId) -> frozenset[str]:
    """The ids and references of the service accounts that somebody answers for, those that ended included."""
    query = select(StaffAccountRow).where(StaffAccountRow.owner_id == owner)
    return frozenset(name for row in work.session.exec(query) for name in (row.id, row.ref))


@asked_once
@reads("staff_account")
def account_for(work: Work, account: AccountId) -> Account:
    """An account of the agency; raises ``NotFound``."""
    row = work.session.get(StaffAccountRow, account)
    if row is None or row.agency != work.agency:
        raise NotFound
    return _account(row)


def account_and_owner(work: Work, account: AccountId) -> tuple[Account, Account | None]:
    """A service account of the agency and who answers for it, in one question; raises ``NotFound``."""
    given = {"of_agency": work.agency, "account": account}
    found = {row.id: _account(row) for row in work.session.exec(_WITH_OWNER, params=given)}
    if account not in found:
        raise NotFound
    return found[account], found.get(found[account].owner or "")


def account_with_email(work: Work, email: str) -> Account:
    """The enabled account that signs in with this address; raises ``BadInput`` when there is none."""
    query = select(StaffAccountRow).where(StaffAccountRow.email == email.strip().lower())
    row = work.session.exec(query).first()
    if row is None or row.agency != work.agency or row.disabled_at is not None:
        raise BadInput(f"Nobody signs in as {email}. Write the e-mail address of a member of staff.", "email")
    return _account(row)


def accounts_with(work: Work, role: Role) -> list[Account]:
    """Every enabled account with a role, by name."""
    return [account for account in everybody(work) if role in account.roles]


@asked_once
@reads("staff_account")
def everybody(work: Work) -> list[Account]:
    """Every enabled account of the agency that a person signs in with, by name."""
    found = [_account(row) for row in work.session.exec(_EVERYBODY, params={"of_agency": work.agency})]
    answered_before(work, account_for, {(account.id,): account for account in found})
    return found


def is_anybody_there(work: Work) -> bool:
    """Whether there is any account of a person, also one that is closed."""
    person = col(StaffAccountRow.owner_id).is_(None)
    query = select(StaffAccountRow.id).where(StaffAccountRow.agency == work.agency, person)
    return work.session.exec(query.limit(1)).first() is not None


def machines(work: Work) -> list[AccountId]:
    """The account of every service account of the agency, those that ended included."""
    query = select(StaffAccountRow.id).where(
        StaffAccountRow.agency == work.agency, col(StaffAccountRow.owner_id).is_not(None)
    )
    return [AccountId(row) for row in work.session.exec(query)]


def account_of_email(work: Work, email: str) -> Account:
    """The account that signs in with an address; raises ``NotFound``."""
    row = work.session.exec(
        select(StaffAccountRow).where(StaffAccountRow.email == email.strip().lower())
    ).first()
    return account_for(work, AccountId(row.id if row else ""))


def who_hears(work: Work, account: AccountId) -> AccountId:
    """Who is written to about what an account did: the account itself, or the owner of a service account."""
    return account_for(work, account).owner or account


@asked_once
def languages_of(work: Work, account: AccountId) -> tuple[Language, ...]:
    """What a member of staff speaks and signs; empty when nobody has asked them."""
    rows = work.session.exec(
        select(StaffLanguageRow).where(StaffLanguageRow.account_id == account).order_by(StaffLanguageRow.tag)
    )
    return tuple(from_plain({"tag": row.tag, "mode": row.mode, "level": row.level}) for row in rows)


@asked_once_of_each
def languages_of_each(work: Work, accounts: Collection[AccountId]) -> dict[AccountId, tuple[Language, ...]]:
    """What each of these members of staff speaks and signs."""
    wanted = list(accounts)
    rows = work.session.exec(_LANGUAGES, params={"accounts": wanted})
    found: dict[AccountId, list[Language]] = {account: [] for account in wanted}
    for row in sorted(rows, key=lambda row: row.tag):
        found[AccountId(row.account_id)].append(
            from_plain({"tag": row.tag, "mode": row.mode, "level": row.level})
        )
    languages_of_all = {account: tuple(languages) for account, languages in found.items()}
    answered_before(work, languages_of, {(account,): known for account, known in languages_of_all.items()})
    return languages_of_all


def may_write_for(work: Work, account: AccountId) -> bool:
    """Whether the actor writes down languages and hours of ``account``: their own; an approver or administrator all."""
    return work.actor.account == account or any(work.actor.has(role) for role in _WRITE_FOR_OTHERS)


def names_by_ref(work: Work) -> dict[str, str]:
    """The name of every staff account by what the evidence calls it."""
    rows = work.session.exec(select(StaffAccountRow).where(StaffAccountRow.agency == work.agency))
    return {row.ref: row.name for row in rows}


@lru_cache(maxsize=256)
def _roles(text: str) -> tuple[Role, ...]:
    return tuple(map(Role, text.split(",")))


def _account(row: StaffAccountRow) -> Account:
    return Account(
        id=AccountId(row.id),
        ref=Ref(row.ref),
        email=row.email,
        name=row.name,
        roles=_roles(row.roles),
        disabled=row.disabled_at is not None,
        owner=AccountId(row.owner_id) if row.owner_id else None,
    )
