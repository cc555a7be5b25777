"""Who may decide for a child."""

from sqlmodel import col, select

from contact_service.ids import DecisionRightId, PersonId
from contact_service.people.decision_right import Authority, Basis, DecisionRight, Holder, Matter
from contact_service.people.placement import Days
from contact_service.people.tables import DecisionRightRow
from contact_service.work import Work


def rights_of(work: Work, child: PersonId) -> list[DecisionRight]:
    """Every right that was ever recorded for a child, newest first."""
    query = (
        select(DecisionRightRow)
        .where(DecisionRightRow.child_id == child)
        .order_by(col(DecisionRightRow.first_on).desc(), col(DecisionRightRow.id))
    )
    return [_right(row) for row in work.session.exec(query)]


def _right(row: DecisionRightRow) -> DecisionRight:
    holder: Holder = PersonId(row.person_id) if row.person_id else Authority(row.authority or "")
    return DecisionRight(
        id=DecisionRightId(row.id),
        child=PersonId(row.child_id),
        holder=holder,
        matters=frozenset(map(Matter, row.matters)),
        basis=Basis(row.basis),
        days=Days(first=row.first_on, last=row.last_on),
    )
