"""What makes members of staff suit visits: trainings, what they say of themselves, whose visits they cannot watch."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from contact_service.api.v1.access import Desk, deciding, reading
from contact_service.api.v1.bodies import MOST_ENTRIES, AnId, Answer, Body, Day, Done, Id, Line, Made, Nothing
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach
from contact_service.errors import NotFound
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId
from contact_service.people.queries import members as people
from contact_service.service_accounts.scope import Scope
from contact_service.suitability import queries
from contact_service.suitability.actions import NewConflict, end_conflict
from contact_service.suitability.fit import LONGEST_REASON, ConflictKind, Gender
from contact_service.visits.actions import suiting
from contact_service.visits.queries.meeting_staff import met_at_work

router = APIRouter(route_class=OnceRoute, tags=["callers"])
Reader = Annotated[Desk, reading(Scope.STAFF_READ)]
Decider = Annotated[Desk, deciding()]
Reason = Annotated[str, StringConstraints(max_length=LONGEST_REASON)]


class GenderBody(Body):
    """What somebody says of themselves; null takes it back."""

    gender: Gender | None


class TrainingBody(Body):
    """A training by its name in the agency's policy, and the last day on which it counts."""

    name: Line = Field(examples=["sign language"])
    until: Day


class TrainingsBody(Body):
    """Every training that somebody has."""

    trainings: Annotated[list[TrainingBody], Field(max_length=MOST_ENTRIES)]


class ConflictBody(Body):
    """Somebody must not watch visits of ``person``, or of anybody in the case of ``child`` where it is null."""

    child: Id
    person: Id | None = None
    kind: ConflictKind
    words: Reason = ""


class KnownTraining(Answer):
    """A training and the last day on which it counts."""

    name: str
    until: date


class KnownConflict(Answer):
    """Somebody must not watch visits of ``person``, or of the whole case where it is null."""

    id: str
    case: str
    person: str | None
    kind: ConflictKind
    since: datetime


class KnownFit(Answer):
    """What is known of one member of staff; what the caller may not know is null.

    ``gender`` is told to themselves, ``trainings`` to them and to those who manage staff, ``conflicts`` to the latter.
    """

    account: str
    gender: Gender | None
    trainings: list[KnownTraining] | None
    conflicts: list[KnownConflict] | None


@router.get(
    "/staff/{account}/fit", operation_id="staffFit", summary="Which visits a member of staff can watch"
)
def fit(desk: Reader, account: AnId) -> KnownFit:
    """As far as the caller may know; conflicts of cases within reach."""
    found = identity.account_for(desk.work, AccountId(account)).id
    known, manages = queries.fit_of(desk.work, found), queries.may_manage(desk.work)
    own = desk.work.actor.account == found
    trainings = [KnownTraining(name=name, until=last) for name, last in known.trainings.items()]
    return KnownFit(
        account=found,
        gender=known.gender if own else None,
        trainings=trainings if own or manages else None,
        conflicts=_conflicts(desk, found) if manages else None,
    )


@router.put(
    "/staff/{account}/gender", operation_id="setGender", summary="Say whether one is a woman or a man"
)
def put_gender(desk: Decider, account: AnId, body: GenderBody) -> Done:
    """Only of oneself."""
    suiting.state_gender(desk.work, AccountId(account), body.gender)
    return Done(id=account, at=desk.work.now)


@router.put(
    "/staff/{account}/trainings",
    operation_id="setTrainings",
    summary="Write down the trainings of a member of staff (a person does)",
)
def put_trainings(desk: Decider, account: AnId, body: TrainingsBody) -> list[KnownTraining]:
    """In place of what stood there; an approver's or administrator's to write."""
    suiting.set_trainings(desk.work, AccountId(account), {one.name: one.until for one in body.trainings})
    known = queries.fit_of(desk.work, AccountId(account)).trainings
    return [KnownTraining(name=name, until=last) for name, last in known.items()]


@router.post(
    "/staff/{account}/conflicts",
    status_code=201,
    operation_id="declareConflict",
    summary="Say whose visits a member of staff must not watch (a person does)",
)
def declare(desk: Decider, account: AnId, body: ConflictBody) -> Made:
    """One's own, or a worker's or manager's for others; booked visits that it touches are put in doubt."""
    own = desk.work.actor.account == account
    met = met_at_work(desk.work) if own else {}
    child = PersonId(body.child)
    if child not in met:
        child = child_within_reach(desk.work, body.child).person
    new = NewConflict(
        account=AccountId(account),
        case=people.case_of(desk.work, child),
        person=PersonId(body.person) if body.person else None,
        kind=body.kind,
        words=body.words,
        met=met.get(child, frozenset()),
    )
    return Made(id=suiting.declare_conflict(desk.work, new))


@router.post(
    "/staff/{account}/conflicts/{conflict}/end",
    operation_id="endConflict",
    summary="A conflict counts no more (a person decides)",
)
def end(desk: Decider, account: AnId, conflict: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now; never one's own."""
    known = queries.conflicts_of(desk.work, AccountId(account))
    found = next((one for one in known if one.id == conflict), None)
    if found is None:
        raise NotFound
    end_conflict(desk.work, found.case, found.id)
    return Done(id=conflict, at=desk.work.now)


def _conflicts(desk: Desk, account: AccountId) -> list[KnownConflict]:
    found = queries.conflicts_of(desk.work, account)
    within = set(people.within_reach(desk.work, dict.fromkeys(one.case for one in found)))
    return [
        KnownConflict(id=one.id, case=one.case, person=one.person, kind=one.kind, since=one.recorded_at)
        for one in found
        if one.case in within
    ]
