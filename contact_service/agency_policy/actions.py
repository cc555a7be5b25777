"""Propose a version of the policy, publish it by a second person, or decline it; accept what applies to an act."""

from sqlalchemy.exc import IntegrityError

from contact_service.actor import Role
from contact_service.agency_policy import queries
from contact_service.agency_policy.document import ApprovedAct, Document
from contact_service.agency_policy.reading import read_policy, write_policy
from contact_service.agency_policy.tables import AgencyPolicyRow, PolicyAcceptanceRow
from contact_service.agency_policy.version import PolicyAct, PolicyState
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.work import Work


def start_policy(work: Work, document: Document) -> int:
    """Publish an agency's first policy from the command line; raises ``Conflict`` when there is one already."""
    if not work.actor.has(Role.COMMAND_LINE):
        raise NotAllowed
    if queries.newest_number(work):
        raise Conflict("This agency has a policy. Propose the next version on the policy page.")
    row = _new_row(work, write_policy(document), document)
    row.state, row.decided_at = PolicyState.PUBLISHED, work.now
    work.session.add(row)
    work.record(AuditEvent(type=EventType.POLICY_PUBLISHED, policy_version=row.version))
    return row.version


def propose_policy(work: Work, text: str) -> int:
    """Keep a new version that waits for a second person, and return its number.

    Raises ``PolicyNotValid`` with every fault and its line, and changes nothing.
    """
    _demand_policy_maker(work)
    document = read_policy(text)
    if document == queries.policy_in_force(work).document:
        raise BadInput("Nothing is different from the policy in force. Change something first.", "text")
    row = _new_row(work, text, document)
    try:
        work.session.flush()
    except IntegrityError:
        raise Conflict("Somebody proposed a policy a moment ago. Load the page again.") from None
    work.record(AuditEvent(type=EventType.POLICY_PROPOSED, policy_version=row.version))
    return row.version


def _new_row(work: Work, text: str, document: Document) -> AgencyPolicyRow:
    row = AgencyPolicyRow(
        agency=work.agency,
        version=queries.newest_number(work) + 1,
        based_on=queries.policy_in_force(work).version,
        state=PolicyState.PROPOSED,
        text=text,
        document=document.model_dump_json(),
        proposed_by=work.actor.ref,
        proposed_at=work.now,
    )
    work.session.add(row)
    return row


def publish_policy(work: Work, version: int) -> None:
    """Put a proposed version in force from now; booked visits keep the version they were approved under.

    Raises ``NotAllowed`` for whoever wrote it or may not approve policies, and ``Conflict`` when another version was
    published since it was written.
    """
    row = _undecided(work, version)
    if row.based_on != queries.policy_in_force(work).version:
        raise Conflict("Another policy was published since this was written. Propose it again.")
    _decide(work, row, PolicyState.PUBLISHED)
    work.record(AuditEvent(type=EventType.POLICY_PUBLISHED, policy_version=version))


def decline_policy(work: Work, version: int) -> None:
    """Say no to a proposed version; raises ``NotAllowed`` as ``publish_policy`` does."""
    row = _undecided(work, version)
    _decide(work, row, PolicyState.DECLINED)
    work.record(AuditEvent(type=EventType.POLICY_DECLINED, policy_version=version))


def accept_policy(work: Work, act: PolicyAct, *, version: int) -> None:
    """Keep that the actor has read what ``version`` says about ``act``; raises ``Conflict`` when it is not in force."""
    if version != queries.policy_in_force(work).version:
        raise Conflict("The policy has changed since you opened the page. Read what applies now.")
    account = work.actor.account
    if account is None or queries.has_accepted(work, account, act):
        return
    row = PolicyAcceptanceRow(agency=work.agency, version=version, act=act, account_id=account, at=work.now)
    work.session.add(row)
    work.record(AuditEvent(type=EventType.POLICY_ACCEPTED, policy_version=version, reason=act.value))


def _undecided(work: Work, version: int) -> AgencyPolicyRow:
    row = work.session.get(AgencyPolicyRow, (work.agency, version), with_for_update=True)
    if row is None:
        raise NotFound
    if row.state != PolicyState.PROPOSED:
        raise Conflict("Somebody has decided this version already. Load the page again.")
    deciding = queries.policy_in_force(work).document.approvals.who(ApprovedAct.POLICY)
    if not any(work.actor.has(role) for role in deciding):
        raise NotAllowed("Your role does not decide on policies. Ask an approver.")
    work.actor.demand_person()
    if work.actor.is_behind(row.proposed_by):
        raise NotAllowed("You wrote this version yourself. Somebody else must decide.")
    return row


def _decide(work: Work, row: AgencyPolicyRow, state: PolicyState) -> None:
    row.state, row.decided_by, row.decided_at = state, work.actor.ref, work.now
    work.session.add(row)
    try:
        work.session.flush()
    except IntegrityError:
        raise Conflict("Another policy was published a moment ago. Load the page again.") from None


def _demand_policy_maker(work: Work) -> None:
    if not (work.actor.has(Role.APPROVER) or work.actor.has(Role.ADMINISTRATOR)):
        raise NotAllowed("Only an approver or an administrator writes the policy.")
