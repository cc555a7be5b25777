"""Write down that an establishment was asked, and what it said, with its reference, by whom and when.

What this does to visits that are booked, ``visits.actions.clearing`` sees to.
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.clearances.clearance import Answer, Clearance, asked_there
from contact_service.clearances.queries import (
    asked_in,
    children_met,
    clearances_of,
    clearances_within_reach,
    links_where,
    reference_of,
)
from contact_service.clearances.tables import ClearanceRow
from contact_service.errors import BadInput, Conflict, NotAllowed, NotFound
from contact_service.ids import PersonId
from contact_service.people.actions.recording import lock_person
from contact_service.people.actions.sealing import sealed_for
from contact_service.people.queries import members as people
from contact_service.pools.pool import Pool
from contact_service.pools.queries import pool_for
from contact_service.work import Work

LONGEST_REFERENCE = 80
_LONGEST = timedelta(days=730)


def ask(work: Work, person: PersonId, child: PersonId, pool: str, reference: str = "") -> str:
    """Note that an establishment was asked whether this person may meet this child from there; returns its id.

    Raises ``NotAllowed`` for whoever is neither worker nor approver, ``BadInput`` for a child of whom the actor cannot
    ask (``children_met``), a place that clears nothing, from which they do not take part, or a reference that is too
    long, ``Conflict`` while an earlier question waits for its answer.
    """
    _demand_planner(work)
    found = pool_for(work, pool)
    if child not in children_met(work, person):
        raise BadInput("Choose the child whom they would meet.", "child")
    today = work.now.astimezone(ZoneInfo(found.zone)).date()
    from_there = (one for one in links_where(work, person) if one.pool.id == found.id)
    if not found.desk or not any(one.meets(today, None) for one in from_there):
        raise BadInput(
            "Choose an establishment from which they take part and whose booking desk we know.", "pool"
        )
    lock_person(work, person)
    asked = asked_there(clearances_of(work, person), child, found.id)
    if any(one.answer is Answer.NONE for one in asked):
        raise Conflict("It was asked already. Write down what it said.")
    row = ClearanceRow(
        id=work.new_id(),
        pool_id=found.id,
        person_id=person,
        child_id=child,
        asked_by=work.actor.ref,
        asked_at=work.now,
        answer=Answer.NONE,
        sealed=_sealed(work, person, reference),
    )
    work.session.add(row)
    work.session.flush()
    _record(work, EventType.CLEARANCE_ASKED, row)
    return row.id


def answer(
    work: Work, person: PersonId, clearance: str, said: Answer, *, reference: str, last: date | None = None
) -> Clearance:
    """Keep what the establishment said, with its reference; a yes may become a no, and a no stays one.

    ``last`` is the last day of a yes.  Raises ``BadInput`` without a reference or for days that have passed,
    ``Conflict`` for what was refused or said already, ``NotFound`` also where none of the cases in which it was asked
    is within reach, ``NotAllowed``.
    """
    _demand_planner(work)
    found = next((one for one in clearances_within_reach(work, person) if one.id == clearance), None)
    if found is None:
        raise NotFound
    _demand_answer(work, pool_for(work, found.pool), said, reference, last)
    sealed = _sealed(work, person, reference)  # first: a reference that cannot be kept must change nothing
    row = work.session.get_one(ClearanceRow, found.id, with_for_update=True, populate_existing=True)
    if row.answer not in (Answer.NONE, Answer.GRANTED) or row.answer == said:
        raise Conflict("This was said already. Ask anew, and write down the new answer.")
    row.answer, row.answered_by, row.answered_at = said, work.actor.ref, work.now
    row.last_on = last if said is Answer.GRANTED else None
    row.sealed = sealed
    work.session.add(row)
    work.session.flush()
    granted = said is Answer.GRANTED
    _record(work, EventType.CLEARANCE_GRANTED if granted else EventType.CLEARANCE_REFUSED, row)
    return found


def join(work: Work, kept: PersonId, merged: PersonId) -> None:
    """What was asked and said about either of two records of one person is about the one that is kept."""
    for one in clearances_of(work, merged):
        row = work.session.get_one(ClearanceRow, one.id)
        row.sealed = _sealed(work, kept, reference_of(work, one))
        row.person_id = kept
        work.session.add(row)
    work.session.flush()


def _demand_answer(work: Work, pool: Pool, said: Answer, reference: str, last: date | None) -> None:
    if said is Answer.NONE:
        raise BadInput("Choose what the establishment said.", "answer")
    if not reference.strip():
        raise BadInput("Write down the establishment’s reference, or who said it and when.", "reference")
    today = work.now.astimezone(ZoneInfo(pool.zone)).date()
    if said is Answer.GRANTED and last is not None and not today <= last <= today + _LONGEST:
        raise BadInput("Enter a last day from today on, within two years.", "last")


def _sealed(work: Work, person: PersonId, reference: str) -> bytes:
    clean = " ".join(reference.split())
    if len(clean) > LONGEST_REFERENCE or not clean.isprintable():
        raise BadInput("Write the reference in one short line.", "reference")
    return sealed_for(work, person, clean.encode(), field="clearance")


def _demand_planner(work: Work) -> None:
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Workers and approvers write down what an establishment says. Ask one of them.")


def _record(work: Work, event: EventType, row: ClearanceRow) -> None:
    """In the cases alone whose workers ask: whoever reads the log of another child learns of no place."""
    concerned = {PersonId(row.person_id): "person", PersonId(row.child_id): "child"}
    last = (("last", row.last_on.isoformat()),) if row.last_on else ()
    for case in asked_in(work, PersonId(row.person_id), PersonId(row.child_id)):
        refs = people.refs_of(work, concerned, case=case)
        work.record(
            AuditEvent(
                type=event,
                case=case,
                subjects=tuple(Subject(ref=refs[one], role=role) for one, role in concerned.items()),
                facts=(("clearance", row.id), ("pool", row.pool_id), *last),
            )
        )
