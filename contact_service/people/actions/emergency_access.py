"""Open a case in an emergency, close it, write down what a second person found.  Who may is asked by the caller."""

from datetime import timedelta

from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import Conflict
from contact_service.ids import CaseId, EmergencyAccessId, PersonId
from contact_service.people.actions.sealing import sealed_for
from contact_service.people.emergency_access import Finding, NewEmergencyAccess
from contact_service.people.tables import EmergencyAccessRow
from contact_service.work import Work

TIME_OVER = "time_over"
_WORDS, _FOUND = "emergency_access", "emergency_access_review"


def open_case_in_emergency(work: Work, new: NewEmergencyAccess) -> EmergencyAccessId:
    """The case is within the actor's reach from now until ``new.until``, and the evidence of the case says so."""
    assert work.actor.account is not None
    row = EmergencyAccessRow(
        id=work.new_id(),
        agency=work.agency,
        case_id=new.case,
        child_id=new.child,
        account_id=work.actor.account,
        reason=new.reason,
        sealed=sealed_for(work, new.child, new.words.encode(), field=_WORDS),
        opened_at=work.now,
        until=new.until,
        review_due_at=new.review_due_at,
    )
    work.session.add(row)
    work.session.flush()
    minutes = (new.until - work.now) // timedelta(minutes=1)
    facts = (("access", row.id), ("minutes", minutes))
    work.record(AuditEvent(type=EventType.BREAKGLASS_OPENED, case=new.case, reason=new.reason, facts=facts))
    return EmergencyAccessId(row.id)


def close_emergency_access(work: Work, access: EmergencyAccessId) -> None:
    """The case is out of reach again from now; raises ``Conflict`` when it is over already."""
    row = _locked(work, access)
    if row.ended_at is not None or row.until <= work.now:
        raise Conflict("This emergency access is over already.")
    row.ended_at = work.now
    _keep(work, row, EventType.BREAKGLASS_CLOSED, reason=None)


def close_run_out(work: Work, access: EmergencyAccessId) -> bool:
    """The evidence says that the time of this one is over, and when it was; False when it said so before.

    It was out of reach at that moment already: reach asks ``until``, and waits for nobody to write this.
    """
    row = _locked(work, access)
    if row.ended_at is not None or row.until > work.now:
        return False
    row.ended_at = row.until
    work.session.add(row)
    work.session.flush()
    minutes = (row.until - row.opened_at) // timedelta(minutes=1)
    facts = (("access", row.id), ("minutes", minutes))
    closed = AuditEvent(
        type=EventType.BREAKGLASS_CLOSED, case=CaseId(row.case_id), reason=TIME_OVER, facts=facts
    )
    work.record(closed)
    return True


def keep_review(work: Work, access: EmergencyAccessId, finding: Finding, words: str) -> None:
    """What the actor found stands beside it; raises ``Conflict`` when somebody has looked at it already."""
    row = _locked(work, access)
    if row.reviewed_by is not None:
        raise Conflict("Somebody else has looked at this already. Load the page again.")
    row.reviewed_by, row.reviewed_at, row.finding = work.actor.account, work.now, finding
    if words:
        row.finding_sealed = _sealed_finding(work, row, words)
    _keep(work, row, EventType.BREAKGLASS_REVIEWED, reason=finding)


def _sealed_finding(work: Work, row: EmergencyAccessRow, words: str) -> bytes:
    return sealed_for(work, PersonId(row.child_id), words.encode(), field=_FOUND)


def _locked(work: Work, access: EmergencyAccessId) -> EmergencyAccessRow:
    return work.session.get_one(EmergencyAccessRow, access, with_for_update=True, populate_existing=True)


def _keep(work: Work, row: EmergencyAccessRow, event: EventType, *, reason: str | None) -> None:
    work.session.add(row)
    work.session.flush()
    facts = (("access", row.id),)
    work.record(AuditEvent(type=event, case=CaseId(row.case_id), reason=reason, facts=facts))
