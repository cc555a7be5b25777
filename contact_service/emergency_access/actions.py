"""Open a case in an emergency, end it early, say afterwards whether it was right."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from contact_service.actor import Role
from contact_service.agency_policy.queries import policy_in_force
from contact_service.audit.events import AuditEvent, EventType
from contact_service.emergency_access.queries import emergency_access_for, may_end
from contact_service.errors import BadInput, NotAllowed
from contact_service.identity.actions import HOUR, count_attempt, take_back_attempt
from contact_service.identity.queries import accounts_with
from contact_service.ids import AccountId, CaseId, EmergencyAccessId, PersonId
from contact_service.notifications.actions import queue
from contact_service.notifications.message import MessageKind, NewMessage
from contact_service.people.actions.emergency_access import (
    close_emergency_access,
    keep_review,
    open_case_in_emergency,
)
from contact_service.people.emergency_access import (
    LONGEST_WORDS,
    AccessReason,
    EmergencyAccess,
    Finding,
    NewEmergencyAccess,
)
from contact_service.people.queries.emergency_access import children_called
from contact_service.people.queries.members import roles_in, within_reach
from contact_service.people.queries.siblings import workers_of
from contact_service.policy.covering import (
    AccessReviewFacts,
    EmergencyAccessFacts,
    may_ask,
    may_be_told,
    may_open,
    may_review,
)
from contact_service.policy.decision import Refused
from contact_service.suitability.queries import who_is_barred
from contact_service.work import Work

MISSES_PER_HOUR = 5
"""Of one member of staff: whoever types names until one fits is stopped."""
_NEEDS_WORDS = (Finding.MORE_THAN_NEEDED, Finding.WRONG)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody typed: the child's whole name, and the birthday or the whole name of somebody else of the case."""

    name: str
    born_on: date | None = None
    other: str = ""
    reason: AccessReason | None = None
    words: str = ""


