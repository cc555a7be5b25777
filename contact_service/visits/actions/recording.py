"""Live notes during the visit, the record after it, and its sign-off by somebody else."""

from contact_service.actor import Role
from contact_service.audit.events import EventType
from contact_service.errors import BadInput, IllegalMove, NotAllowed, NotFound
from contact_service.ids import PersonId, VisitId
from contact_service.keys import actions as keys
from contact_service.policy.punishing import punishing_words
from contact_service.visits.actions.moving import Why, lock, move, record, set_outcome
from contact_service.visits.queries.finding import children_within, is_supervisor_of, visit_for
from contact_service.visits.queries.suiting import watcher_in_conflict
from contact_service.visits.queries.whereabouts import is_unexplained
from contact_service.visits.queries.writing import records_due, sign_offs_due
from contact_service.visits.record import LONGEST_SECTION, REASONS_FOR_A_NO, Remark, Sections
from contact_service.visits.tables import VisitNoteRow, VisitRecordRow
from contact_service.visits.visit import Outcome, Visit, VisitState, check_move
from contact_service.work import Work

_NEVER_AGAINST_EVIDENCE = (Outcome.ADULT_NO_SHOW,)


def add_note(work: Work, visit: VisitId, text: str) -> None:
    """Keep one live note with its time; its text is sealed and stands in no log."""
    _, found = lock(work, visit)
    if not is_supervisor_of(work, found):
        raise NotAllowed("Only the visit supervisor writes notes.")
    if watcher_in_conflict(work, found):
        raise NotAllowed("You cannot watch this visit. Ask for another visit supervisor at once.")
    if not text.strip():
        raise BadInput("Write the note first.", "text")
    keep_remark(work, found, Remark.LIVE, text)


def keep_remark(work: Work, visit: Visit, kind: Remark, text: str) -> None:
    """Keep a text about a visit; an empty one is none.  It is sealed, and the evidence holds only its length.

    Each child of the visit has a copy under a key of their own.

    Raises ``BadInput`` for a reason for a no that makes contact a reward or a punishment (R49).
    """
    text = text.strip()
    if not text:
        return
    if len(text) > LONGEST_SECTION:
        raise BadInput(f"Write at most {LONGEST_SECTION} characters.", "text")
    if kind in REASONS_FOR_A_NO and (words := punishing_words(text)):
        raise BadInput(
            f"Seeing family is the child’s right, never a reward or a punishment. Take out “{words[0]}” and write what "
            "happened.",
            "text",
        )
    for one in visit.children:
        work.session.add(
            VisitNoteRow(
                id=work.new_id(),
                visit_id=visit.id,
                child_id=one.child,
                kind=kind,
                author=work.actor.ref,
                at=work.now,
                sealed=_sealed(work, one.child, text.encode(), "visit-note"),
            )
        )
    facts = (("characters", len(text)),)
    record(work, visit.room, EventType.RECORD_WRITTEN, Why(reason=f"{kind}_note", facts=facts))


def submit(
    work: Work, visit: VisitId, sections: Sections, outcome: Outcome, *, child: PersonId | None = None
) -> Visit:
    """Write a child's record and say how the visit turned out for them; with the last one it stands ``recorded``.

    ``child`` may be left out where the visit has one.  Each child's record stands in their own case alone.
    ``adult_no_show`` is never for one person to decide: absence needs unanswered calls and five working days.
    """
    row, found = lock(work, visit)
    if not is_supervisor_of(work, found):
        raise NotAllowed("Only the visit supervisor writes the record.")
    seen = _for_child(found, child)
    _check(seen, sections, outcome)
    check_move(found.state, VisitState.RECORDED)
    if is_unexplained(work, visit):
        raise BadInput("Write why you opened the emergency details of this visit.", "why_opened")
    if seen.child not in records_due(work, found):
        raise IllegalMove("This record is written already.")
    sealed = _sealed(work, seen.child, sections.to_bytes(), "visit-record")
    work.session.add(
        VisitRecordRow(
            visit_id=visit,
            child_id=seen.child,
            sealed=sealed,
            submitted_by=found.supervisor,
            submitted_at=work.now,
        )
    )
    work.session.flush()
    set_outcome(work, row, seen.child, outcome)
    why = Why(reason="submitted", facts=(("outcome", outcome.value),), child=seen.child)
    if records_due(work, found):
        record(work, row.room, EventType.VISIT_RECORDED, why)
    else:
        move(work, row, VisitState.RECORDED, EventType.VISIT_RECORDED, why)
    return visit_for(work, visit).seen_from(seen.child)


def _for_child(visit: Visit, child: PersonId | None) -> Visit:
    """The visit from the side of ``child``; ``NotFound`` for a stranger, and for nobody of several."""
    children = [one.child for one in visit.children]
    if child is None and len(children) == 1:
        return visit
    if child not in children:
        raise NotFound
    return visit.seen_from(child)


def _check(visit: Visit, sections: Sections, outcome: Outcome) -> None:
    if not sections.what_happened.strip():
        raise BadInput("Write what happened, in facts.", "what_happened")
    if too_long := sections.too_long():
        raise BadInput(f"Write at most {LONGEST_SECTION} characters here.", too_long[0])
    if outcome not in outcomes_offered(visit):
        raise BadInput("Choose how the visit turned out.", "outcome")


def outcomes_offered(visit: Visit) -> tuple[Outcome, ...]:
    """The outcomes the record may have: what an order or a withdrawal set stands, absence is decided elsewhere."""
    if visit.outcome in (Outcome.ORDER_STOPPED, Outcome.CONSENT_WITHDRAWN, Outcome.ENDED_SUPERVISOR_LOST):
        return (visit.outcome,)
    return tuple(o for o in Outcome if o not in _NEVER_AGAINST_EVIDENCE and o is not Outcome.ORDER_STOPPED)


def sign_off(work: Work, visit: VisitId, *, child: PersonId | None = None) -> Visit:
    """Lock a child's record; an approver who did not write it does this.  With the last one the visit is signed off.

    ``child`` may be left out where the visit has one.
    """
    row, found = lock(work, visit)
    seen = _for_child(found, child)
    written = work.session.get(VisitRecordRow, (visit, seen.child))
    if written is None or seen.child not in children_within(work, found):
        raise NotFound
    if not work.actor.has(Role.APPROVER) or written.submitted_by == work.actor.account:
        raise NotAllowed("Only an approver who did not write the record signs it off.")
    check_move(found.state, VisitState.SIGNED_OFF)
    if written.signed_off_by is not None:
        raise IllegalMove("This record is signed off already.")
    written.signed_off_by, written.signed_off_at = work.actor.account, work.now
    work.session.add(written)
    work.session.flush()
    why = Why(reason="signed_off", child=seen.child)
    if sign_offs_due(work, found):
        record(work, row.room, EventType.RECORD_SIGNED_OFF, why)
    else:
        move(work, row, VisitState.SIGNED_OFF, EventType.RECORD_SIGNED_OFF, why)
    return visit_for(work, visit)


def _sealed(work: Work, child: PersonId, text: bytes, field: str) -> bytes:
    return keys.seal_for_person(
        work.session, work.keys, agency=work.agency, person=child, plaintext=text, field=field
    )
