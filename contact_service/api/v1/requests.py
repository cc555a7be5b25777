"""Ask for a visit, change it, take it back, call it off; and why a visit cannot be."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import JSONResponse

from contact_service.actor import Role
from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, reading, writing
from contact_service.api.v1.bodies import (
    MOST_ENTRIES,
    AnId,
    Answer,
    Body,
    Id,
    OnVisit,
    Text,
    WallStart,
    demand_revision,
)
from contact_service.api.v1.busy import BusyTimes, Mark, busy_with_mark, keep_known
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import children_within_reach
from contact_service.api.v1.problems import RefusingRule
from contact_service.api.v1.visits import KnownVisit, VisitInFull, in_full, shown
from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotAllowed, PersonNeeded
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.notifications import actions as outbox
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.proposals.actions.proposing import propose
from contact_service.proposals.proposal import MOST_TIMES
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions import booking, ending
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.optional import MOST_OPTIONAL, IfTheyCan
from contact_service.visits.queries.busy import busy_at
from contact_service.visits.queries.explaining import why_not
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.reasons import CancelReason, EmergencyReason
from contact_service.visits.record import LONGEST_SECTION, Remark
from contact_service.visits.visit import Visit
from contact_service.visits.wish import ChildWished, Wish

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
Asker = Annotated[Desk, writing(Scope.VISITS_REQUEST)]
_LONGEST_MINUTES = 10_000
Minutes = Annotated[int, Field(ge=1, le=_LONGEST_MINUTES)]
Sharing = Annotated[str, Field(pattern="^[0-9a-f]{32}:[0-9a-f]{32}$")]


OPTIONAL = (
    "Of the people and of the children in ``sharing``, those who come only if they can.  "
    "Everybody else must be there, and at least one person whom the child meets."
)
QUORUM = "At least how many of ``optional`` must be able to come."


class ChildWishedBody(Body):
    """A further child whose visit it would be too, and who would start it for them."""

    child: Id
    caregiver: Id


def sharing_of(texts: Iterable[str]) -> list[ChildWishedBody]:
    """Children and their carers, written child:carer."""
    parts = (one.partition(":") for one in texts)
    return [ChildWishedBody(child=child, caregiver=carer) for child, _, carer in parts]


class WishBody(Body):
    """A visit as it is wished for; the carer is one of ``people``."""

    people: Annotated[list[Id], Field(max_length=MOST_ENTRIES)]
    starts: WallStart
    minutes: Minutes = Field(examples=[30])
    level: SupervisionLevel = Field(examples=["supervised"])
    visit_supervisor: Id
    duty: Id = Field(description="Who of the staff answers throughout the visit.")
    emergency: EmergencyReason | None = Field(
        default=None,
        description="Why rules of time and number should be set aside; a person asks, an approver agrees.",
    )
    sharing: Annotated[list[ChildWishedBody], Field(max_length=MOST_ENTRIES)] = Field(
        default_factory=list,
        description="Brothers and sisters who share it, each from home; every rule is asked for each child.",
    )
    remark: Annotated[str, Field(max_length=LONGEST_SECTION)] = Field(
        default="", description="For the approver; sealed."
    )


class OptionalBody(WishBody):
    """A visit to which some come only if they can."""

    optional: list[Id] = Field(default_factory=list, max_length=MOST_OPTIONAL, description=OPTIONAL)
    quorum: int = Field(default=0, ge=0, le=MOST_OPTIONAL, description=QUORUM)
    known: Mark = ""

    @property
    def if_they_can(self) -> IfTheyCan:
        """Who of it comes if they can."""
        return IfTheyCan(people=tuple(map(PersonId, self.optional)), quorum=self.quorum)


class NewVisit(OptionalBody):
    """A visit that is asked for, at one time or at one of several among which the family chooses."""

    child: Id
    or_at: Annotated[list[WallStart], Field(max_length=MOST_TIMES - 1)] = Field(
        default_factory=list,
        description="Further times; an approver decides on all, then the family chooses.",
    )
    asked: Annotated[list[Id], Field(max_length=MOST_ENTRIES)] = Field(
        default_factory=list, description="Who of the visit chooses, by a link; only with ``or_at``."
    )
    optional: list[Id] = Field(default_factory=list, max_length=MOST_OPTIONAL, description=OPTIONAL)


class ChangeBody(OptionalBody, OnVisit):
    """A visit as it shall be instead.  Without ``optional``, who comes if they can stays as it was."""


class CancelBody(OnVisit):
    """Why a visit is called off.  Reasons that punish are not offered."""

    reason: CancelReason
    remark: Text = Field(default="", description="Sealed; a text that makes contact a punishment is refused.")


class AskedAbout(Body):
    """A visit about which is asked why it cannot be; the carer is one of ``person``."""

    child: Id
    person: Annotated[list[Id], Field(max_length=MOST_ENTRIES)]
    starts: WallStart
    minutes: Minutes = 30
    level: SupervisionLevel = SupervisionLevel.SUPERVISED
    sharing: Annotated[list[Sharing], Field(max_length=MOST_ENTRIES)] = Field(
        default_factory=list,
        description="child:carer of each brother or sister who shares it: the mark of `busy` is of them too.",
    )


class SmallestChange(Answer):
    """What would have to be different; null where it may stay."""

    level: SupervisionLevel | None
    minutes: int | None
    starts_at: datetime | None


class Explanation(Answer):
    """Whether a visit may be booked, why not, and the smallest change that would make it possible."""

    may_be_booked: bool
    passed: list[str] = Field(examples=[["R1", "R2"]])
    rules: list[RefusingRule]
    change: SmallestChange | None
    busy: BusyTimes = Field(
        description="Who is busy then by a calendar of their own.  No rule says no for that; where nobody knew of it, "
        "it puts the visit in doubt.  Empty for a service account that may not ask for visits."
    )


@router.get("/visits/why-not", operation_id="explainVisit", summary="Why can this visit not be?")
def explain(
    desk: Reader,
    about: Annotated[AskedAbout, Query()],
) -> Explanation:
    """Every rule that says no, and the smallest change; books nothing, and takes for granted that staff are found."""
    body = WishBody(
        people=about.person,
        starts=about.starts,
        minutes=about.minutes,
        level=about.level,
        visit_supervisor="0" * 32,
        duty="0" * 32,
        sharing=sharing_of(about.sharing),
    )
    found, *_ = children_within_reach(desk.work, [about.child, *(one.child for one in body.sharing)])
    wish = wish_of(desk, found, body)
    explanation = why_not(desk.work, wish)
    decision, change = explanation.decision, explanation.change
    reasons = decision.reasons if isinstance(decision, Refused) else ()
    return Explanation(
        may_be_booked=not isinstance(decision, Refused),
        passed=list(decision.passed),
        rules=problems.rules_of(reasons),
        change=SmallestChange(
            level=change.level,
            minutes=int(change.length.total_seconds() // 60) if change.length else None,
            starts_at=change.starts_at,
        )
        if change
        else None,
        busy=busy_with_mark(busy_at(desk.work, wish)),
    )


@router.post(
    "/visits",
    status_code=201,
    response_model=VisitInFull,
    operation_id="requestVisit",
    summary="Ask for a visit",
)
def request(desk: Asker, body: NewVisit) -> VisitInFull | JSONResponse:
    """It stands ``requested`` and waits for an approver; rules that say no are a problem, and book nothing.

    No rule says no to a time at which somebody is busy by a calendar of their own; the answer names them.
    With ``optional`` it is booked with exactly those of them who can come then, as many as the rules allow; the answer
    names everybody who is in the visit.  Where fewer than ``quorum`` can, nothing is booked.  With ``or_at`` each time
    keeps those who can come then, and the chosen one has exactly them.
    """
    _demand_worker(desk)
    child, *_ = children_within_reach(desk.work, [body.child, *(one.child for one in body.sharing)])
    wish = wish_of(desk, child, body)
    if (body.optional or body.quorum) and not body.or_at:
        found = inviting.request_with_those_who_can(desk.work, wish, body.if_they_can)
        return _answered(desk, found, body, wish)
    if not body.or_at:
        return _answered(desk, inviting.request_visit(desk.work, wish), body, wish)
    times, asked = [body.starts, *body.or_at], [PersonId(one) for one in body.asked]
    result = propose(desk.work, wish, times, asked, visit_id=desk.work.new_id(), optional=body.if_they_can)
    return _answered(desk, result, body, wish)


@router.post(
    "/visits/{visit}/change", response_model=VisitInFull, operation_id="changeVisit", summary="Change a visit"
)
def change(desk: Asker, visit: AnId, body: ChangeBody) -> VisitInFull | JSONResponse:
    """Its approval is void and its links are dead.

    With ``optional`` it has exactly those of them who can come then, as when a visit is asked for.
    """
    found = visit_for(desk.work, VisitId(visit))
    _demand_worker(desk)
    demand_revision(found, body.revision)
    wish = wish_of(desk, found.child, body)
    if body.optional or body.quorum:
        result = inviting.change_with_those_who_can(desk.work, found.id, wish, body.if_they_can)
    else:
        result = inviting.change(desk.work, found.id, wish)
    return _answered(desk, result, body, wish)


@router.post("/visits/{visit}/withdraw", operation_id="withdrawVisit", summary="Take a request back")
def withdraw(desk: Asker, visit: AnId, body: OnVisit) -> KnownVisit:
    """Only while nobody has decided."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    return shown(desk.work, booking.withdraw_request(desk.work, found.id))


