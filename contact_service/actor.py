"""Who acts: a member of staff, a service account, a family member by link, the relay, a job, or the command line."""

from dataclasses import dataclass
from enum import StrEnum

from contact_service.errors import PersonNeeded
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
    SERVICE_ACCOUNT = "service_account"
    WHOLE_AGENCY = "whole_agency"
    """A service account that reaches every case, and not only those on its own caseload."""


STAFF_ROLES = (Role.WORKER, Role.APPROVER, Role.VISIT_SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)


class Authentication(StrEnum):
    """How sure we are that the actor is who they say."""

    NONE = "none"
    LINK = "link"
    PASSWORD = "password"  # noqa: S105  a level, not a secret
    PASSWORD_AND_APP = "password_and_app"  # noqa: S105  a level, not a secret
    RECOVERY_CODE = "recovery_code"
    PASSKEY = "passkey"
    """Held in the hand, and told who holds it by a finger, a face or a number: two factors that no page can fish."""
    AGENCY = "agency"
    """By the agency's single sign-on, which did not say that nobody can be tricked out of it."""
    AGENCY_PASSKEY = "agency_passkey"
    """By the agency's single sign-on, which said so in the way that the operator wrote down."""
    PROCESS = "process"
    TOKEN = "token"  # noqa: S105  a level, not a secret


@dataclass(frozen=True, kw_only=True)
class StatedPurpose:
    """Why somebody reads, as a code, and under which id their words are kept."""

    code: str
    ref: str


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something.  ``ref`` is what the evidence log calls them.

    ``answers_for``: the account ids and references of the service accounts that this member of staff owns.
    ``purpose``: why they read, where they have said so in this sign-in.
    ``session``: of a member of staff, the id of the browser's session that they act through; it opens nothing.
    ``may_ask_for_visits``: of a machine, whether it has the scope for that, whatever the one it acts under now.
    """

    ref: Ref
    roles: tuple[Role, ...]
    authentication: Authentication
    account: AccountId | None = None
    person: PersonId | None = None
    answers_for: frozenset[str] = frozenset()
    may_ask_for_visits: bool = False
    purpose: StatedPurpose | None = None
    session: str = ""

    def has(self, role: Role) -> bool:
        """Whether the actor wears this hat."""
        return role in self.roles

    def is_behind(self, account: str | None) -> bool:
        """Whether what ``account`` (an id or a reference) did counts as the actor's own: four eyes are two people's."""
        return account is not None and (account in (self.ref, self.account) or account in self.answers_for)

    def demand_person(self) -> None:
        """Raise ``PersonNeeded`` for a machine: where two people are asked for, it is not one of them."""
        if self.has(Role.SERVICE_ACCOUNT):
            raise PersonNeeded


SCHEDULE = Actor(ref=Ref("schedule"), roles=(Role.SCHEDULE,), authentication=Authentication.PROCESS)
COMMAND_LINE = Actor(
    ref=Ref("command-line"), roles=(Role.COMMAND_LINE,), authentication=Authentication.PROCESS
)
NOBODY = Actor(ref=Ref("nobody"), roles=(Role.NOBODY,), authentication=Authentication.NONE)


def for_worker(account: AccountId) -> Actor:
    """The jobs, doing what a worker asked them to do later: the log names the jobs, the rules ask for the worker."""
    return Actor(
        ref=SCHEDULE.ref,
        roles=(Role.SCHEDULE, Role.WORKER),
        authentication=Authentication.PROCESS,
        account=account,
    )


def relay(name: str) -> Actor:
    """The relay of this registered name."""
    return Actor(ref=Ref(f"relay:{name}"), roles=(Role.RELAY,), authentication=Authentication.PROCESS)
