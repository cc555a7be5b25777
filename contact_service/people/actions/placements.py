"""Say where a child lives; a move is a new placement and ends the one before."""

from datetime import date, timedelta

from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotFound, PlacementsOverlap
from contact_service.ids import CaseId, PersonId, PlacementId
from contact_service.people.actions.recording import (
    Facts,
    demand_born_by,
    demand_case,
    lock_person,
    record_about,
)
from contact_service.people.actions.sealing import sealed_for
from contact_service.people.person import MemberRole
from contact_service.people.placement import NewPlacement, meeting
from contact_service.people.queries.members import case_of, members_of
from contact_service.people.queries.placements import placements_of
from contact_service.people.tables import PlacementRow
from contact_service.work import Work

LONGEST_WORD = 200


def place(work: Work, new: NewPlacement) -> PlacementId:
    """Keep where a child lives from a day on.  The open placement ends the day before; no two share a day.

    Raises ``BadInput`` for days that another placement has.
    """
    case = demand_case(work, case_of(work, new.child))
    _demand_sound(work, case, new)
    lock_person(work, new.child)
    standing = placements_of(work, new.child)
    moved = [p for p in standing if p.days.last is None and p.days.first < new.days.first]
    if meeting(new.days, [p for p in standing if p not in moved]):
        raise PlacementsOverlap(field="first_on")
    for before in moved:
        _end(work, before.id, new.days.first - timedelta(days=1))
    row = _row(work, new)
    work.session.add(row)
    work.session.flush()
    _record(work, EventType.PLACEMENT_RECORDED, case, row)
    return PlacementId(row.id)


def end_placement(work: Work, child: PersonId, placement: PlacementId, last: date) -> None:
    """Write down the last day of a placement that is open; raises ``NotFound`` or ``BadInput``."""
    case = demand_case(work, case_of(work, child))
    lock_person(work, child)
    found = next((p for p in placements_of(work, child) if p.id == placement), None)
    if found is None or found.days.last is not None:
        raise NotFound
    if last < found.days.first:
        raise BadInput("The last day is before the first. Check the dates.", "last_on")
    _record(work, EventType.PLACEMENT_ENDED, case, _end(work, found.id, last))


def _demand_sound(work: Work, case: CaseId, new: NewPlacement) -> None:
    roles = {member.person: member.role for member in members_of(work, case)}
    if roles.get(new.child) is not MemberRole.CHILD:
        raise NotFound
    if new.carer is not None and roles.get(new.carer) is not MemberRole.CAREGIVER:
        raise BadInput("Choose a carer of this case.", "carer")
    words = (new.words.name, new.words.area, new.words.school)
    if not any(word.strip() for word in words) and new.carer is None:
        raise BadInput("Write where the child lives, or choose the carer.", "place")
    if max(map(len, words)) > LONGEST_WORD:
        raise BadInput("This text is too long.", "place")
    demand_born_by(work, new.child, new.days.first, "first_on")
    if new.days.last is not None and new.days.last < new.days.first:
        raise BadInput("The last day is before the first. Check the dates.", "last_on")


def _end(work: Work, placement: PlacementId, last: date) -> PlacementRow:
    row = work.session.get_one(PlacementRow, placement)
    row.last_on = last
    work.session.add(row)
    work.session.flush()
    return row


def _row(work: Work, new: NewPlacement) -> PlacementRow:
    return PlacementRow(
        id=work.new_id(),
        child_id=new.child,
        carer_id=new.carer,
        first_on=new.days.first,
        last_on=new.days.last,
        confidential=new.confidential,
        sealed=sealed_for(work, new.child, new.words.to_bytes(), field="placement"),
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )


def _record(work: Work, event: EventType, case: CaseId, row: PlacementRow) -> None:
    """The evidence says from when to when and with whom, never where."""
    carers = [(PersonId(row.carer_id), "carer")] if row.carer_id else []
    days: Facts = (("first_on", row.first_on.isoformat()),)
    if row.last_on is not None:
        days += (("last_on", row.last_on.isoformat()),)
    facts: Facts = (("placement", row.id), ("confidential", int(row.confidential)), *days)
    record_about(work, event, case, [(PersonId(row.child_id), "child"), *carers], facts=facts)
