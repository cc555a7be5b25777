"""Ask for something to be done, in the transaction that makes it necessary; say that it was done, and why."""

from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import BadInput, Conflict, NotAllowed
from contact_service.follow_ups import queries
from contact_service.follow_ups.follow_up import (
    DONE_ELSEWHERE,
    REASONS,
    FollowUp,
    FollowUpKind,
    ForRole,
    NewFollowUp,
)
from contact_service.follow_ups.tables import FollowUpRow
from contact_service.ids import FollowUpId, PersonId, VisitId
from contact_service.keys.actions import insert_if_new
from contact_service.people.queries import members as people
from contact_service.work import Work


def ask_for(work: Work, new: NewFollowUp) -> None:
    """Make a follow-up; the same ``about`` asked for again is the one that stands."""
    if queries.is_asked(work, new.about):
        return
    follow_up = FollowUpId(work.new_id())
    insert_if_new(
        work.session,
        FollowUpRow,
        {
            "id": follow_up,
            "agency": work.agency,
            "case_id": new.case,
            "kind": new.kind.value,
            "for_role": new.for_role.value,
            "about": new.about,
            "visit_id": new.visit,
            "person_id": new.person,
            "made_at": work.now,
            "due_at": new.due_at,
            "not_by": list(new.not_by),
            "done_reason": "",
        },
    )
    if work.session.get(FollowUpRow, follow_up) is None:  # another process was a moment faster
        raise Conflict
    concerned = [new.person] if new.person is not None else []
    refs = people.refs_of(work, concerned, case=new.case)
    work.record(
        AuditEvent(
            type=EventType.FOLLOW_UP_MADE,
            case=new.case,
            visit=new.visit,
            subjects=tuple(Subject(ref=refs[person], role="concerned") for person in concerned),
            reason=new.kind.value,
            rules=new.rules,
            facts=(("for_role", new.for_role.value), ("follow_up", follow_up)),
        )
    )


def mark_done(work: Work, follow_up: FollowUpId, reason: str) -> None:
    """Say that it was done; raises ``NotAllowed`` for whoever may not do it and ``Conflict`` for what is done.

    What is done elsewhere (``DONE_ELSEWHERE``: a visit in doubt, why one was missed) is not said here: ``decide``.
    """
    found = queries.follow_up_for(work, follow_up)
    if found.kind in DONE_ELSEWHERE:
        raise BadInput("Decide this on the visit itself.", "reason")
    decide(work, found, reason)


def decide(work: Work, found: FollowUp, reason: str) -> None:
    """Close a follow-up for a reason of its kind; raises as ``mark_done``.  What approvers are asked, a person does."""
    if not any(role.value == found.for_role.value for role in work.actor.roles):
        raise NotAllowed("This was asked of somebody else.")
    if found.for_role is ForRole.APPROVER:
        work.actor.demand_person()
    if work.actor.ref in found.not_by:
        raise NotAllowed("You had a part in this. Another approver looks at it.")
    if reason not in REASONS[found.kind]:
        raise BadInput("Choose what was done.", "reason")
    if found.done_at is not None:
        raise Conflict("Somebody has done this already. Load the page again.")
    _close(work, found, reason)


def close_all(work: Work, visit: VisitId, *kinds: FollowUpKind, person: PersonId | None = None) -> None:
    """Close what is open about a visit, or about one person in it: nobody needs to do it any more."""
    for found in queries.open_about(work, visit, *kinds):
        if person in (None, found.person):
            _close(work, found, "not_needed")


def close_overtaken(work: Work, found: FollowUp) -> None:
    """Close what time or somebody's act has made needless."""
    _close(work, found, "not_needed")


def _close(work: Work, found: FollowUp, reason: str) -> None:
    row = work.session.get(FollowUpRow, found.id)
    assert row is not None
    row.done_at, row.done_by, row.done_reason = work.now, work.actor.ref, reason
    work.session.add(row)
    work.record(
        AuditEvent(
            type=EventType.FOLLOW_UP_DONE,
            case=found.case,
            visit=found.visit,
            reason=reason,
            facts=(("follow_up", found.id), ("kind", found.kind.value)),
        )
    )
