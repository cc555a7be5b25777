"""Contact plans and quiet hours: propose and keep; approving and declining are for people."""

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse

from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import (
    MOST_ENTRIES,
    AnId,
    Answer,
    Body,
    Day,
    Done,
    Id,
    Line,
    Made,
    MinuteOfDay,
    Nothing,
)
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach
from contact_service.approvals.actions.planning import approve_plan, decline_plan, propose_plan
from contact_service.errors import BadInput
from contact_service.ids import AccountId, OrderId, PersonId, PlanId
from contact_service.people.actions.recording import demand_person
from contact_service.people.queries import members as people
from contact_service.plans import actions, queries
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.plan import ContactPlan, PlanBasis, PlanState
from contact_service.plans.terms import (
    Demands,
    Frequency,
    GenderReason,
    LevelStep,
    Medium,
    Period,
    PlanPerson,
    PlanPurpose,
    Risk,
    SupervisionLevel,
)
from contact_service.policy.decision import Refused
from contact_service.service_accounts.scope import Scope
from contact_service.suitability.fit import Gender

router = APIRouter(route_class=OnceRoute, tags=["plans"])
Reader = Annotated[Desk, reading(Scope.PLANS_READ)]
Writer = Annotated[Desk, writing(Scope.PLANS_WRITE)]
Decider = Annotated[Desk, deciding()]
_MOST = 9999
Count = Annotated[int, Field(ge=0, le=_MOST)]


class WindowBody(Body):
    """Days of the week, and minutes after midnight where the child lives."""

    days: Annotated[list[Weekday], Field(min_length=1, max_length=7)] = Field(
        default_factory=lambda: list(Weekday)
    )
    earliest: MinuteOfDay = 0
    latest: MinuteOfDay = 24 * 60

    def window(self) -> Window:
        """The same as the product keeps it; raises ``BadInput`` for an end before the start."""
        if self.earliest >= self.latest:
            raise BadInput("The end is not after the start. Change one of them.", "latest")
        return Window(
            days=tuple(d for d in Weekday if d in self.days), earliest=self.earliest, latest=self.latest
        )


class FrequencyBody(Body):
    """At least and at most so many visits per period, so many days between two; null is not limited."""

    per: Period
    least: Count | None = None
    most: Count | None = None
    gap_days: Count | None = None


class StepBody(Body):
    """From a day on, another level."""

    on: Day
    level: SupervisionLevel


class DemandsBody(Body):
    """What the plan asks of whoever watches: trainings of the agency's policy; a woman or a man, with the reason."""

    trainings: Annotated[list[Line], Field(max_length=MOST_ENTRIES)] = Field(default_factory=list)
    gender: Gender | None = None
    gender_reason: GenderReason | None = None

    def demands(self) -> Demands:
        """The same as the product keeps it; raises ``BadInput`` for a gender without a reason, or the reverse."""
        return Demands(
            trainings=tuple(dict.fromkeys(self.trainings)), gender=self.gender, why=self.gender_reason
        )


class TermsBody(Body):
    """The terms under which the child meets one person by one medium."""

    person: Id
    medium: Medium = Medium.VIDEO
    level: SupervisionLevel = Field(examples=["supervised"])
    minutes: Annotated[int, Field(ge=1, le=_MOST)] = Field(examples=[45])
    risk: Risk = Risk.STANDARD
    purpose: PlanPurpose = PlanPurpose.KEEP_RELATIONSHIP
    frequency: FrequencyBody | None = None
    window: WindowBody = Field(default_factory=WindowBody)
    steps: Annotated[list[StepBody], Field(max_length=MOST_ENTRIES)] = Field(default_factory=list)
    supervised_by: Id | None = None
    order: Id | None = None
    supervisor: DemandsBody = Field(default_factory=DemandsBody)

    def terms(self) -> PlanPerson:
        """The same as the product keeps it."""
        often = self.frequency
        return PlanPerson(
            person=PersonId(self.person),
            medium=self.medium,
            level=self.level,
            length=timedelta(minutes=self.minutes),
            risk=self.risk,
            purpose=self.purpose,
            frequency=Frequency(**often.model_dump()) if often else None,
            window=self.window.window(),
            steps=tuple(LevelStep(on=step.on, level=step.level) for step in self.steps),
            supervised_by=AccountId(self.supervised_by) if self.supervised_by else None,
            order=OrderId(self.order) if self.order else None,
            demands=self.supervisor.demands(),
        )


class PlanBody(Body):
    """The next version of a child's plan, whole."""

    people: Annotated[list[TermsBody], Field(max_length=MOST_ENTRIES)]
    review_on: Day
    basis: PlanBasis = PlanBasis.AGREEMENT


class QuietBody(WindowBody):
    """Hours of the week in which a child has no visits."""

    kind: QuietKind


class KnownPlan(Answer):
    """One version of a plan."""

    id: str
    child: str
    version: int
    state: PlanState
    basis: PlanBasis
    review_on: date
    recorded_at: datetime
    decided_at: datetime | None
    people: list[TermsBody]


