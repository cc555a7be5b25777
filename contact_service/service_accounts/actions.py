"""Make and revoke service accounts.  A token is shown once and kept nowhere."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, Conflict, NotAllowed
from contact_service.identity import actions as identity
from contact_service.identity.queries import account_for
from contact_service.ids import AccountId
from contact_service.service_accounts import queries
from contact_service.service_accounts.scope import Scope
from contact_service.service_accounts.service_account import (
    LONGEST_LIFE,
    LONGEST_NAME,
    PREFIX,
    TOKEN_BYTES,
    ServiceAccount,
    hash_of,
)
from contact_service.service_accounts.tables import ServiceAccountRow
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class NewServiceAccount:
    """A service account as it is asked for.  ``owner`` answers for it."""

    name: str
    owner: AccountId
    scopes: frozenset[Scope]
    lasts: timedelta


@dataclass(frozen=True, kw_only=True)
class Made:
    """``token`` is shown to whoever asked and kept nowhere else."""

    account: AccountId
    token: str


def add_service_account(work: Work, new: NewServiceAccount) -> Made:
    """Make a service account from the command line; raises ``BadInput`` for a name in use or a life that cannot be."""
    _demand_command_line(work)
    _demand_sound(work, new)
    account = identity.add_machine(work, name=new.name.strip(), owner=new.owner)
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    row = ServiceAccountRow(
        account_id=account,
        token_hash=hash_of(token),
        scopes=",".join(sorted(new.scopes)),
        made_at=work.now,
        expires_at=work.now + new.lasts,
    )
    work.session.add(row)
    work.session.flush()
    _record(work, EventType.SERVICE_ACCOUNT_ADDED, queries.service_account_for(work, account))
    return Made(account=account, token=token)


def revoke(work: Work, account: AccountId) -> None:
    """The token is worth nothing from now; raises ``NotFound``, or ``Conflict`` when it was revoked before."""
    _demand_command_line(work)
    found = queries.service_account_for(work, account)
    row = work.session.get_one(ServiceAccountRow, account, with_for_update=True, populate_existing=True)
    if row.revoked_at is not None:
        raise Conflict("This service account is revoked already.")
    row.revoked_at = work.now
    work.session.add(row)
    identity.disable(work, account)
    _record(work, EventType.SERVICE_ACCOUNT_REVOKED, found)


def _demand_command_line(work: Work) -> None:
    if not work.actor.has(Role.COMMAND_LINE):
        raise NotAllowed("Service accounts are made and revoked at the command line.")


def _demand_sound(work: Work, new: NewServiceAccount) -> None:
    name = new.name.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput(f"Write a name of at most {LONGEST_NAME} letters.", "name")
    if any(one.name == name and one.revoked_at is None for one in queries.service_accounts(work)):
        raise BadInput("There is a service account with this name already.", "name")
    if not timedelta(0) < new.lasts <= LONGEST_LIFE:
        raise BadInput(f"A service account lasts from 1 to {LONGEST_LIFE.days} days.", "days")
    owner = account_for(work, new.owner)
    if owner.owner is not None or owner.disabled:
        raise BadInput("Somebody who signs in answers for a service account.", "owner")


def _record(work: Work, event: EventType, one: ServiceAccount) -> None:
    scopes = tuple((f"scope_{n}", scope.value) for n, scope in enumerate(sorted(one.scopes), 1))
    facts = (
        ("account", one.ref),
        ("owner", account_for(work, one.owner).ref),
        ("expires_on", one.expires_at.date().isoformat()),
        *scopes,
    )
    work.record(AuditEvent(type=event, facts=facts))
