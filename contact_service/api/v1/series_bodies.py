"""What callers send and are sent about series."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from contact_service.api.v1.bodies import MOST_ENTRIES, Answer, Body, Day, Id, Line, Text, Wall, WallStart
from contact_service.api.v1.busy import BusyTime
from contact_service.api.v1.problems import RefusingRule
from contact_service.api.v1.requests import OPTIONAL, QUORUM, Minutes, Sharing
from contact_service.plans.hours import Weekday
from contact_service.plans.terms import SupervisionLevel
from contact_service.series.pattern import MOST_INSTANCES
from contact_service.series.series import Fit, InstanceState
from contact_service.visits.optional import MOST_OPTIONAL
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import VisitState

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["16:00"])]
Marks = Annotated[
    list[Line],
    Field(
        max_length=MOST_INSTANCES,
        description="`busy_mark` of the visits that were checked, once you have asked them: these busy times do not "
        "put the visits in doubt then.  A mark of something else than what makes somebody busy then changes nothing.",
    ),
]
Weeks = Annotated[int, Field(description="It comes again every so many weeks, 1 to 26.")]


class WishInSeries(Body):
    """Who meets how; the carer is one of ``people``.  There are no emergencies in a series."""

    people: Annotated[list[Id], Field(max_length=MOST_ENTRIES)]
    sharing: Annotated[list[Sharing], Field(max_length=MOST_ENTRIES)] = Field(
        default_factory=list, description="child:carer of each brother or sister who shares it."
    )
    optional: Annotated[list[Id], Field(max_length=MOST_OPTIONAL)] = Field(
        default_factory=list,
        description=f"{OPTIONAL}  To each visit anew; where a series goes on, without it who does stays as it was.",
    )
    quorum: Annotated[int, Field(ge=0, le=MOST_OPTIONAL)] = Field(default=0, description=QUORUM)
    minutes: Minutes = 30
    level: SupervisionLevel = SupervisionLevel.SUPERVISED
    visit_supervisor: Id
    duty: Id
    weekday: Weekday = Field(examples=["wednesday"])
    clock: Clock = Field(description="The clock on the wall where the child lives.")


class WantedSeries(WishInSeries):
    """A series: the first such weekday on or after ``first``, and then to ``last``, at most 400 days later."""

    child: Id
    first: Day
    last: Day
    every: Weeks = 1


class NewSeriesBody(WantedSeries):
    """A series that is asked for."""

    only_all: bool = Field(default=False, description="Book nothing unless every visit can be.")
    known: Marks = Field(default_factory=list)


class OnwardBody(WishInSeries):
    """How a series goes on from one instance; number of weeks and last week stay."""

    instance: Id


class SplitBody(OnwardBody):
    """The same, to be done."""

    only_all: bool = False
    known: Marks = Field(default_factory=list)


class LongerBody(Body):
    """Until when a series goes on."""

    last: date
    only_all: bool = False
    known: Marks = Field(default_factory=list)


class MoveBody(Body):
    """Another time for one visit."""

    starts: WallStart


class WhyBody(Body):
    """Why it is called off.  Reasons that punish are not offered."""

    reason: CancelReason
    remark: Text = ""


class Elsewhere(Answer):
    """What the clock of others shows, on which day there; ``shifted``: another time of day than at most visits."""

    zone: str
    people: list[str]
    day: date
    clock: str = Field(examples=["11:00"])
    shifted: bool


class CheckedInstance(Answer):
    """A visit of a series, and what the rules say of it as if the ones before were booked.

    ``left_out``: of those who come if they can, who could not; ``too_few``: it does not fit for fewer than must can.
    """

    wall: Wall
    starts_at: datetime | None
    fit: Fit
    rules: list[RefusingRule]
    left_out: list[str]
    too_few: bool
    busy_mark: str = Field(description="A mark of exactly those who are busy then; empty where nobody is.")
    busy: list[BusyTime] = Field(
        description="Who is busy then by a calendar of their own, where it fits otherwise, as far as their case is "
        "within reach.  Empty for a service account that may not ask for visits."
    )
    elsewhere: list[Elsewhere]


class KnownInstance(Answer):
    """One instance.  ``original`` never changes; ``starts_at`` is when it is now; ``why`` are rules and codes."""

    id: str
    original: Wall
    starts_at: datetime | None
    moved: bool
    state: InstanceState
    visit: str | None
    visit_state: VisitState | None
    why: list[str]
    tzdata: str
    elsewhere: list[Elsewhere]


class ChildOfSeries(Answer):
    """A further child who shares it.  ``caregiver`` is null for a child whose case is out of reach."""

    child: str
    caregiver: str | None


class KnownSeries(Answer):
    """A series; wall times are those of ``zone``, where the child lives, or else a brother or sister within reach.

    ``optional`` come if they can, at least ``quorum`` of them.

    ``caregiver`` is null where the case of ``child`` is out of reach.
    """

    id: str
    case: str
    child: str
    people: list[str]
    sharing: list[ChildOfSeries]
    caregiver: str | None
    optional: list[str]
    quorum: int
    minutes: int
    level: SupervisionLevel
    visit_supervisor: str
    duty: str
    zone: str
    weekday: Weekday
    clock: Clock
    every: int
    first: date
    last: date
    ended_at: datetime | None
    follows: str | None
    followed_by: str | None
    seen: str = Field(description="Marks what waits for an approver; to be sent when it is approved.")
    instances: list[KnownInstance]


class SeenBody(Body):
    """``seen`` of the series as the approver saw it; where other visits wait now, or one was changed, a conflict."""

    seen: Line


class ApprovedSeries(Answer):
    """How many were approved, and which rules refused others."""

    approved: int
    rules: list[RefusingRule]
    series: KnownSeries
