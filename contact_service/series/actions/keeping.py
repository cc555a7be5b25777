"""Write down instances, and what happened to a series, in the case of every child."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import select

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import NotAllowed, NotFound
from contact_service.invitations.actions import inviting
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.series.instances import visit_of
from contact_service.series.queries.finding import demand_every_child, series_for
from contact_service.series.series import (
    Fit,
    Instance,
    InstanceState,
    Judged,
    Series,
    SeriesId,
)
from contact_service.series.tables import SeriesInstanceRow, SeriesRow
from contact_service.visits.optional import EVERYBODY_COMES, Settled
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.zone_rules import zone_rules

WALL = "%Y-%m-%dT%H:%M"
_STATES: Mapping[Fit, InstanceState] = {
    Fit.FITS: InstanceState.PLANNED,
    Fit.LATER: InstanceState.PLANNED,
    Fit.REFUSED: InstanceState.LEFT_OUT,
    Fit.NO_SUCH_TIME: InstanceState.LEFT_OUT,
}


@dataclass(frozen=True, kw_only=True)
class Kept:
    """How many instances were booked, wait to be booked, and were left out."""

    booked: int = 0
    planned: int = 0
    left_out: int = 0

    @property
    def facts(self) -> tuple[tuple[str, str | int], ...]:
        """As evidence."""
        return (("booked", self.booked), ("planned", self.planned), ("left_out", self.left_out))


def demand_worker(work: Work) -> None:
    """Raise ``NotAllowed`` for whoever is no worker."""
    if not work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker can book a visit.")


def lock_series(work: Work, series: SeriesId) -> Series:
    """The series as it stands now, and nobody else changes it until the transaction ends; raises ``NotFound``."""
    query = select(SeriesRow).where(SeriesRow.id == series).with_for_update()
    row = work.session.exec(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound
    work.session.expire_all()
    return series_for(work, series)


def lock_to_change(work: Work, series: SeriesId) -> Series:
    """``lock_series`` for a worker who works with every child of it; raises ``NotAllowed`` for others (R54)."""
    demand_worker(work)
    found = lock_series(work, series)
    demand_every_child(work, found)
    return found


def row_of(work: Work, instance: Instance) -> SeriesInstanceRow:
    """The row of an instance."""
    return work.session.get_one(SeriesInstanceRow, instance.id)


def add_instances(work: Work, series: SeriesId, found: tuple[Judged, ...]) -> None:
    """Write down every instance as it was judged, booked or not; which are booked comes after."""
    for one in found:
        at = one.occurrence
        state = _STATES[one.fit]
        row = SeriesInstanceRow(
            id=work.new_id(),
            series_id=series,
            original=f"{at.wall:{WALL}}",
            wall=f"{at.wall:{WALL}}",
            starts_at=at.starts_at,
            tzdata=zone_rules(),
            state=state,
            why=list(one.why) if state is InstanceState.LEFT_OUT or one.lacks_interpreter else [],
        )
        work.session.add(row)
    work.session.flush()


def book_instance(
    work: Work, row: SeriesInstanceRow, wish: Wish, *, tell: bool, settled: Settled = EVERYBODY_COMES
) -> bool:
    """Book one instance at its wall time as an ordinary visit; what a rule refuses is left out, and why is kept.

    The visit's id comes from the instance's: asked for twice it is one visit.
    """
    visit = inviting.request_visit(work, wish, visit_id=visit_of(row.id), tell=tell, settled=settled)
    if isinstance(visit, Refused):
        row.state = InstanceState.LEFT_OUT
        row.why = list(dict.fromkeys(f"{reason.rule}/{reason.code}" for reason in visit.reasons))
    else:
        row.state, row.visit_id, row.why = InstanceState.BOOKED, visit.id, []
    work.session.add(row)
    work.session.flush()
    return not isinstance(visit, Refused)


def rows_of(work: Work, series: SeriesId) -> dict[str, SeriesInstanceRow]:
    """The rows of a series by original wall time."""
    query = select(SeriesInstanceRow).where(SeriesInstanceRow.series_id == series)
    return {row.original: row for row in work.session.exec(query)}


def record(
    work: Work,
    series: Series,
    event: EventType,
    *,
    reason: str = "",
    facts: tuple[tuple[str, str | int], ...] = (),
) -> None:
    """Record something about a series, once in the case of each child who shares it."""
    children = [series.child, *(one.child for one in series.sharing)]
    cases = {people.case_of(work, child): child for child in reversed(children)}
    for case, child in cases.items():
        ref = people.refs_of(work, [child], case=case)[child]
        work.record(
            AuditEvent(
                type=event,
                case=case,
                subjects=(Subject(ref=ref, role="child"),),
                reason=reason or None,
                facts=(("series", series.id), *facts),
            )
        )
