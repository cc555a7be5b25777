"""Write down who may decide what for a child, and until when."""

from datetime import date

from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotFound
from contact_service.ids import CaseId, DecisionRightId, PersonId
from contact_service.people.actions.recording import Facts, demand_born_by, demand_case, record_about
from contact_service.people.decision_right import Authority, NewRight
from contact_service.people.person import MemberRole
from contact_service.people.queries.members import case_of, members_of
from contact_service.people.tables import DecisionRightRow
from contact_service.work import Work


def record_right(work: Work, new: NewRight) -> DecisionRightId:
    """Keep a right to decide; raises ``BadInput`` for a holder who cannot be one, or dates that cannot be."""
    case = demand_case(work, case_of(work, new.child))
    _demand_sound(work, case, new)
    authority = new.holder if isinstance(new.holder, Authority) else None
    row = DecisionRightRow(
        id=work.new_id(),
        child_id=new.child,
        person_id=None if authority else new.holder,
        authority=authority,
        matters=sorted(new.matters),
        basis=new.basis,
        first_on=new.days.first,
        last_on=new.days.last,
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    _record(work, EventType.RIGHT_RECORDED, case, row)
    return DecisionRightId(row.id)


def end_right(work: Work, child: PersonId, right: DecisionRightId, last: date) -> None:
    """Write down the last day of a right that is open; raises ``NotFound`` or ``BadInput``."""
    case = demand_case(work, case_of(work, child))
    row = work.session.get(DecisionRightRow, right, with_for_update=True, populate_existing=True)
    if row is None or row.child_id != child or row.last_on is not None:
        raise NotFound
    if last < row.first_on:
        raise BadInput("The last day is before the first. Check the dates.", "last_on")
    row.last_on = last
    work.session.add(row)
    _record(work, EventType.RIGHT_ENDED, case, row)


def _demand_sound(work: Work, case: CaseId, new: NewRight) -> None:
    roles = {member.person: member.role for member in members_of(work, case)}
    if roles.get(new.child) is not MemberRole.CHILD:
        raise NotFound
    adults = {person for person, role in roles.items() if role is not MemberRole.CHILD}
    if not isinstance(new.holder, Authority) and new.holder not in adults:
        raise BadInput("Choose an adult of this case, the agency or the court.", "holder")
    if not new.matters:
        raise BadInput("Choose what they may decide.", "matters")
    demand_born_by(work, new.child, new.days.first, "first_on")
    if new.days.last is not None and new.days.last < new.days.first:
        raise BadInput("The last day is before the first. Check the dates.", "last_on")


def _record(work: Work, event: EventType, case: CaseId, row: DecisionRightRow) -> None:
    holders = [(PersonId(row.person_id), "holder")] if row.person_id else []
    last: Facts = (("last_on", row.last_on.isoformat()),) if row.last_on else ()
    facts: Facts = (
        ("right", row.id),
        ("holder", row.authority or "person"),
        *((f"matter_{n}", matter) for n, matter in enumerate(row.matters, 1)),
        ("first_on", row.first_on.isoformat()),
        *last,
    )
    subjects = [(PersonId(row.child_id), "child"), *holders]
    record_about(work, event, case, subjects, reason=row.basis, facts=facts)
