"""Who acts: an account, a family member by link, the relay, a scheduled job, or the command line."""

from dataclasses import dataclass
from enum import StrEnum

from contact_service.ids import AccountId, PersonId, Ref


class Role(StrEnum):
    """The hat somebody wears.  Staff may have several; everybody else has one."""

    WORKER = "worker"
    APPROVER = "approver"
    VISIT_SUPERVISOR = "visit_supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    FAMILY_MEMBER = "family_member"
    CAREGIVER = "caregiver"
    NOBODY = "nobody"
    RELAY = "relay"
    SCHEDULE = "schedule"
    COMMAND_LINE = "command_line"


STAFF_ROLES = (Role.WORKER, Role.APPROVER, Role.VISIT_SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)


class Authentication(StrEnum):
    """How sure we are that the actor is who they say."""

    NONE = "none"
    LINK = "link"
    PASSWORD = "password"  # noqa: S105  a level, not a secret
    PROCESS = "process"


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something.  ``ref`` is what the evidence log calls them."""

    ref: Ref
    roles: tuple[Role, ...]
    authentication: Authentication
    account: AccountId | None = None
    person: PersonId | None = None

    def has(self, role: Role) -> bool:
        """Whether the actor wears this hat."""
        return role in self.roles


SCHEDULE = Actor(ref=Ref("schedule"), roles=(Role.SCHEDULE,), authentication=Authentication.PROCESS)
COMMAND_LINE = Actor(
    ref=Ref("command-line"), roles=(Role.COMMAND_LINE,), authentication=Authentication.PROCESS
)
NOBODY = Actor(ref=Ref("nobody"), roles=(Role.NOBODY,), authentication=Authentication.NONE)


def relay(name: str) -> Actor:
    """The relay of this registered name."""
    return Actor(ref=Ref(f"relay:{name}"), roles=(Role.RELAY,), authentication=Authentication.PROCESS)