class KnownQuiet(Answer):
    """Quiet hours in force."""

    id: str
    kind: QuietKind
    days: list[Weekday]
    earliest: int
    latest: int


@router.get("/children/{child}/plans", operation_id="listPlans", summary="Every version of a child's plan")
def listed(desk: Reader, child: AnId) -> list[KnownPlan]:
    """Newest first; the newest approved one is in force."""
    member = child_within_reach(desk.work, child)
    return [shown(plan) for plan in queries.plans_of(desk.work, member.person)]


@router.get("/plans/{plan}", operation_id="readPlan", summary="One version of a plan")
def one(desk: Reader, plan: AnId) -> KnownPlan:
    """As a visit was approved under it."""
    found = queries.plan_version(desk.work, PlanId(plan))
    people.case_for(desk.work, found.case)
    return shown(found)


@router.post(
    "/children/{child}/plans",
    status_code=201,
    response_model=KnownPlan,
    operation_id="proposePlan",
    summary="Put the next version before an approver",
)
def propose(desk: Writer, child: AnId, body: PlanBody) -> KnownPlan | JSONResponse:
    """Until it is approved the one in force stands."""
    member = child_within_reach(desk.work, child)
    terms = [one.terms() for one in body.people]
    result = propose_plan(
        desk.work, member.person, with_people=terms, review_on=body.review_on, basis=body.basis
    )
    if isinstance(result, Refused):
        return problems.refused(result)
    return shown(queries.plan_version(desk.work, result))


@router.post(
    "/plans/{plan}/approve",
    response_model=KnownPlan,
    operation_id="approvePlan",
    summary="Put a version in force (a person decides)",
)
def approve(desk: Decider, plan: AnId, body: Nothing) -> KnownPlan | JSONResponse:  # noqa: ARG001
    """Never one's own."""
    result = approve_plan(desk.work, PlanId(plan))
    return problems.refused(result) if isinstance(result, Refused) else shown(result)


@router.post(
    "/plans/{plan}/decline", operation_id="declinePlan", summary="Say no to a version (a person decides)"
)
def decline(desk: Decider, plan: AnId, body: Nothing) -> KnownPlan:  # noqa: ARG001  refuses unknown members
    """The one in force stands."""
    return shown(decline_plan(desk.work, PlanId(plan)))


@router.get(
    "/children/{child}/quiet-hours", operation_id="listQuietHours", summary="When a child has no visits"
)
def quiet(desk: Reader, child: AnId) -> list[KnownQuiet]:
    """Those in force, as recorded."""
    member = child_within_reach(desk.work, child)
    return [
        KnownQuiet(
            id=key, kind=q.kind, days=list(q.window.days), earliest=q.window.earliest, latest=q.window.latest
        )
        for key, q in queries.quiet_hours_of(desk.work, member.person)
    ]


@router.post(
    "/children/{child}/quiet-hours", status_code=201, operation_id="addQuietHours", summary="Keep hours free"
)
def add_quiet(desk: Writer, child: AnId, body: QuietBody) -> Made:
    """School, bedtime, therapy."""
    member = child_within_reach(desk.work, child)
    demand_person(desk.work, member.person)
    hours = QuietHours(kind=body.kind, window=body.window())
    return Made(id=actions.add_quiet_hours(desk.work, member.person, hours))


@router.post(
    "/children/{child}/quiet-hours/{quiet}/end",
    operation_id="endQuietHours",
    summary="Keep hours free no more",
)
def end_quiet(desk: Writer, child: AnId, quiet: AnId, body: Nothing) -> Done:  # noqa: ARG001
    """From now."""
    member = child_within_reach(desk.work, child)
    demand_person(desk.work, member.person)
    actions.end_quiet_hours(desk.work, member.person, quiet)
    return Done(id=quiet, at=desk.work.now)


def shown(plan: ContactPlan) -> KnownPlan:
    """A version as callers see it."""
    return KnownPlan(
        id=plan.id,
        child=plan.child,
        version=plan.version,
        state=plan.state,
        basis=plan.basis,
        review_on=plan.review_on,
        recorded_at=plan.recorded_at,
        decided_at=plan.decided_at,
        people=[_terms_shown(terms) for terms in plan.people],
    )


def _terms_shown(terms: PlanPerson) -> TermsBody:
    often, window = terms.frequency, terms.window
    return TermsBody(
        person=terms.person,
        medium=terms.medium,
        level=terms.level,
        minutes=int(terms.length.total_seconds() // 60),
        risk=terms.risk,
        purpose=terms.purpose,
        frequency=FrequencyBody(**vars(often)) if often else None,
        window=WindowBody(days=list(window.days), earliest=window.earliest, latest=window.latest),
        steps=[StepBody(on=step.on, level=step.level) for step in terms.steps],
        supervised_by=terms.supervised_by,
        order=terms.order,
        supervisor=DemandsBody(
            trainings=list(terms.demands.trainings),
            gender=terms.demands.gender,
            gender_reason=terms.demands.why,
        ),
    )
