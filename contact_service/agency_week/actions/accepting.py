"""Ask for the visits of a draft by the ordinary door, with every rule; change booked ones where the draft mends a week.

Until here nobody was told of anything.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contact_service.actor import Role
from contact_service.agency_week.in_turn import in_turn
from contact_service.agency_week.queries.runs import run_for, visits_of_run
from contact_service.agency_week.run import (
    NOT_ASKED,
    DraftState,
    NothingPlanned,
    PlannedVisit,
    PlanRun,
    RunState,
    Was,
)
from contact_service.agency_week.tables import PlanRunVisitRow
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.ids import CaseId, PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.visits.actions.claiming import lock_everybody
from contact_service.visits.actions.moving import lock
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.of_many import visits_of_each
from contact_service.visits.visit import BOOKED, COUNTED, VisitState
from contact_service.visits.wish import ChildWished, Wish
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What became of one visit of a draft: ``visit`` once it is asked for, else why not.

    ``trouble``: in words, where no rule of booking was asked; ``code``: by which the draft keeps it.
    """

    planned: PlannedVisit
    visit: VisitId | None = None
    refused: Refused | None = None
    trouble: str = ""
    code: str = ""


class _Trouble(StrEnum):
    """Why a visit of a draft cannot even be asked for: a code of ``NOT_ASKED``."""

    OUT_OF_REACH = "R54/child_out_of_reach"
    OVER = "over"
    CHANGED = "changed_since"
    ENOUGH = "has_enough"


def accept(
    work: Work, run_id: str, chosen: Collection[str] | None = None, *, most: int | None = None
) -> list[Accepted]:
    """Ask for the chosen visits of a draft, or for all that have a place and that nobody has accepted.

    ``most``: no more than so many, those whose turn it is; everybody in them is locked until the transaction ends.

    What a rule refuses is kept and answered with its reasons; the others are asked for all the same.  A visit that was
    accepted before is not asked for again.  Raises ``NotFound`` for a visit of another run or out of reach.
    """
    if not work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker can ask for the visits of a plan.")
    run = run_for(work, run_id)
    if run.state not in (RunState.DONE, RunState.STOPPED):
        raise NothingPlanned
    visits = _chosen(visits_of_run(work, run_id), chosen)
    ahead = in_turn([one for one in visits if one.state is not DraftState.ACCEPTED])[:most]
    wishes = _wishes(work, ahead)
    # With those of booked visits as they stand: whoever is locked later might be waited for in a circle.
    lock_everybody(
        work, *(wish for wish in wishes.values() if isinstance(wish, Wish)), *_standing(work, ahead, wishes)
    )
    fresh = _states(work, ahead)
    done = [
        _accept(work, run.week, one, wishes[one.id])
        for one in ahead
        if fresh[one.id] is not DraftState.ACCEPTED
    ]
    if done:
        _record(work, run, done)
    ours = {one.planned.id for one in done}
    there = [one for one in visits if DraftState.ACCEPTED in (one.state, fresh.get(one.id))]
    return [
        *done,
        *(Accepted(planned=one, visit=one.booked or one.id) for one in there if one.id not in ours),
    ]


def _chosen(visits: Sequence[PlannedVisit], chosen: Collection[str] | None) -> list[PlannedVisit]:
    placed = [one for one in visits if one.starts_at is not None and "unchanged" not in one.reasons]
    if chosen is None:
        return placed
    found = [one for one in placed if one.id in chosen]
    if len(found) < len(set(chosen)):
        raise NotFound
    return found


def _states(work: Work, visits: Sequence[PlannedVisit]) -> dict[VisitId, DraftState]:
    """What became of them meanwhile: their people are locked, so whoever was faster is done."""
    found = {}
    for one in visits:
        row = work.session.get_one(PlanRunVisitRow, one.id, populate_existing=True)
        found[one.id] = DraftState(row.state)
    return found


def _wishes(work: Work, visits: Sequence[PlannedVisit]) -> dict[VisitId, Wish | _Trouble]:
    """What to ask for.  Booked visits are locked one after the other, in an order that all keep, and then read."""
    ordered = sorted(visits, key=lambda one: one.booked or one.id)
    return {one.id: _wish(work, one) if _reaches(work, one) else _Trouble.OUT_OF_REACH for one in ordered}


def _standing(
    work: Work, visits: Sequence[PlannedVisit], wishes: Mapping[VisitId, Wish | _Trouble]
) -> list[Wish]:
    """The booked visits that would change, as they are: their supervisors and rooms are given back."""
    changing = (one.booked for one in visits if isinstance(wishes[one.id], Wish))
    return [wish_of(visit_for(work, booked)) for booked in changing if booked is not None]


