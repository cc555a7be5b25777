"""Who calls, and who the staff are that a visit can name."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from contact_service.actor import STAFF_ROLES, Role
from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import Answer, Body, Line
from contact_service.api.v1.languages import SpokenLanguage, languages_told
from contact_service.api.v1.once import OnceRoute
from contact_service.errors import BadInput
from contact_service.identity import queries as identity
from contact_service.readings.actions import state_purpose
from contact_service.readings.purpose import ReadingPurpose
from contact_service.service_accounts.scope import Scope

router = APIRouter(route_class=OnceRoute, tags=["callers"])
Decider = Annotated[Desk, deciding()]
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
    purpose: ReadingPurpose | None = Field(
        default=None, description="What an auditor said that they read for."
    )


class PurposeBody(Body):
    """What an auditor reads for until they sign out."""

    purpose: ReadingPurpose
    words: Line = Field(
        examples=["Inspection 2030/17"],
        description="Which inspection, complaint or request: 5 to 200 letters, no names of people.  Sealed.",
    )


class KnownReadingPurpose(Answer):
    """``id`` is what the access log calls it."""

    id: str
    purpose: ReadingPurpose


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
        purpose=ReadingPurpose(desk.work.actor.purpose.code) if desk.work.actor.purpose else None,
    )


@router.post(
    "/me/purpose",
    status_code=201,
    operation_id="statePurpose",
    summary="Say what an auditor reads for (a person says it)",
)
def say_purpose(desk: Decider, body: PurposeBody) -> KnownReadingPurpose:
    """Nothing else opens to an auditor before that; it stands beside each of their readings in the access log."""
    stated = state_purpose(desk.work, desk.cookie, body.purpose, body.words)
    return KnownReadingPurpose(id=stated.ref, purpose=body.purpose)


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
