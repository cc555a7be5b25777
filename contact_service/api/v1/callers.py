"""Who calls, and who the staff are that a visit can name."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from contact_service.actor import STAFF_ROLES, Role
from contact_service.api.v1.access import Desk, reading
from contact_service.api.v1.bodies import Answer
from contact_service.api.v1.languages import SpokenLanguage, languages_told
from contact_service.api.v1.once import OnceRoute
from contact_service.errors import BadInput
from contact_service.identity import queries as identity
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["callers"])
Anybody = Annotated[Desk, reading(None)]
StaffReader = Annotated[Desk, reading(Scope.STAFF_READ)]


class Me(Answer):
    """The caller.  ``csrf`` is for requests with a session only."""

    account: str
    name: str = Field(examples=["Caseworks"])
    kind: str = Field(examples=["service_account"])
    roles: list[Role]
    scopes: list[Scope]
    csrf: str | None = None


class Colleague(Answer):
    """A member of staff."""

    id: str
    name: str = Field(examples=["Lena Voss"])
    roles: list[Role]
    languages: list[SpokenLanguage]


@router.get("/me", operation_id="whoAmI", summary="Who am I?")
def me(desk: Anybody) -> Me:
    """The caller's own account, what it may do, and for a session the token that changes need."""
    account = identity.account_for(desk.work, desk.account)
    return Me(
        account=account.id,
        name=account.name,
        kind="service_account" if desk.machine else "staff",
        roles=[] if desk.machine else list(account.roles),
        scopes=sorted(desk.machine.scopes) if desk.machine else [],
        csrf=desk.csrf or None,
    )


@router.get("/staff", operation_id="listStaff", summary="Staff who sign in")
def staff(desk: StaffReader, role: Annotated[Role | None, Query()] = None) -> list[Colleague]:
    """Everybody who signs in, by name; of one role when it is given."""
    if role is not None and role not in STAFF_ROLES:
        raise BadInput(f"A role is one of: {', '.join(STAFF_ROLES)}.", "role")
    found = identity.everybody(desk.work) if role is None else identity.accounts_with(desk.work, role)
    return [
        Colleague(
            id=one.id,
            name=one.name,
            roles=list(one.roles),
            languages=languages_told(identity.languages_of(desk.work, one.id)),
        )
        for one in found
    ]