def _reaches(work: Work, one: PlannedVisit) -> bool:
    """Whether the actor works with every child of a visit (R54): asked first, for later it would undo the others."""
    try:
        cases = [
            people.case_of(work, child) for child in (one.child, *(other.child for other in one.sharing))
        ]
    except NotFound:
        return False
    return people.within_reach(work, cases) == cases


def _wish(work: Work, one: PlannedVisit) -> Wish | _Trouble:
    assert one.starts_at is not None
    zone = people.zone_of(work, one.case)
    if one.booked is not None:
        before = _before(work, one, one.booked)
        if isinstance(before, _Trouble):
            return before
        return replace(
            before, wall_start=_wall(one.starts_at, zone), supervisor=one.supervisor, duty=one.duty
        )
    return Wish(
        child=one.child,
        people=one.people,
        caregiver=one.caregiver,
        wall_start=_wall(one.starts_at, zone),
        length=one.length,
        level=one.level,
        supervisor=one.supervisor,
        duty=one.duty,
        sharing=one.sharing,
    )


def _before(work: Work, one: PlannedVisit, booked: VisitId) -> Wish | _Trouble:
    """The booked visit that would change, as long as it is what the plan was made from."""
    try:
        _, visit = lock(work, booked)
    except NotFound:
        return _Trouble.OUT_OF_REACH
    if visit.state not in BOOKED | {VisitState.REQUESTED}:
        return _Trouble.OVER
    before = wish_of(visit)
    drafted = (one.was, {*one.people}, one.length, one.level, _homes(one.child, one.caregiver, one.sharing))
    was = Was(starts_at=visit.starts_at, supervisor=visit.supervisor, duty=visit.duty)
    homes = _homes(before.child, before.caregiver, before.sharing)
    found = (was, {*before.people}, before.length, before.level, homes)
    return before if found == drafted and before.emergency is None else _Trouble.CHANGED


def _homes(
    child: PersonId, caregiver: PersonId | None, sharing: Sequence[ChildWished]
) -> set[tuple[PersonId, PersonId | None]]:
    return {(child, caregiver), *((other.child, other.caregiver) for other in sharing)}


def _wall(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _accept(work: Work, week: date, one: PlannedVisit, wish: Wish | _Trouble) -> Accepted:
    if not isinstance(wish, _Trouble) and _has_enough(work, week, one):
        wish = _Trouble.ENOUGH
    if isinstance(wish, _Trouble):
        return _kept(work, one, Accepted(planned=one, trouble=NOT_ASKED[wish], code=wish))
    try:
        if one.booked is not None:
            result = inviting.change(work, one.booked, wish)
        else:
            result = inviting.request_visit(work, wish, visit_id=one.id)
    except BadInput as error:
        return _kept(work, one, Accepted(planned=one, trouble=str(error)))
    if isinstance(result, Refused):
        return _kept(work, one, Accepted(planned=one, refused=result))
    return _kept(work, one, Accepted(planned=one, visit=result.id))


def _has_enough(work: Work, week: date, one: PlannedVisit) -> bool:
    """Whether these two were given, by hand or by another draft, what the week was to hold; their people are locked."""
    if one.in_week is None:
        return False
    zone = ZoneInfo(people.zone_of(work, one.case))
    given = [
        visit
        for visit in visits_of_each(work, [one.child])
        if visit.state in COUNTED
        and visit.people.issuperset(one.pair)  # whoever interprets: each visit may have another
        and week <= visit.starts_at.astimezone(zone).date() < week + timedelta(days=7)
    ]
    return len(given) >= one.in_week


def _kept(work: Work, one: PlannedVisit, done: Accepted) -> Accepted:
    row = work.session.get_one(PlanRunVisitRow, one.id)
    row.state = DraftState.ACCEPTED if done.visit else DraftState.REFUSED
    reasons = done.refused.reasons if done.refused else ()
    row.refusal = [done.code] if done.code else [f"{reason.rule}/{reason.code}" for reason in reasons]
    work.session.add(row)
    return done


def _record(work: Work, run: PlanRun, done: Sequence[Accepted]) -> None:
    """In every case of which a visit was accepted or refused: by which plan, and how many."""
    cases: dict[CaseId, list[Accepted]] = {}
    for one in done:
        cases.setdefault(one.planned.case, []).append(one)
    for case, own in cases.items():
        work.record(
            AuditEvent(
                type=EventType.PLAN_RUN_ACCEPTED,
                case=case,
                facts=(
                    ("run", run.id),
                    ("week", run.week.isoformat()),
                    ("asked_for", sum(one.visit is not None for one in own)),
                    ("refused", sum(one.visit is None for one in own)),
                    ("instance", run.digest[:64]),
                ),
            )
        )
