"""A plan of a week as it was kept: how it was made, how far it is, and its visits.  Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from contact_service.errors import BadInput, Conflict
from contact_service.ids import AccountId, CaseId, PersonId, VisitId
from contact_service.plans.terms import SupervisionLevel
from contact_service.texts import N_
from contact_service.visits.wish import ChildWished
from contact_service.week.outcome import Solver

# Whoever searches says so every second; after so long without a word nobody does.
LOST_AFTER = timedelta(seconds=15)
MOST_SECONDS, MOST_STEPS = 600, 10_000_000


class RunKind(StrEnum):
    """What is planned: visits that are wanted, or booked ones that can no longer be as they are."""

    PLAN = "plan"
    REPAIR = "repair"


class RunState(StrEnum):
    """How far a run is.  ``lost``: the process that searched is gone."""

    BUILDING = "building"
    SEARCHING = "searching"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"


RUNNING = (RunState.BUILDING, RunState.SEARCHING)


class DraftState(StrEnum):
    """What became of one visit of a draft."""

    DRAFT = "draft"
    ACCEPTED = "accepted"
    REFUSED = "refused"


# Why a visit of a draft is not asked for though no rule of booking was asked; by the codes that are kept with it.
NOT_ASKED = {
    "R54/child_out_of_reach": N_("You do not work with every child of this visit. Ask a worker who does."),
    "over": N_("This visit can no longer be changed."),
    "changed_since": N_("Somebody changed this visit after the plan was made. Mend the week again."),
    "has_enough": N_(
        "They have been given as many visits in this week as the plan asked for. Plan the week again, or book it by "
        "hand."
    ),
}


class NothingPlanned(Conflict):
    """This plan is not finished, or came to nothing. Plan the week again."""


class PlanUnderWay(Conflict):
    """A plan is being made just now. Wait until it is done, or stop it."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a week is to be planned.  ``steps`` given, the same week is planned the same on every machine."""

    week: date
    kind: RunKind = RunKind.PLAN
    solver: Solver = Solver.RECREATE
    seed: int = 1
    steps: int | None = None
    seconds: int | None = 30
    kept: tuple[str, ...] = ()
    not_before: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ``BadInput`` for what is no Monday or no limit, and for what mending a week would leave aside."""
        if self.week.weekday():
            raise BadInput("A week begins on a Monday. Choose one.", "week")
        if self.seconds is not None and not 1 <= self.seconds <= MOST_SECONDS:
            raise BadInput(f"Choose from 1 to {MOST_SECONDS} seconds.", "seconds")
        if self.steps is not None and not 0 <= self.steps <= MOST_STEPS:
            raise BadInput(f"Choose from 0 to {MOST_STEPS} steps.", "steps")
        if self.kind is RunKind.REPAIR:
            self._demand_plain()

    def _demand_plain(self) -> None:
        if self.solver is not Solver.RECREATE:
            raise BadInput("A week is mended by recreate. Leave the solver out.", "solver")
        if self.kept or self.not_before:
            raise BadInput(
                "Mending keeps what can stay by itself. Leave out what is to stay, and hours.", "kept"
            )


@dataclass(frozen=True, kw_only=True)
class Was:
    """When a booked visit was, and with whom, as its week was read."""

    starts_at: datetime
    supervisor: AccountId
    duty: AccountId


@dataclass(frozen=True, kw_only=True)
class PlannedVisit:
    """A visit of a plan.  ``starts_at``, ``supervisor`` and ``duty`` are None where it found no place.

    ``reasons``: codes of why it is where it is, or of why it has no place.  ``opening``: which supervisor would have to
    be there, from when until when, for a start.  ``was``: of a booked visit.  ``in_week``: how many visits these two
    would have in the week with all that the plan asks for; None of a booked one, and in runs that did not keep it.
    """

    id: VisitId
    number: int
    key: str
    case: CaseId
    child: PersonId
    people: tuple[PersonId, ...]
    caregiver: PersonId | None
    sharing: tuple[ChildWished, ...]
    length: timedelta
    level: SupervisionLevel
    priority: str
    makes_up: bool
    starts_at: datetime | None
    supervisor: AccountId | None
    duty: AccountId | None
    pinned: bool
    reasons: tuple[str, ...]
    opening: "Opening | None"
    booked: VisitId | None
    state: DraftState
    refusal: tuple[str, ...]
    was: Was | None = None
    in_week: int | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When it would be over."""
        return None if self.starts_at is None else self.starts_at + self.length

    @property
    def pair(self) -> tuple[PersonId, PersonId]:
        """Whose visit it is: the child, and whom the line of the plan is about."""
        return self.child, self.meeting[0]

    @property
    def meeting(self) -> tuple[PersonId, ...]:
        """Whom the child would meet."""
        return (*self.people, *(one.child for one in self.sharing))


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Hours in which ``supervisor`` would have to be there, for a visit that starts at ``starts_at``."""

    supervisor: AccountId
    first: datetime
    after: datetime
    starts_at: datetime


@dataclass(frozen=True, kw_only=True)
class PlanRun:
    """A run.  ``state`` is that of the moment it was read."""

    id: str
    kind: RunKind
    week: date
    zone: str
    solver: Solver
    version: str
    seed: int
    step_limit: int | None
    seconds: int | None
    state: RunState
    failure: str
    digest: str
    plan: str
    policy_version: int
    steps: int
    points: int
    placed: int
    wanted: int
    score: Mapping[str, int]
    bound: float | None
    weights: Mapping[str, int]
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    stop_asked: bool

    @property
    def is_running(self) -> bool:
        """Whether somebody still searches."""
        return self.state in RUNNING