class NotOpened(StrEnum):
    """Why nothing was opened that says nothing about any case."""

    NOTHING_FITS = "nothing_fits"
    TOO_MANY_TRIES = "too_many_tries"


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The case is within reach by ``access``; ``child`` is whose page shows it."""

    access: EmergencyAccessId
    child: PersonId


def open_in_emergency(work: Work, asked: Asked) -> Opened | Refused | NotOpened:
    """Let the actor reach the one case that was described, and tell its workers and the approvers.

    Raises ``BadInput`` where too little was typed, or too much.  No child, another child, two children and one about
    whom a conflict of interest of the actor's is declared are not told apart.  Let the Work commit with
    any of these answers: tries are counted and written down.
    """
    work.actor.demand_person()
    asking = may_ask(_facts(work, asked))
    if isinstance(asking, Refused):
        return asking
    _demand_enough(asked)
    tries = f"emergency access|{work.actor.ref}"
    if count_attempt(work, tries, per=HOUR) > MISSES_PER_HOUR:
        return _not_opened(work, NotOpened.TOO_MANY_TRIES)
    found = children_called(work, asked.name, born_on=asked.born_on, other=asked.other.strip())
    if len(found) != 1:
        return _not_opened(work, NotOpened.NOTHING_FITS)
    child, case = found[0]
    decision = may_open(_facts(work, asked, case))
    if isinstance(decision, Refused):
        _record_refusal(work, case, decision)
        return decision if may_be_told(decision) else NotOpened.NOTHING_FITS
    assert asked.reason is not None
    limits = policy_in_force(work).limits
    new = NewEmergencyAccess(
        case=case,
        child=child,
        reason=asked.reason,
        words=asked.words.strip(),
        until=work.now + limits.emergency_access_lasts,
        review_due_at=work.now + limits.emergency_access_lasts + limits.emergency_access_reviewed_within,
    )
    access = open_case_in_emergency(work, new)
    take_back_attempt(work, tries, per=HOUR)
    _tell(work, access, case)
    return Opened(access=access, child=child)


def _record_refusal(work: Work, case: CaseId, refused: Refused) -> None:
    """In the evidence stands why, whatever whoever asked is told."""
    told = (reason for reason in refused.reasons if reason.rule == "R59")
    code = next(told, refused.reasons[0]).code
    facts = (("asked_for", "emergency_access"),)
    event = EventType.ACCESS_REFUSED
    work.record(AuditEvent(type=event, case=case, reason=code, rules=refused.rules, facts=facts))


def _facts(work: Work, asked: Asked, case: CaseId | None = None) -> EmergencyAccessFacts:
    actor = work.actor
    return EmergencyAccessFacts(
        is_worker=actor.has(Role.WORKER),
        reads_for_others=actor.has(Role.AUDITOR) or actor.has(Role.ADMINISTRATOR),
        reason=asked.reason or "",
        words=asked.words.strip(),
        within_reach=case is not None and bool(within_reach(work, [case])),
        in_conflict=case is not None and _is_barred(work, case),
    )


def _is_barred(work: Work, case: CaseId) -> bool:
    return work.actor.account in who_is_barred(work, roles_in(work, case), (case,))


def _demand_enough(asked: Asked) -> None:
    if not asked.name.strip():
        raise BadInput("Write the child’s whole name, as it stands in the record.", "name")
    if asked.born_on is None and not asked.other.strip():
        raise BadInput("Write the birthday, or the whole name of somebody else of the case.", "born_on")
    if len(asked.words.strip()) > LONGEST_WORDS:
        raise BadInput("Write at most 500 characters.", "words")


def _not_opened(work: Work, why: NotOpened) -> NotOpened:
    facts = (("asked_for", "emergency_access"),)
    work.record(AuditEvent(type=EventType.ACCESS_REFUSED, reason=why, facts=facts))
    return why


def _tell(work: Work, access: EmergencyAccessId, case: CaseId) -> None:
    """Write at once to whoever has the case, and to the approvers, or to the administrators where there is none."""
    approvers = _ids(work, Role.APPROVER) or _ids(work, Role.ADMINISTRATOR)
    people = {*_ids(work, Role.WORKER)} & {*workers_of(work, case)}
    for account in dict.fromkeys((*sorted(people), *approvers)):
        message = NewMessage(
            kind=MessageKind.EMERGENCY_ACCESS,
            account=account,
            once=access,
            useless_after=work.now + timedelta(days=3),
        )
        queue(work, message)


def _ids(work: Work, role: Role) -> list[AccountId]:
    return [one.id for one in accounts_with(work, role) if one.id != work.actor.account]


def end_emergency_access(work: Work, access: EmergencyAccessId) -> EmergencyAccess:
    """The case is out of reach again from now.

    For whoever opened it, the case's own workers and the approvers; raises ``NotFound``, ``NotAllowed``, or
    ``Conflict`` when it is over already.
    """
    work.actor.demand_person()
    found = emergency_access_for(work, access)
    if not may_end(work, found):
        raise NotAllowed("Whoever opened it ends it, or one of the case’s own workers, or an approver.")
    close_emergency_access(work, access)
    return emergency_access_for(work, access)


def review_emergency_access(
    work: Work, access: EmergencyAccessId, finding: Finding | None, words: str
) -> EmergencyAccess | Refused:
    """Keep what the actor found, who is an approver and did not open it; raises ``NotFound`` or ``Conflict``."""
    work.actor.demand_person()
    found = emergency_access_for(work, access)
    said = words.strip()
    if len(said) > LONGEST_WORDS:
        raise BadInput("Write at most 500 characters.", "words")
    facts = AccessReviewFacts(
        is_approver=work.actor.has(Role.APPROVER),
        is_own=work.actor.is_behind(found.account),
        in_conflict=_is_barred(work, found.case),
        is_open=found.is_open(work.now),
        finding=finding or "",
        needs_words=finding in _NEEDS_WORDS,
        words=said,
    )
    decision = may_review(facts)
    if isinstance(decision, Refused):
        return decision
    assert finding is not None
    keep_review(work, access, finding, said)
    return emergency_access_for(work, access)
