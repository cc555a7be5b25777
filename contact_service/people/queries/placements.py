"""Where children live and lived."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import col, or_, select

from contact_service.actor import Role
from contact_service.errors import NotAllowed
from contact_service.ids import PersonId, PlacementId
from contact_service.keys import queries as keys
from contact_service.people.placement import Days, Placement, PlaceWords
from contact_service.people.queries.members import case_for, case_of, is_on_caseload
from contact_service.people.tables import PlacementRow
from contact_service.work import Work


def placements_for(work: Work, child: PersonId) -> list[Placement]:
    """What the actor may know of where a child lives, newest first; raises ``NotFound`` or ``NotAllowed``.

    Confidential ones are concealed from all but the workers who have the case on their caseload.
    """
    case = case_for(work, case_of(work, child))
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Where a child lives is known to the child’s workers alone. Ask one of them.")
    own = is_on_caseload(work, case)
    return [one if own or not one.confidential else one.conceal() for one in placements_of(work, child)]


def placements_of(work: Work, child: PersonId) -> list[Placement]:
    """Every placement of a child, newest first, the words opened.  Never for a page: those ask ``placements_for``."""
    query = (
        select(PlacementRow).where(PlacementRow.child_id == child).order_by(col(PlacementRow.first_on).desc())
    )
    return [_placement(work, row) for row in work.session.exec(query)]


def placement_on(work: Work, child: PersonId, day: date) -> Placement | None:
    """Where the child lives on ``day``, or None."""
    return next((one for one in placements_of(work, child) if one.days.hold(day)), None)


def carers_on(work: Work, children: Iterable[PersonId], day: date) -> dict[PersonId, PersonId]:
    """With whom each child lives on ``day``, where that is known; to compare and never to show."""
    query = select(PlacementRow.child_id, PlacementRow.carer_id).where(
        col(PlacementRow.child_id).in_(list(children)),
        PlacementRow.first_on <= day,
        or_(col(PlacementRow.last_on).is_(None), col(PlacementRow.last_on) >= day),
    )
    return {PersonId(child): PersonId(carer) for child, carer in work.session.exec(query) if carer}


def _placement(work: Work, row: PlacementRow) -> Placement:
    text = keys.open_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=row.child_id,
        sealed=row.sealed,
        field="placement",
    )
    return Placement(
        id=PlacementId(row.id),
        child=PersonId(row.child_id),
        carer=PersonId(row.carer_id) if row.carer_id else None,
        days=Days(first=row.first_on, last=row.last_on),
        confidential=row.confidential,
        words=PlaceWords.from_bytes(text),
    )
