"""Keep with a visit who comes to it if they can, so that moving it later asks for them again."""

from sqlmodel import delete

from contact_service.ids import VisitId
from contact_service.visits.optional import LeftOut, Settled
from contact_service.visits.queries.optional import settled_of
from contact_service.visits.tables import MayComeRow, VisitRow
from contact_service.visits.wish import Wish
from contact_service.work import Work


def keep_settled(work: Work, row: VisitRow, settled: Settled) -> tuple[tuple[str, str | int], ...]:
    """Replace what was kept of a new or locked visit; returns how many are left out, as facts of the evidence."""
    work.session.exec(delete(MayComeRow).where(MayComeRow.visit_id == row.id))  # type: ignore[arg-type]
    row.quorum = settled.quorum
    work.session.add(row)
    everybody = [*(LeftOut(person=one) for one in settled.coming), *settled.left_out]
    for place, one in enumerate(everybody):
        work.session.add(
            MayComeRow(
                visit_id=row.id,
                person_id=one.person,
                place=place,
                left_out=one in settled.left_out,
                caregiver_id=one.caregiver,
            )
        )
    work.session.flush()
    return (("left_out", len(settled.left_out)),) if settled.left_out else ()


def keep_changed(
    work: Work, row: VisitRow, wishes: tuple[Wish, Wish], settled: Settled | None
) -> tuple[tuple[str, str | int], ...]:
    """As ``keep_settled`` for a locked visit that becomes the second of ``wishes``; None: who it is stays as it was.

    Whoever of them is in the visit no more counts as left out.  Raises ``BadInput`` for what does not go with it.
    """
    before, after = wishes
    known = settled_of(work, VisitId(row.id))
    if settled is None:
        settled = known.when_it_becomes(before, after)
    else:
        settled.demand_of(after)
    if settled == known:
        return (("left_out", len(settled.left_out)),) if settled.left_out else ()
    return keep_settled(work, row, settled)
