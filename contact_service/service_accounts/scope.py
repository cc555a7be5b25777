"""What a service account may do, in the words of the field; and the hat that each of these lets it wear.  Pure.

There is no scope for what two persons decide (approving, lifting, publishing, merging, signing off): a machine is not a
person.
"""

from collections.abc import Iterable
from enum import StrEnum

from contact_service.actor import Role
from contact_service.errors import BadInput


class Scope(StrEnum):
    """One thing that a service account may do."""

    PEOPLE_READ = "people:read"
    PEOPLE_WRITE = "people:write"
    PLACEMENTS_READ = "placements:read"
    PLACEMENTS_WRITE = "placements:write"
    RESTRICTIONS_READ = "restrictions:read"
    RESTRICTIONS_WRITE = "restrictions:write"
    PLANS_READ = "plans:read"
    PLANS_WRITE = "plans:write"
    ORDERS_READ = "orders:read"
    ORDERS_WRITE = "orders:write"
    CONSENTS_READ = "consents:read"
    CONSENTS_WRITE = "consents:write"
    POLICY_READ = "policy:read"
    POLICY_WRITE = "policy:write"
    VISITS_READ = "visits:read"
    VISITS_REQUEST = "visits:request"
    FOLLOW_UPS_READ = "follow_ups:read"
    FOLLOW_UPS_WRITE = "follow_ups:write"
    HISTORY_READ = "history:read"
    STAFF_READ = "staff:read"
    ALL_CASES = "cases:all"
    """Every case of the agency, and not only those on the account's own caseload."""


SAYS: dict[Scope, str] = {
    Scope.PEOPLE_READ: "cases, people, relationships, channels, rights to decide, who is approved, merges",
    Scope.PEOPLE_WRITE: "open cases, add people and change what is known of them, propose merges",
    Scope.PLACEMENTS_READ: "where children live",
    Scope.PLACEMENTS_WRITE: "record placements and moves",
    Scope.RESTRICTIONS_READ: "restrictions",
    Scope.RESTRICTIONS_WRITE: "record restrictions, ask to lift one",
    Scope.PLANS_READ: "contact plans and quiet hours",
    Scope.PLANS_WRITE: "propose plans, keep quiet hours",
    Scope.ORDERS_READ: "court orders",
    Scope.ORDERS_WRITE: "record orders and their versions",
    Scope.CONSENTS_READ: "consents, assents, notices, and their words",
    Scope.CONSENTS_WRITE: "record what a holder of the right to decide has answered",
    Scope.POLICY_READ: "the policy and its versions",
    Scope.POLICY_WRITE: "propose a version of the policy",
    Scope.VISITS_READ: "visits, why a visit cannot be, and what waits for a decision",
    Scope.VISITS_REQUEST: "ask for visits, change, withdraw and cancel them, ask again, send messages again",
    Scope.FOLLOW_UPS_READ: "what workers must do next",
    Scope.FOLLOW_UPS_WRITE: "say that a follow-up was done",
    Scope.HISTORY_READ: "the evidence of every case, as an auditor reads it",
    Scope.STAFF_READ: "names and roles of staff",
    Scope.ALL_CASES: "every case of the agency, and not only those on the account's caseload",
}

_WORKS = frozenset(
    {
        Scope.PEOPLE_WRITE,
        Scope.PLACEMENTS_READ,
        Scope.PLACEMENTS_WRITE,
        Scope.RESTRICTIONS_WRITE,
        Scope.PLANS_WRITE,
        Scope.ORDERS_WRITE,
        Scope.CONSENTS_WRITE,
        Scope.VISITS_REQUEST,
        Scope.FOLLOW_UPS_READ,
        Scope.FOLLOW_UPS_WRITE,
    }
)


def hats(scope: Scope, *, all_cases: bool) -> tuple[Role, ...]:
    """The hats for one request under ``scope``: no more than it needs, and never an approver's."""
    worn = [Role.SERVICE_ACCOUNT]
    if scope in _WORKS:
        worn.append(Role.WORKER)
    if scope is Scope.POLICY_WRITE:
        worn.append(Role.ADMINISTRATOR)
    if scope is Scope.HISTORY_READ:
        worn.append(Role.AUDITOR)
    if all_cases:
        worn.append(Role.WHOLE_AGENCY)
    return tuple(worn)


def parse_scopes(texts: Iterable[str]) -> frozenset[Scope]:
    """Scopes from their names, also joined by commas; raises ``BadInput`` naming the ones that exist."""
    names = [name.strip() for text in texts for name in text.split(",")]
    unknown = [name for name in names if name not in set(Scope)]
    if unknown or not set(names) - {Scope.ALL_CASES}:
        raise BadInput(f"A scope is one of: {', '.join(Scope)}.", "scope")
    return frozenset(map(Scope, names))
