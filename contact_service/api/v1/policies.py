"""The agency's policy: read it, propose a version, accept what applies; publishing and declining are for people."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import Field

from contact_service.agency_policy import actions, queries
from contact_service.agency_policy.difference import difference
from contact_service.agency_policy.document import Document
from contact_service.agency_policy.reading import LONGEST_TEXT, entries
from contact_service.agency_policy.version import PolicyAct, PolicyHistory, PolicyState
from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import Answer, Body, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.problems import RefusingRule
from contact_service.approvals.actions.publishing import publish_policy
from contact_service.service_accounts.scope import Scope
from contact_service.visits.queries.rehearsing import Affected, would_now_refuse

router = APIRouter(route_class=OnceRoute, tags=["policy"])
Reader = Annotated[Desk, reading(Scope.POLICY_READ)]
Writer = Annotated[Desk, writing(Scope.POLICY_WRITE)]
Asker = Annotated[Desk, writing(Scope.VISITS_REQUEST)]
Decider = Annotated[Desk, deciding()]
Version = Annotated[int, Path(ge=0, le=1_000_000)]


class PolicyBody(Body):
    """A policy as people write it (YAML)."""

    text: Annotated[str, Field(max_length=2 * LONGEST_TEXT)] = Field(examples=["title: Our policy\n"])


class AcceptBody(Body):
    """Whoever runs the caller has read what this version says about the act, and shows it to those who use it."""

    version: int
    act: PolicyAct = Field(examples=["book"])


class PolicyInForce(Answer):
    """The policy in force: every entry by its place."""

    version: int
    title: str
    entries: dict[str, str] = Field(examples=[{"limits.early_entry": "15 min"}])


class KnownVersion(Answer):
    """One version and where it stands."""

    version: int
    state: PolicyState
    title: str
    based_on: int
    proposed_at: datetime
    decided_at: datetime | None


class ChangedEntry(Answer):
    """One entry that differs from the version before."""

    place: str
    before: str | None
    after: str | None


class WouldRefuse(Answer):
    """A visit that a proposed version would refuse."""

    visit: str
    rules: list[RefusingRule]


class VersionWhole(KnownVersion):
    """One version, what it changes, and which visits it would refuse while it waits."""

    text: str
    changes: list[ChangedEntry]
    refused: list[WouldRefuse]
    refused_elsewhere: int


class NumberedVersion(Answer):
    """The number of a version."""

    version: int


@router.get("/policy", operation_id="readPolicy", summary="The policy in force")
def in_force(desk: Reader) -> PolicyInForce:
    """Version 0 is the product's own defaults."""
    found = queries.policy_in_force(desk.work)
    return PolicyInForce(version=found.version, title=found.document.title, entries=entries(found.document))


@router.get("/policy/versions", operation_id="listPolicyVersions", summary="Every version of the policy")
def listed(desk: Reader) -> list[KnownVersion]:
    """Newest first."""
    return [_shown(one) for one in queries.policy_versions(desk.work)]


@router.get(
    "/policy/versions/{version}", operation_id="readPolicyVersion", summary="One version of the policy"
)
def one(desk: Reader, version: Version) -> VersionWhole:
    """What it changes; while it waits, which visits within reach it would refuse, and how many elsewhere."""
    found = queries.policy_version(desk.work, version)
    waits = found.state is PolicyState.PROPOSED
    ahead = would_now_refuse(desk.work, found.document) if waits else None
    changes = difference(_before(desk, found), found.document)
    return VersionWhole(
        **vars(_shown(found)),
        text=found.text,
        changes=[ChangedEntry(place=c.place, before=c.before, after=c.after) for c in changes],
        refused=[_affected(one) for one in ahead.seen] if ahead else [],
        refused_elsewhere=ahead.more if ahead else 0,
    )


@router.post("/policy/versions", status_code=201, operation_id="proposePolicy", summary="Propose a version")
def propose(desk: Writer, body: PolicyBody) -> NumberedVersion:
    """Every fault comes back with its line (`policy-not-valid`)."""
    return NumberedVersion(version=actions.propose_policy(desk.work, body.text))


@router.post(
    "/policy/versions/{version}/publish",
    operation_id="publishPolicy",
    summary="Put it in force (a person decides)",
)
def publish(desk: Decider, version: Version, body: Nothing) -> NumberedVersion:  # noqa: ARG001
    """Never one's own.  Booked visits that it would refuse are put before an approver."""
    publish_policy(desk.work, version)
    return NumberedVersion(version=version)


@router.post(
    "/policy/versions/{version}/decline", operation_id="declinePolicy", summary="Say no (a person decides)"
)
def decline(desk: Decider, version: Version, body: Nothing) -> NumberedVersion:  # noqa: ARG001
    """The one in force stands."""
    actions.decline_policy(desk.work, version)
    return NumberedVersion(version=version)


@router.post(
    "/policy/acceptances", operation_id="acceptPolicy", summary="Accept what the policy says about an act"
)
def accept(desk: Asker, body: AcceptBody) -> NumberedVersion:
    """Needed before the first request under each version (R30).  A service account accepts for booking alone."""
    if body.act is not PolicyAct.BOOK:
        desk.work.actor.demand_person()
    actions.accept_policy(desk.work, body.act, version=body.version)
    return NumberedVersion(version=body.version)


def _shown(one: PolicyHistory) -> KnownVersion:
    return KnownVersion(
        version=one.version,
        state=one.state,
        title=one.document.title,
        based_on=one.based_on,
        proposed_at=one.proposed_at,
        decided_at=one.decided_at,
    )


def _before(desk: Desk, one: PolicyHistory) -> Document:
    """What a waiting version would change is what is in force; what a decided one changed is what it was based on."""
    if one.state is PolicyState.PROPOSED:
        return queries.policy_in_force(desk.work).document
    return queries.policy_version(desk.work, one.based_on).document if one.based_on else Document()


def _affected(one: Affected) -> WouldRefuse:
    return WouldRefuse(visit=one.visit.id, rules=problems.rules_of(one.reasons))
