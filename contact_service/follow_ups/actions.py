"""Ask for something to be done, in the transaction that makes it necessary; say that it was done, and why."""

from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import BadInput, Conflict, NotAllowed
from contact_service.follow_ups import queries
from contact_service.follow_ups.follow_up import NewFollowUp
from contact_service.follow_ups.tables import FollowUpRow
from contact_service.ids import FollowUpId
from contact_service.keys.actions import insert_if_new
from contact_service.people.queries import members as people
from contact_service.work import Work

# Why a follow-up is done: codes, because the evidence holds no free text.
REASONS = (
    "spoken_to_them",
    "plan_changed",
    "visit_cancelled",
    "visit_stands",
    "order_attached",
    "not_needed",
)


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
            facts=(("for_role", new.for_role.value), ("follow_up", follow_up)),
        )
    )


def mark_done(work: Work, follow_up: FollowUpId, reason: str) -> None:
    """Say that it was done; raises ``NotAllowed`` for whoever was not asked and ``Conflict`` for what is done."""
    found = queries.follow_up_for(work, follow_up)
    if not any(role.value == found.for_role.value for role in work.actor.roles):
        raise NotAllowed("This was asked of somebody else.")
    if reason not in REASONS:
        raise BadInput("Choose what was done.", "reason")
    if found.done_at is not None:
        raise Conflict("Somebody has done this already. Load the page again.")
    row = work.session.get(FollowUpRow, follow_up)
    assert row is not None
    row.done_at, row.done_by, row.done_reason = work.now, work.actor.ref, reason
    work.session.add(row)
    work.record(
        AuditEvent(
            type=EventType.FOLLOW_UP_DONE,
            case=found.case,
            visit=found.visit,
            reason=reason,
            facts=(("follow_up", follow_up), ("kind", found.kind.value)),
        )
    )
