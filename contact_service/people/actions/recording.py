"""The line of evidence about people of one case, and who of the staff may change what is known of them."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import select

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import BeforeBirth, NotAllowed, NotFound
from contact_service.ids import CaseId, PersonId
from contact_service.people.queries.members import (
    case_for,
    cases_answering_for,
    details_of,
    refs_of,
    within_reach,
)
from contact_service.people.tables import PersonRow
from contact_service.work import Work

# The product's own processes set a case up; nobody signs in as one.
_MAY_CHANGE = (Role.WORKER, Role.APPROVER, Role.COMMAND_LINE)
Facts = tuple[tuple[str, str | int], ...]


def demand_case(work: Work, case: CaseId) -> CaseId:
    """``case``, when the actor may change what is known of its people; raises ``NotFound`` or ``NotAllowed``."""
    found = case_for(work, case)
    if not any(work.actor.has(role) for role in _MAY_CHANGE):
        raise NotAllowed("Only a worker or an approver changes what is known of people.")
    return found


def demand_person(work: Work, person: PersonId) -> CaseId:
    """The oldest case within reach that answers for a person, when the actor may change what is known of them."""
    found = within_reach(work, cases_answering_for(work, person))
    return demand_case(work, found[0] if found else CaseId(""))


def demand_born_by(work: Work, child: PersonId, day: date, field: str) -> None:
    """Raise ``BeforeBirth`` at ``field`` when ``day`` is before the child's; one that nobody knows is no reason."""
    born_on = details_of(work, child).born_on
    if born_on and day.isoformat() < born_on:
        raise BeforeBirth(field=field)


def lock_person(work: Work, person: PersonId) -> None:
    """Let nobody else change what hangs on this person until the end of the transaction; raises ``NotFound``."""
    row = work.session.exec(select(PersonRow).where(PersonRow.id == person).with_for_update()).first()
    if row is None or row.agency != work.agency:
        raise NotFound


def record_about(
    work: Work,
    event: EventType,
    case: CaseId,
    subjects: Iterable[tuple[PersonId, str]],
    *,
    reason: str | None = None,
    facts: Facts = (),
) -> None:
    """Record ``event`` in the evidence of ``case``, about people in their roles."""
    named = list(subjects)
    refs = refs_of(work, [person for person, _ in named], case=case)
    work.record(
        AuditEvent(
            type=event,
            case=case,
            subjects=tuple(Subject(ref=refs[person], role=role) for person, role in named),
            reason=reason,
            facts=facts,
        )
    )