@router.post("/visits/{visit}/cancel", operation_id="cancelVisit", summary="Call a visit off")
def cancel(desk: Asker, visit: AnId, body: CancelBody) -> KnownVisit:
    """Links die, and everybody who was invited is told."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    return shown(desk.work, inviting.cancel(desk.work, found.id, body.reason, body.remark))


@router.post(
    "/visits/{visit}/ask-again", operation_id="askAgain", summary="Put a suspended visit before an approver"
)
def ask_again(desk: Asker, visit: AnId, body: OnVisit) -> KnownVisit:
    """As a fresh room in which nobody has been yet."""
    found = visit_for(desk.work, VisitId(visit))
    demand_revision(found, body.revision)
    return shown(desk.work, ending.ask_again(desk.work, found.id))


@router.post(
    "/visits/{visit}/send-again", operation_id="sendAgain", summary="Try every failed message once more"
)
def send_again(desk: Asker, visit: AnId, body: OnVisit) -> KnownVisit:
    """The visit itself does not change."""
    found = visit_for(desk.work, VisitId(visit))
    _demand_worker(desk)
    demand_revision(found, body.revision)
    if outbox.send_again(desk.work, found.id):
        record(desk.work, found.room, EventType.MESSAGE_QUEUED, Why(reason="sent_again", people=()))
    return shown(desk.work, visit_for(desk.work, found.id))


def _demand_worker(desk: Desk) -> None:
    if not desk.work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker can book a visit.")


def _answered(
    desk: Desk, result: Visit | Refused, body: OptionalBody, wish: Wish
) -> VisitInFull | JSONResponse:
    if isinstance(result, Refused):
        return problems.refused(result)
    visit = visit_for(desk.work, result.id)
    if body.known:
        walls = sorted({wish.wall_start, *(body.or_at if isinstance(body, NewVisit) else ())})
        asked = [busy_at(desk.work, replace(wish, wall_start=wall)) for wall in walls]
        keep_known(desk.work, visit, body.known, asked=asked)
    keep_remark(desk.work, result, Remark.REQUEST, body.remark)
    return in_full(desk.work, visit)


def wish_of(desk: Desk, child: PersonId, body: WishBody) -> Wish:
    """The body as a wish; raises ``BadInput`` for people who are not of this case.

    ``PersonNeeded`` from a machine that asks for an emergency: two people set rules aside, each with their own name.
    """
    if body.emergency is not None and desk.machine is not None:
        raise PersonNeeded
    case = people.case_of(desk.work, child)
    roles = {member.person: member.role for member in people.members_of(desk.work, case, child=child)}
    picked = [PersonId(person) for person in body.people]
    if not set(picked) <= roles.keys():
        raise BadInput("Choose people of this case.", "people")
    sharing = children_within_reach(desk.work, (one.child for one in body.sharing))
    carers = [person for person in picked if roles[person] is MemberRole.CAREGIVER]
    return Wish(
        child=child,
        people=tuple(person for person in picked if person not in carers),
        caregiver=carers[0] if carers else None,
        wall_start=body.starts,
        length=timedelta(minutes=body.minutes),
        level=body.level,
        supervisor=AccountId(body.visit_supervisor),
        duty=AccountId(body.duty),
        emergency=body.emergency,
        sharing=tuple(
            ChildWished(child=also, caregiver=PersonId(one.caregiver))
            for also, one in zip(sharing, body.sharing, strict=True)
        ),
    )
